"""Which charts a run gets: the loss first, then its terms, the learning rate and the gradient."""

from collections.abc import Iterator

from understudy.report.charts import ORDER, Chart, Line, Pin
from understudy.report.history import Curves, History

_INITIALS = frozenset({"kl", "mse", "mae", "bce", "nll", "elbo", "tv", "r1", "r2"})


def run_charts(history: History, pins: tuple[Pin, ...] = ()) -> Iterator[Chart]:
    """All charts of one run; none if it has no events."""
    if history.terms:
        yield Chart("Loss", tuple(_loss_lines(history)), pins, wide=True)
    for term in history.terms:
        if term not in history.main_terms:
            yield Chart(term_title(term), tuple(_lines(history, term, 0, "")))
    for title, curves in (("Learning rate", history.learning_rate), ("Gradient norm", history.gradient_norm)):
        if curves:
            yield Chart(title, tuple(_player_lines(curves, title)))


def term_title(term: str) -> str:
    """'critic/gradient_penalty' as 'Gradient penalty (critic)'."""
    player, _, name = term.rpartition("/")
    words = name.upper() if name in _INITIALS else name[:1].upper() + name[1:].replace("_", " ")
    return f"{words} ({player})" if player else words


def _loss_lines(history: History) -> Iterator[Line]:
    several = len(history.main_terms) > 1
    for index, term in enumerate(history.main_terms):
        player = term.rpartition("/")[0] if several else ""
        yield from _lines(history, term, index, f"{player or term}, " if several else "")


def _lines(history: History, term: str, index: int, prefix: str) -> Iterator[Line]:
    """Training and validation; players share a colour, a player alone has one for each."""
    colour = ORDER[index % len(ORDER)]
    if term in history.training:
        yield Line(f"{prefix}training".capitalize(), history.training[term], colour)
    if term in history.validation:
        other = colour if prefix else ORDER[1]
        yield Line(f"{prefix}validation".capitalize(), history.validation[term], other, "validation")


def _player_lines(curves: Curves, title: str) -> Iterator[Line]:
    for index, (player, points) in enumerate(curves.items()):
        yield Line(player.capitalize() or title, points, ORDER[index % len(ORDER)])
