"""Which charts a run gets: the loss first, then its terms, the learning rate and the gradient."""

from collections.abc import Iterator

from understudy.report.charts import ORDER, Chart, Line, Pin, Style
from understudy.report.history import Curves, History

_INITIALS = frozenset({"kl", "mse", "mae", "bce", "nll", "elbo", "tv", "r1", "r2"})
_WORDS = {
    "penalty_norm": "Gradient norm under the penalty",
    "told_apart": "Real items told from generated ones",
    "outputs": "Output on real and generated items",
}
_TOGETHER = {"real": "Real", "fake": "Generated"}
"""Terms of a player that share a chart, and what their lines are called."""
_SHARES = frozenset({"told_apart"})
"""Terms from 0 to 1."""


def run_charts(history: History, pins: tuple[Pin, ...] = ()) -> Iterator[Chart]:
    """All charts of one run; none if it has no events."""
    if history.terms:
        yield Chart("Loss", tuple(_loss_lines(history)), pins, wide=True)
    for title, terms in _charted(history).items():
        lines = tuple(line for index, term in enumerate(terms) for line in _lines(history, *term, index))
        yield Chart(title, lines, share=is_share(terms[0][0]))
    for title, curves in (("Learning rate", history.learning_rate), ("Gradient norm", history.gradient_norm)):
        if curves:
            yield Chart(title, tuple(_player_lines(curves, title)))


def term_title(term: str) -> str:
    """'critic/gradient_penalty' as 'Gradient penalty (critic)'."""
    player, _, name = term.rpartition("/")
    words = name.upper() if name in _INITIALS else _WORDS.get(name, name[:1].upper() + name[1:].replace("_", " "))
    return f"{words} ({player})" if player else words


def is_share(term: str) -> bool:
    """Whether a term, of a player or not, is from 0 to 1."""
    return term.rpartition("/")[2] in _SHARES


def _charted(history: History) -> dict[str, list[tuple[str, str]]]:
    """By chart, terms that are not optimised and what their lines are called; a term alone has no name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for term in history.terms:
        player, slash, name = term.rpartition("/")
        shared = slash and name in _TOGETHER and all(f"{player}/{other}" in history.terms for other in _TOGETHER)
        if term not in history.main_terms:
            title = term_title(f"{player}/outputs" if shared else term)
            found.setdefault(title, []).append((term, _TOGETHER[name] if shared else ""))
    return found


def _loss_lines(history: History) -> Iterator[Line]:
    several = len(history.main_terms) > 1
    for index, term in enumerate(history.main_terms):
        player = term.rpartition("/")[0] if several else ""
        yield from _lines(history, term, (player or term) if several else "", index)


def _lines(history: History, term: str, name: str, index: int) -> Iterator[Line]:
    """Training and validation; lines of a chart that have names share a colour, a line alone has one for each."""
    colour = ORDER[index % len(ORDER)]
    splits: dict[Style, Curves] = {"training": history.training, "validation": history.validation}
    found = {split: curves[term] for split, curves in splits.items() if term in curves}
    for split, points in found.items():
        label = f"{name}, {split}" if name and len(found) > 1 else name or split
        yield Line(label.capitalize(), points, colour if name or split == "training" else ORDER[1], split)


def _player_lines(curves: Curves, title: str) -> Iterator[Line]:
    for index, (player, points) in enumerate(curves.items()):
        yield Line(player.capitalize() or title, points, ORDER[index % len(ORDER)])
