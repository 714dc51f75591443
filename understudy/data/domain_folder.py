"""Two domains from a folder in the layout of CycleGAN's own data sets: trainA, trainB, testA, testB."""

from functools import partial
from pathlib import Path

from understudy.data.dataset import Dataset
from understudy.data.domains import unpaired
from understudy.data.fit import Fit
from understudy.data.folder import load_groups
from understudy.data.options import DataOptions
from understudy.data.scan import scan_sides
from understudy.data.spec import ImageSpec

SIDES = ("A", "B")


def load_domain_folder(folder: Path, options: DataOptions, fit: Fit | None = None) -> Dataset:
    """PNG and JPEG pictures below trainA and trainB, and those held out below testA and testB, valA and valB.

    What is not held out there is held out of the training pictures, as of any folder. Subfolders in them name classes,
    which count where both domains have the same ones. Where one domain has a coloured picture, all are read as RGB.

    Reference:
        Zhu et al. 2017, https://github.com/junyanz/pytorch-CycleGAN-and-pix2pix, docs/datasets.md.

    Raises:
        DataError: a folder is missing, empty or of another name, or the pictures differ in size.
    """
    name = folder.resolve().name
    groups = {side: scan_sides(folder, side, SIDES) for side in SIDES}
    counts = {side: sum(len(group.files) for group in found.values()) for side, found in groups.items()}
    side_fit = None if fit is None else fit.of_picture(name)
    first, second = (
        partial(load_groups, folder, f"{name} {side}", groups[side], options, side_fit, beside=counts[beside])
        for side, beside in (SIDES, SIDES[::-1])
    )
    one, other = first(), second()
    if len({it.spec.channels for it in (one, other) if isinstance(it.spec, ImageSpec)}) > 1:
        one, other = first(colour=True), second(colour=True)
    return unpaired(name, one, other, SIDES)
