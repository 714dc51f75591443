"""Reasonable settings of every network of the house, drawn at random: what someone who knows the field would choose.

Rates go with the optimizer; deep plain networks have no sigmoids; budgets are small, and enough to learn something.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from benchmarks.clinic.recipe import Draw, Recipe

Make = Callable[[Draw], Recipe]
POINTS = ("rings", "moons", "gaussians")
RATES = {"adam": (7e-4, 5e-3), "adamw": (7e-4, 5e-3), "adamax": (2e-3, 8e-3), "rmsprop": (5e-4, 2e-3)}
"""At which networks of this size learn; of those that scale their steps."""


def training(draw: Draw, least: int = 300, most: int = 600) -> dict[str, Any]:
    """Budget, batch, optimizer, rate, schedule."""
    optimizer = draw.choice(["adam"] * 5 + ["adamw", "adamw", "adamax", "rmsprop"])
    return {
        "steps": 20 * draw.randint(least // 20, most // 20),
        "batch": draw.choice((32, 64, 64, 100, 128)),
        "optimizer": optimizer,
        "learning_rate": draw.log(*RATES[optimizer]),
        "schedule": draw.choice(("constant", "constant", "one-cycle", "cosine")),
        "weight_decay": draw.choice((0.0, 0.0, 0.0, 1e-4, 1e-2)) if optimizer == "adamw" else 0.0,
        "clip_norm": draw.choice((None, None, None, 1.0, 5.0)),
        "log_every": draw.choice((10, 20, 50)),
        "validate_every": draw.choice((50, 80, 100)),
        "split_seed": draw.randrange(1000),
    }


def dense(draw: Draw) -> dict[str, Any]:
    """Dense layers on both sides of a code."""
    hidden = draw.layers((32, 64, 100, 128, 200, 256), 1, 3)
    norm = draw.random() < 0.5
    kinds = ["relu", "leaky-relu", "elu", "gelu", "silu", "tanh"] + ["sigmoid"] * (norm and len(hidden) == 1)
    return {"hidden": hidden, "layer_norm": norm, "activation": draw.choice(kinds)}


def convolutions(draw: Draw) -> dict[str, Any]:
    """Two halvings of an 8x8 picture."""
    kinds = ("relu", "leaky-relu", "gelu", "silu", "elu")
    return {"channels": draw.choice(((8, 16), (16, 32), (12, 24))), "activation": draw.choice(kinds)}


def autoencoder(draw: Draw) -> Recipe:
    options = {**training(draw), **dense(draw), "latent_dim": draw.choice((4, 8, 12, 16, 24, 32))}
    options |= {"loss": draw.choice(("auto", "auto", "mse")), "tied": draw.random() < 0.2}
    return recipe(draw, "autoencoder", "digits", options)


def numpy_autoencoder(draw: Draw) -> Recipe:
    options = {**training(draw), "hidden": draw.layers((32, 48, 64), 0, 1), "latent_dim": draw.choice((8, 16, 24, 32))}
    options |= {"optimizer": "adam", "learning_rate": draw.log(*RATES["adam"]), "weight_decay": 0.0, "clip_norm": None}
    options |= {"activation": draw.choice(("relu", "leaky-relu", "tanh")), "loss": draw.choice(("mse", "bce"))}
    return recipe(draw, "numpy-autoencoder", "digits", options)


def conv_autoencoder(draw: Draw) -> Recipe:
    options = {**training(draw, 200, 300), **convolutions(draw), "latent_dim": draw.choice((8, 12, 16, 24))}
    return recipe(draw, "conv-autoencoder", "digits", {**options, "layer_norm": draw.random() < 0.5})


def denoising_autoencoder(draw: Draw) -> Recipe:
    options = {**training(draw), **dense(draw), "latent_dim": draw.choice((32, 64, 128))}
    noise = draw.choice(("gaussian", "masking"))
    level = {"noise": noise, "noise_level": draw.choice((0.2, 0.3, 0.5))}
    return recipe(draw, "denoising-autoencoder", "digits", {**options, **level})


def sparse_autoencoder(draw: Draw) -> Recipe:
    options = {**training(draw), "latent_dim": draw.choice((64, 100, 128)), "penalty": draw.choice(("kl", "l1"))}
    return recipe(draw, "sparse-autoencoder", "digits", {**options, "learning_rate": draw.log(3e-3, 1e-2)})


def contractive_autoencoder(draw: Draw) -> Recipe:
    options = {**training(draw), "latent_dim": draw.choice((16, 24, 32)), "contraction": draw.choice((0.1, 0.3, 1.0))}
    return recipe(draw, "contractive-autoencoder", "digits", {**options, "learning_rate": draw.log(3e-3, 1e-2)})


def vae(draw: Draw) -> Recipe:
    options = {**training(draw, 420, 600), **dense(draw), "latent_dim": draw.choice((2, 4, 8, 16))}
    options |= {"beta": draw.choice((0.5, 1.0, 1.0, 1.0)), "free_bits": draw.choice((0.0, 0.0, 0.05))}
    return recipe(draw, "vae", "digits", options)


def conditional_vae(draw: Draw) -> Recipe:
    options = {**training(draw, 420, 600), **dense(draw), "latent_dim": draw.choice((4, 8, 16))}
    return recipe(draw, "conditional-vae", "digits", {**options, "beta": draw.choice((0.5, 1.0))})


def iwae(draw: Draw) -> Recipe:
    options = {**training(draw, 420, 500), **dense(draw), "latent_dim": draw.choice((4, 8, 16))}
    return recipe(draw, "iwae", "digits", {**options, "importance_samples": draw.choice((2, 3, 5))})


def vae_of_points(draw: Draw) -> Recipe:
    options = {**training(draw, 420, 600), **dense(draw), "latent_dim": 2}
    return recipe(draw, "vae", draw.choice(POINTS), options)


def vq_vae(draw: Draw) -> Recipe:
    options = {**training(draw, 200, 300), **convolutions(draw), "codebook_size": draw.choice((32, 64, 128))}
    options |= {"residual_blocks": draw.choice((0, 1)), "codes_per_item": draw.choice((4, 16))}
    return recipe(draw, "vq-vae", "digits", options)


def game(draw: Draw, least: int = 400, most: int = 700) -> dict[str, Any]:
    """Of two players: Adam with a short memory, small rates."""
    return {
        "steps": 20 * draw.randint(least // 20, most // 20),
        "batch": draw.choice((32, 64, 64, 128)),
        "learning_rate": draw.log(2e-4, 1e-3),
        "beta1": draw.choice((0.0, 0.5, 0.5)),
        "noise_dim": draw.choice((8, 16, 32, 64)),
        "noise": draw.choice(("normal", "normal", "uniform")),
        "ema": draw.choice((None, 0.99, 0.999)),
        "log_every": draw.choice((10, 20, 50)),
        "validate_every": draw.choice((100, 200)),
        "split_seed": draw.randrange(1000),
    }


def gan(draw: Draw) -> Recipe:
    return recipe(draw, "gan", draw.choice(("digits", "digits", *POINTS)), gan_options(draw))


def gan_of_digits(draw: Draw) -> Recipe:
    return recipe(draw, "gan", "digits", gan_options(draw))


def gan_options(draw: Draw) -> dict[str, Any]:
    options = {**game(draw), "hidden": draw.choice(((64,), (64, 128), (128, 128), (128, 256)))}
    options |= {"loss": draw.choice(("non-saturating", "non-saturating", "least-squares", "hinge", "relativistic"))}
    return {**options, "spectral_norm": draw.random() < 0.2, "r1": draw.choice((0.0, 0.0, 0.1))}


def dcgan(draw: Draw) -> Recipe:
    options = {**game(draw, 300, 400), "channels": draw.choice(((8, 16), (16, 32)))}
    return recipe(draw, "dcgan", "digits", {**options, "label_smoothing": draw.choice((0.0, 0.0, 0.1))})


def conditional_gan(draw: Draw) -> Recipe:
    hidden = draw.choice(((64, 128), (128, 256)))
    return recipe(draw, "conditional-gan", "digits", {**game(draw), "architecture": "dense", "hidden": hidden})


def wgan(draw: Draw) -> Recipe:
    options = {**game(draw, 200, 260), "optimizer": "rmsprop", "learning_rate": draw.log(5e-5, 3e-4)}
    options |= {"architecture": "dense", "hidden": draw.choice(((64, 64), (64, 128)))}
    return recipe(draw, "wgan", "digits", {**options, "clip_weights": draw.choice((0.01, 0.03))})


def wgan_gp(draw: Draw) -> Recipe:
    options = {**game(draw, 200, 260), "architecture": "dense", "hidden": draw.choice(((64, 64), (64, 128)))}
    options |= {"gradient_penalty": draw.choice((1.0, 10.0)), "discriminator_times": draw.choice((2, 3, 5))}
    return recipe(draw, "wgan-gp", draw.choice(("digits", *POINTS)), options)


def wgan_gp_of_digits(draw: Draw) -> Recipe:
    return replace(wgan_gp(draw), data="digits")


def r3gan(draw: Draw) -> Recipe:
    options = {**game(draw, 300, 400), "architecture": "dense", "hidden": draw.choice(((64, 64), (128, 128)))}
    return recipe(draw, "r3gan", draw.choice(("digits", *POINTS)), {**options, "r1": 0.1, "r2": 0.1})


def recurrent(draw: Draw) -> dict[str, Any]:
    """Layers that read step by step: with gates mostly, as one does."""
    return {
        "cell": draw.choice(("lstm", "lstm", "gru", "gru", "rnn")),
        "hidden_dim": draw.choice((24, 32, 48, 64)),
        "num_layers": draw.choice((1, 1, 2)),
        "clip_norm": draw.choice((1.0, 1.0, 5.0)),
    }


def language_model(draw: Draw) -> Recipe:
    options = {**training(draw, 200, 300), **recurrent(draw), "embedding_dim": draw.choice((16, 24, 32))}
    options |= {"batch": draw.choice((8, 16)), "sequence_length": draw.choice((16, 24, 32))}
    return recipe(draw, "language-model", "pydoc", {**options, "split_seed": 0})


def sequence_classifier(draw: Draw) -> Recipe:
    options = {**training(draw, 300, 500), **recurrent(draw), "batch": draw.choice((32, 64))}
    options |= {"bidirectional": draw.random() < 0.3, "dropout": draw.choice((0.0, 0.0, 0.2))}
    options |= {"pooling": draw.choice(("last", "mean"))}
    return recipe(draw, "sequence-classifier", "digit-rows", options)


def forecaster(draw: Draw) -> Recipe:
    options = {**training(draw, 200, 300), **recurrent(draw), "hidden_dim": draw.choice((16, 24, 32))}
    options |= {"head": draw.choice(("direct", "recursive")), "loss": draw.choice(("mse", "mse", "mae", "pinball"))}
    options |= {"head": "direct"} if options["loss"] == "pinball" else {}
    options.pop("split_seed")
    return recipe(draw, "forecaster", draw.choice(("tides", "mackey-glass")), options)


def translator(draw: Draw) -> Recipe:
    options = {**training(draw, 200, 240), **recurrent(draw), "embedding_dim": draw.choice((24, 32))}
    options |= {"batch": draw.choice((16, 32)), "tied_embedding": False, "attention": "luong", "split_seed": 0}
    return recipe(draw, "translator", draw.choice(("dates", "number-words")), {**options, "validate_every": 100})


def captioner(draw: Draw) -> Recipe:
    options = {**training(draw, 120, 160), **recurrent(draw), "embedding_dim": draw.choice((24, 32))}
    options |= {"batch": 16, "tied_embedding": False, "channels": (8, 16), "split_seed": 0, "validate_every": 100}
    return recipe(draw, "captioner", "digit-captions", options)


def memory_probe(draw: Draw) -> Recipe:
    options = {**training(draw, 200, 300), **recurrent(draw), "cell": draw.choice(("lstm", "gru")), "num_layers": 1}
    options |= {"length": 20, "batch": 20}
    options.pop("split_seed")
    return recipe(draw, "memory-probe", "adding", options)


def recipe(draw: Draw, network: str, data: str, settings: dict[str, Any]) -> Recipe:
    """With a seed of its own."""
    return Recipe(network, data, settings, draw.randrange(2**31))


HEALTHY: dict[str, tuple[int, Make]] = {
    "autoencoder": (4, autoencoder),
    "conv-autoencoder": (1, conv_autoencoder),
    "denoising-autoencoder": (2, denoising_autoencoder),
    "sparse-autoencoder": (1, sparse_autoencoder),
    "contractive-autoencoder": (1, contractive_autoencoder),
    "vae": (3, vae),
    "vae-of-points": (1, vae_of_points),
    "conditional-vae": (1, conditional_vae),
    "iwae": (1, iwae),
    "vq-vae": (1, vq_vae),
    "gan": (4, gan),
    "dcgan": (1, dcgan),
    "conditional-gan": (1, conditional_gan),
    "wgan": (1, wgan),
    "wgan-gp": (1, wgan_gp),
    "r3gan": (1, r3gan),
    "language-model": (3, language_model),
    "sequence-classifier": (3, sequence_classifier),
    "forecaster": (3, forecaster),
    "translator": (2, translator),
    "captioner": (1, captioner),
    "memory-probe": (1, memory_probe),
}
"""How often of each in a round of all, and its settings."""
