"""What class is this text, or this picture, and which words say so?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor

from understudy.data.conform import as_batch
from understudy.data.labelled_text import read_part
from understudy.data.spec import ImageSpec, LabelledTextSpec
from understudy.data.text_files import read_text
from understudy.errors import DataError
from understudy.evaluation.occlusion import moved
from understudy.models.capabilities import WeighsClasses
from understudy.prediction import Prediction
from understudy.prediction.picture import read_picture
from understudy.run import Run

SHOWN = 5
"""Words for and against the verdict that are listed."""


def predict(run: Run, inputs: Sequence[str]) -> list[Prediction]:
    """The most probable class of each input, how probable every class is, and what a text's words did for it.

    Args:
        inputs: texts or `.txt` files, of a network that reads texts; files, of one that reads pictures.

    Raises:
        DataError: an input is empty, or no picture of the right size.
    """
    network = cast(WeighsClasses, run.able("weigh classes"))
    spec = run.spec
    with torch.no_grad():
        if isinstance(spec, LabelledTextSpec):
            return [_of_text(network, given, _text(run, given), spec) for given in inputs]
        return [_of_picture(network, given, cast(ImageSpec, spec)) for given in inputs]


def _text(run: Run, given: str) -> str:
    path = Path(given)
    if path.suffix.lower() != ".txt":
        return given
    if not path.is_file():
        raise DataError(f"no such file: '{given}'")
    return read_text(path, run.record["config"]["data"].get("encoding", "utf-8"))


def _of_text(network: WeighsClasses, given: str, text: str, spec: LabelledTextSpec) -> Prediction:
    tokens = as_batch(text, spec)
    said, chances = _verdict(network, tokens, spec.classes)
    words = read_part(text, spec)
    found = [(" ".join(words[a:b]), round(weight, 4)) for (a, b), weight in moved(network, tokens[0], said, spec)]
    ranked = sorted(found, key=lambda it: -it[1])
    lines = [
        _shares(chances),
        *_listed("for it", [it for it in ranked[:SHOWN] if it[1] > 0]),
        *_listed("against it", [it for it in ranked[::-1][:SHOWN] if it[1] < 0]),
    ]
    details: dict[str, Any] = {"probabilities": chances, "words": [list(it) for it in found]}
    return Prediction(given, spec.classes[said], details, tuple(lines))


def _of_picture(network: WeighsClasses, given: str, spec: ImageSpec) -> Prediction:
    said, chances = _verdict(network, read_picture(given, spec), spec.classes)
    return Prediction(given, spec.classes[said], {"probabilities": chances}, (_shares(chances),))


def _verdict(network: WeighsClasses, x: Tensor, classes: Sequence[str]) -> tuple[int, dict[str, float]]:
    chances = network.class_log_probabilities(x)[0].exp()
    named = {name: round(chance, 6) for name, chance in zip(classes, chances.tolist(), strict=True)}
    return int(chances.argmax()), named


def _shares(chances: dict[str, float]) -> str:
    likeliest = sorted(chances.items(), key=lambda it: -it[1])[:SHOWN]
    return ", ".join(f"{name} {100 * chance:.1f} %" for name, chance in likeliest)


def _listed(title: str, found: list[tuple[str, float]]) -> list[str]:
    return [f"{title}: " + ", ".join(f"{word} {weight:+.2f}" for word, weight in found)] if found else []
