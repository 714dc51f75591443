"""A network before it is trained: its options, and its layers for some kind of item."""

from collections.abc import Mapping
from typing import Any

from understudy import models
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.data.spec import DomainsSpec, ImageSpec, Spec, VectorSpec
from understudy.errors import OptionError
from understudy.layers.summary import LayerSummary, summarise
from understudy.runs.runfile import place
from understudy.settings import Option, options, validated
from understudy.training.config import TrainingConfig


def option_tables(name: str) -> dict[str, list[Option]]:
    """Every option by table, with the network's own defaults."""
    line = models.entry(name)
    kind = line.load()
    presets: dict[str, Mapping[str, Any]] = {
        "model": line.model,
        "training": {**kind.recipe, **line.training},
        "data": {},
    }
    tables = {"model": kind.Config, "training": TrainingConfig, "data": DataOptions}
    return {
        title: [
            Option(option.name, option.type, presets[title].get(option.name, option.default), option.help)
            for option in options(table)
        ]
        for title, table in tables.items()
    }


def layers(name: str, data: str | None, shape: str | None, settings: Mapping[str, Any]) -> list[LayerSummary]:
    """The layers of a network for the items of a data set, or for items of a shape such as `3,128,128`.

    Raises:
        RequestError: the network, data, shape or a setting cannot be used.
    """
    config = models.entry(name).load().Config
    tables: dict[str, dict[str, Any]] = {"data": {}, "model": {}, "training": {}}
    for key, value in settings.items():
        table, option = place(key, config)
        tables[table][option] = value
    if shape is not None:
        spec = spec_of(shape)
    else:
        spec = load(data, validated(DataOptions, tables["data"], "data options")).spec
    if tables["training"]:
        raise OptionError(f"training settings change no layer: {', '.join(tables['training'])}")
    return summarise(models.build(name, tables["model"], spec), spec.shape, spec.dtype)


def spec_of(shape: str) -> Spec:
    """`3,128,128` as pictures, `2,3,128,128` as those of two domains, `5` as rows.

    Raises:
        OptionError: anything else.
    """
    sizes = [int(part) for part in shape.split(",") if part.strip().isdecimal()]
    known = len(sizes) in (1, 3) or (len(sizes) == 4 and sizes[0] == 2)
    if len(sizes) != shape.count(",") + 1 or not known or min(sizes) < 1:
        raise OptionError(
            f"--input-shape '{shape}': give channels,height,width, such as 3,128,128, with 2, in front for two "
            "domains, or one number"
        )
    if len(sizes) == 4:
        return DomainsSpec(sizes[1], sizes[2], sizes[3], ("A", "B"))
    if len(sizes) == 3:
        return ImageSpec(channels=sizes[0], height=sizes[1], width=sizes[2])
    return VectorSpec(sizes[0], (0.0,) * sizes[0], (1.0,) * sizes[0])
