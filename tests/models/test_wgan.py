"""The critic of a WGAN keeps its weights within bounds, and moves five times."""

from made import POINTS
from test_adversarial import adversarial, session_of

from understudy.training.loop import step


def test_the_critics_weights_stay_within_their_bounds() -> None:
    network = adversarial("wgan", POINTS, clip_weights=0.02)
    session = session_of(network, learning_rate=0.1)
    step(session, session.stream())
    assert max(weight.abs().max().item() for weight in network.discriminator.parameters()) <= 0.02
    assert max(weight.abs().max().item() for weight in network.generator.parameters()) > 0.02


def test_the_critic_moves_five_times_each_on_a_batch_of_its_own() -> None:
    network = adversarial("wgan")
    session = session_of(network)
    step(session, session.stream())
    assert network.carried()["moves"].item() == 5
    assert session.progress.items == 5 * 16
