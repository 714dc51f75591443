"""Pictures of one domain as pictures of another."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import torch

from understudy.data.decode import SUFFIXES
from understudy.data.spec import DomainsSpec
from understudy.errors import DataError, OptionError
from understudy.evaluation.figures import grid, save_picture
from understudy.models.capabilities import Transfers
from understudy.prediction import Prediction
from understudy.prediction.picture import read_picture
from understudy.run import Run


def predict(run: Run, inputs: Sequence[str], *, to: str | None = None, out: Path | None = None) -> list[Prediction]:
    """Carry pictures over; each answer is the file that was written.

    Args:
        inputs: picture files, and folders of them.
        to: the domain to carry them to; unset: the second one of the data.
        out: a .png for one picture, a folder for more; unset: files in the working directory.

    Raises:
        UnknownName: there is no such domain.
        OptionError: `out` is no place for the pictures.
        DataError: an input is no picture.
    """
    network, spec = cast(Transfers, run.able("transfer")), cast(DomainsSpec, run.spec)
    target = spec.names[spec.number(to) if to is not None else 1]
    files = [file for given in inputs for file in _files(given)]
    places = _places(files, target, out)
    answers = []
    with torch.no_grad():
        for file, place in zip(files, places, strict=True):
            carried = network.transfer(read_picture(file, spec.picture), target)
            save_picture(place, grid(carried, 1))
            answers.append(Prediction(file, str(place), {"to": target}))
    return answers


def _files(given: str) -> list[str]:
    if not Path(given).is_dir():
        return [given]
    found = sorted(str(file) for file in Path(given).iterdir() if file.suffix.lower() in SUFFIXES)
    if not found:
        raise DataError(f"no pictures in '{given}'; accepted: {', '.join(SUFFIXES)}")
    return found


def _places(files: Sequence[str], target: str, out: Path | None) -> list[Path]:
    """Where each picture goes; the folder is there afterwards."""
    if out is not None and out.suffix.lower() in SUFFIXES:
        if len(files) > 1:
            raise OptionError(f"--out '{out}' is one picture, and there are {len(files)}; name a folder")
        if not out.parent.is_dir():
            raise OptionError(f"--out '{out}': there is no folder '{out.parent}'")
        return [out]
    folder = out or Path()
    if folder.is_file() or not folder.absolute().parent.is_dir():
        raise OptionError(f"--out '{out}' is no folder and no {', '.join(SUFFIXES)}; name one or the other")
    places = [folder / f"{Path(file).stem}-{target}.png" for file in files]
    name, times = Counter(places).most_common(1)[0]
    if times > 1:
        raise OptionError(f"{times} of the pictures would be '{name}'; give them one by one, each with its --out")
    folder.mkdir(exist_ok=True)
    return places
