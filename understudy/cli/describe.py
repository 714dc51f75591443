"""`understudy describe`."""

from typing import Annotated, Any

import typer

from understudy.cli.arguments import Data, Name, Settings


def describe(
    name: Name,
    data: Data = None,
    settings: Settings = None,
    input_shape: Annotated[
        str | None, typer.Option(metavar="C,H,W", help="Shape of one item, in place of --data: 3,128,128 or 5.")
    ] = None,
) -> None:
    """A network's options, with help and defaults; and, for some data, its layers.

    Layer by layer: output shape of one item, parameters, multiply-adds.
    """
    from understudy.errors import OptionError
    from understudy.settings import assignments

    if data is not None and input_shape is not None:
        raise OptionError("--data and --input-shape both say what an item is; give one")
    if data is None and input_shape is None:
        if settings:
            raise OptionError("--set changes layers; add --data DATA or --input-shape C,H,W")
        _print_options(name)
    else:
        _print_layers(name, data, input_shape, assignments(settings or []))


def _print_options(name: str) -> None:
    from rich.table import Table

    from understudy import models
    from understudy.cli.console import console
    from understudy.describe import option_tables

    print(f"{name}: {models.entry(name).summary}\n")
    for title, options in option_tables(name).items():
        table = Table(f"{title} option", "default", "takes", "", box=None, pad_edge=False, header_style="bold")
        for option in options:
            table.add_row(option.name, plain(option.default), option.type, option.help)
        console().print(table, "")
    print("Layer by layer: add --data DATA or --input-shape C,H,W")


def _print_layers(name: str, data: str | None, shape: str | None, settings: dict[str, Any]) -> None:
    from rich.table import Table

    from understudy.cli.console import console
    from understudy.describe import layers

    found = layers(name, data, shape, settings)
    table = Table("layer", "kind", "output", box=None, pad_edge=False, header_style="bold")
    for title in ("parameters", "multiply-adds"):
        table.add_column(title, justify="right")
    for layer in found:
        output = "x".join(map(str, layer.output))
        table.add_row(layer.name, layer.kind, output, f"{layer.parameters:,}", f"{layer.multiply_adds:,}")
    parameters, work = sum(layer.parameters for layer in found), sum(layer.multiply_adds for layer in found)
    table.add_row("total", "", "", f"{parameters:,}", f"{work:,}", style="bold")
    console().print(table)


def plain(value: object) -> str:
    """An option's value as it would be typed."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
