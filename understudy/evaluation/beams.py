"""What a wider beam buys, where the network looks as it writes, and which sentences go well or badly."""

import time
from dataclasses import dataclass
from statistics import fmean
from typing import Any, cast

import torch

from understudy.data.dataset import Dataset
from understudy.data.pairs import PairItems
from understudy.data.spec import PairSpec
from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.translation import translate, translate_items
from understudy.decoding.tree import labelled
from understudy.evaluation.figures import Figure
from understudy.evaluation.translation import BEAM, compared, sides, signatures, written
from understudy.models.capabilities import Translates

WIDTHS = (1, 2, 5, 10)
SHOWN, MAPS, EXAMPLES = 1000, 3, 6
"""Sentences that the widths are tried on, maps of attention, and best and worst sentences."""


@dataclass(frozen=True)
class Width:
    """What one width of the beam comes to.

    Attributes:
        score: the mean of what hypotheses are ranked by; a wider beam looks for higher ones.
        log_probability: the mean over sentences, in nats.
        scores: exact match, chrF, and BLEU where it can be had.
        seconds: for all sentences, on the machine that wrote this.
    """

    beam: int
    score: float
    log_probability: float
    scores: dict[str, float]
    seconds: float


def widths(network: Translates, items: PairItems, spec: PairSpec, beams: tuple[int, ...] = WIDTHS) -> list[Width]:
    """Every item translated with beams of different width."""
    targets, found = sides(items)[1], []
    for beam in beams:
        began = time.perf_counter()
        best = [hypotheses[0] for hypotheses in translate_items(network, items, spec, BeamOptions(beam=beam))]
        seconds = time.perf_counter() - began
        texts = [spec.target.decode(hypothesis.tokens) for hypothesis in best]
        score, log_probability = fmean(it.score for it in best), fmean(it.log_probability for it in best)
        found.append(Width(beam, score, log_probability, compared(texts, targets), seconds))
    return found


def table(found: list[Width]) -> dict[str, Any]:
    """A row for each width."""
    names = {"exact_match": "exact match", "bleu": "BLEU", "chrf": "chrF"}
    known = [name for name in names if name in found[0].scores]
    return {
        "kind": "table",
        "columns": ["beam", "score", "log-probability", *(names[name] for name in known), "seconds"],
        "rows": [
            [it.beam, it.score, it.log_probability, *(_cell(name, it.scores[name]) for name in known), it.seconds]
            for it in found
        ],
    }


def _cell(name: str, value: float) -> float | str:
    return f"{100 * value:.2f} %" if name == "exact_match" else value


def beam_widths(network: Translates, data: Dataset, *, seed: int) -> list[Figure]:
    """Beam width against the network's own score, BLEU or exact match, and time, as a table and as curves."""
    items, spec = first(cast(PairItems, data.test), SHOWN), cast(PairSpec, data.spec)
    found = widths(network, items, spec)
    judge, label = ("bleu", "BLEU") if "bleu" in found[0].scores else ("exact_match", "exact match")
    caption = (
        f"The first {len(items):,} sentences of the test split, translated with beams of different width; 1 is greedy "
        "search. The score is a sentence's log-probability over GNMT's length penalty; seconds are for all of them. "
        f"Signatures: {signatures()}."
    )
    curves = {
        "beam-score": ("A wider beam finds what the network likes better", "score", [it.score for it in found]),
        "beam-judged": ("Is it right more often?", label, [it.scores[judge] for it in found]),
        "beam-seconds": ("What it costs", "seconds", [it.seconds for it in found]),
    }
    return [
        Figure("beam-widths", "What a wider beam buys", caption, plot=table(found)),
        *(
            Figure(
                name, title, f"A column of the table above: {column} by the beam's width.", plot=_curve(column, values)
            )
            for name, (title, column, values) in curves.items()
        ),
    ]


def _curve(label: str, values: list[float]) -> dict[str, Any]:
    return {
        "kind": "lines",
        "x_label": "beam",
        "y_label": label,
        "log_x": True,
        "log_y": False,
        "x_ticks": [[width, str(width)] for width in WIDTHS],
        "series": [{"name": label, "x": list(WIDTHS), "y": values, "style": "line"}],
    }


def first(items: PairItems, count: int) -> PairItems:
    """The first few items of a split."""
    return items.only(torch.arange(min(count, len(items))))


def attention_maps(network: Translates, data: Dataset, *, seed: int) -> list[Figure]:
    """Where the network looked for each token of what a beam search came to; none without attention."""
    items, spec = first(cast(PairItems, data.test), MAPS), cast(PairSpec, data.spec)
    figures = []
    for number in range(len(items)):
        x = items.take(torch.tensor([number])).x
        best = translate(network, x, spec, BeamOptions(beam=BEAM))[0][0]
        if best.attention is None:
            return []
        plot = {
            "kind": "heat",
            "rows": [*spec.target.pieces(best.tokens), "end"],
            "columns": [*spec.source.pieces(x[0, :-1].tolist()), "end"],
            "values": [[round(weight, 3) for weight in row] for row in best.attention.tolist()],
        }
        plot["rows"] = plot["rows"][: len(plot["values"])]
        source, target = items.written[number]
        caption = (
            f"'{source}' to '{spec.target.decode(best.tokens)}', by a beam of {BEAM}; it should be '{target}'. "
            "Each row is a token that was written, and the darker a place, the more the network looked at it."
        )
        figures.append(Figure(f"attention-{number + 1}", f"Where it looks, sentence {number + 1}", caption, plot=plot))
    return figures


def search_tree(network: Translates, data: Dataset, *, seed: int) -> list[Figure]:
    """How the hypotheses of the first test sentence live and die."""
    items, spec = first(cast(PairItems, data.test), 1), cast(PairSpec, data.spec)
    trees: list[dict[str, Any]] = []
    translate(network, items.take(torch.tensor([0])).x, spec, BeamOptions(beam=BEAM), trees=trees)
    caption = (
        f"What a beam of {BEAM} looked at for '{items.written[0][0]}': a column for each token; bold is what it "
        "returned, pale what had a slot and lost it."
    )
    return [Figure("search-tree", "How the beam searches", caption, plot=labelled(trees[0], spec.target.piece))]


def best_and_worst(network: Translates, data: Dataset, *, seed: int) -> list[Figure]:
    """The sentences that went best and worst, with what they should be."""
    items, spec = first(cast(PairItems, data.test), SHOWN), cast(PairSpec, data.spec)
    texts = written(network, items, spec, BEAM)
    likeness = [compared([text], [target])["chrf"] for text, (_, target) in zip(texts, items.written, strict=True)]
    order = sorted(range(len(items)), key=lambda place: likeness[place])
    shown = {"WORST": order[:EXAMPLES], "BEST": order[::-1][:EXAMPLES]}
    parts = []
    for heading, places in shown.items():
        parts.append(heading)
        for place in places:
            source, target = items.written[place]
            parts.append(f"\n  read     {source}\n  wrote    {texts[place]}\n  wanted   {target}")
        parts.append("")
    caption = f"Of the first {len(items):,} test sentences, by each one's chrF, with a beam of {BEAM}."
    return [Figure("best-and-worst", "Best and worst", caption, text="\n".join(parts))]
