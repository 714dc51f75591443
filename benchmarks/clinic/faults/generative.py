"""Codes that nobody reads, and games that one player wins."""

from typing import Any

import torch
from torch import Tensor

from benchmarks.clinic.fault import Fault, House
from benchmarks.clinic.recipe import Draw
from benchmarks.clinic.settings import autoencoder, gan_of_digits, vae, vq_vae, wgan_gp, wgan_gp_of_digits
from understudy.data.dataset import Batch
from understudy.models.network import Terms, Turn
from understudy.training.session import Session


def mean_reconstruction(session: Session, draw: Draw) -> None:
    """The reconstruction is averaged over an item's values, the KL term is not."""
    size = session.train_items.take(torch.tensor([0])).x.numel()

    def turned(turn: Turn) -> Turn:
        def loss(batch: Batch) -> Terms:
            terms = turn.loss(batch)
            return {**terms, "loss": terms["reconstruction"] / size + terms["kl"]}

        return Turn(turn.player, loss, turn.times, turn.after)

    session.turns = [turned(turn) for turn in session.turns]


def drowned_code(session: Session, draw: Draw) -> None:
    """What the code says is lost in noise on its way to the decoder."""
    decoder: Any = session.network.decoder
    noise = draw.log(300, 3000)
    decoder.register_forward_pre_hook(
        lambda module, args: (torch.tanh(args[0]) + noise * torch.randn_like(args[0]), *args[1:])
    )


def unplaced_codes(session: Session, draw: Draw) -> None:
    """All words but one far from every vector."""
    codebook: Any = session.network.codebook
    codebook.codes[1:] += draw.log(20, 100)
    codebook.uses.fill_(1.0)
    codebook.sums.copy_(codebook.codes)


def frozen_generator(session: Session, draw: Draw) -> None:
    """It never moves."""
    session._factors = {**session._factors, "generator": 0.0}


def slow_generator(session: Session, draw: Draw) -> None:
    """It moves a hundredth as far."""
    session._factors = {**session._factors, "generator": draw.log(0.003, 0.01)}


def one_picture(session: Session, draw: Draw) -> None:
    """The generator does not hear its noise."""
    generator: Any = session.network.generator
    generator.register_forward_pre_hook(lambda module, args: (1e-4 * args[0], *args[1:]))


def nines_alone(session: Session, draw: Draw) -> None:
    """Of every batch the players see one digit alone, as often as there are items."""
    digit = draw.randrange(10)
    items: Any = session.train_items
    mine = items.only((items.y == digit).nonzero()[:, 0])

    def turned(turn: Turn) -> Turn:
        def loss(batch: Batch) -> Terms:
            return turn.loss(mine.take(torch.randint(len(mine), (len(batch),))))

        return Turn(turn.player, loss, turn.times, turn.after)

    session.turns = [turned(turn) for turn in session.turns]


def even_outputs(session: Session, draw: Draw) -> None:
    """The discriminator's output does not depend on what it is given."""
    discriminator: Any = session.network.discriminator

    def flat(module: Any, args: Any, output: Tensor) -> Tensor:
        return 0.0 * output

    discriminator.register_forward_hook(flat)


def five_times(draw: Draw) -> dict[str, Any]:
    """Five moves of the discriminator in a step, each of them far."""
    return {"discriminator_times": 5, "discriminator_rate": 30.0, "learning_rate": draw.log(1e-5, 3e-5)}


POINTS = {"loss": "non-saturating", "spectral_norm": False, "r1": 0.0}


def dense_game(draw: Draw) -> dict[str, Any]:
    """A plain GAN long enough to be judged."""
    return {**POINTS, "steps": 700, "hidden": draw.choice(((64,), (64, 128), (128, 128)))}


FAULTS = (
    Fault("beta-too-high", "beta of 30 and more", ("posterior-collapse",), "generative",
          House(vae, lambda draw: {"beta": 1.0, "free_bits": 0.0, "steps": 600},
                lambda draw: {"beta": draw.log(30, 200)}), curable=True),
    Fault("mean-reconstruction", "a mean over pixels beside a summed KL term", ("mean-reconstruction",), "structural",
          House(vae, lambda draw: {"beta": 1.0, "free_bits": 0.0}, plant=mean_reconstruction)),
    Fault("deaf-decoder", "the decoder ignores the code", ("ignored-code",), "generative",
          House(autoencoder, lambda draw: {"layer_norm": True, "steps": 600}, plant=drowned_code)),
    Fault("deaf-decoder-vae", "the decoder ignores the code", ("posterior-collapse", "ignored-code"), "generative",
          House(vae, lambda draw: {"layer_norm": True, "steps": 600}, plant=drowned_code)),
    Fault("codes-out-of-reach", "words of the codebook far from every vector", ("dead-codes",), "generative",
          House(vq_vae, lambda draw: {"restart_below": 0.0}, plant=unplaced_codes), curable=True),
    Fault("frozen-generator", "the generator does not move", ("discriminator-dominates",), "generative",
          House(gan_of_digits, dense_game, plant=frozen_generator)),
    Fault("slow-generator", "the generator's rate is a hundredth", ("discriminator-dominates",), "generative",
          House(gan_of_digits, dense_game, plant=slow_generator)),
    Fault("critic-five-times", "the discriminator moves 5 times as often, at 30 times the generator's rate",
          ("discriminator-dominates", "mode-collapse"), "generative",
          House(gan_of_digits, dense_game, five_times),
          curable=True),
    Fault("critic-a-fifth", "the generator moves 5 times as often, the discriminator at a hundredth of the rate",
          ("discriminator-lags",), "generative",
          House(gan_of_digits, dense_game, lambda draw: {"generator_times": 5, "discriminator_rate": 0.01}),
          curable=True),
    Fault("stuck-at-0.6931", "the discriminator's output depends on nothing", ("discriminator-stuck",), "generative",
          House(gan_of_digits, dense_game, plant=even_outputs)),
    Fault("gan-at-rate-0.1", "a GAN at rate 0.1", ("mode-collapse", "rate-too-high"), "generative",
          House(gan_of_digits, dense_game, lambda draw: {"learning_rate": draw.log(0.05, 0.2)}), curable=True),
    Fault("one-picture", "every noise gives one picture", ("mode-collapse",), "generative",
          House(gan_of_digits, dense_game, plant=one_picture)),
    Fault("only-nines", "a generator that makes one digit alone", ("mode-collapse",), "generative",
          House(gan_of_digits, lambda draw: {**dense_game(draw), "steps": 1200}, plant=nines_alone)),
    Fault("critic-unheld", "a Wasserstein critic that nothing holds", ("unbounded-critic",), "structural",
          House(wgan_gp, sick=lambda draw: {"gradient_penalty": 0.0}), curable=True),
    Fault("penalty-too-weak", "a gradient penalty that weighs nothing", ("penalty-not-applied",), "generative",
          House(wgan_gp_of_digits, lambda draw: {"steps": 400},
                lambda draw: {"gradient_penalty": draw.log(1e-6, 1e-4)}), curable=True),
)  # fmt: skip
