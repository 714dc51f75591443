"""Arguments that several verbs share."""

from pathlib import Path
from typing import Annotated

import typer

from understudy.models import TABLE

RunPath = Annotated[str, typer.Argument(metavar="RUN", help="A run's directory, or its name under ./runs.")]
Name = Annotated[
    str, typer.Argument(metavar="NAME", help=f"A network: {', '.join(TABLE)}; or your own, path.py:Class.")
]
Data = Annotated[
    str | None,
    typer.Option(
        metavar="DATA", help="A name of `understudy data`, or a path: image folder, IDX, .npy, .npz, .txt, .csv, .tsv."
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="An option of network, training or data; repeatable."),
]
Out = Annotated[Path | None, typer.Option(help="File to write: .png for pictures, .npy for the numbers.")]
Seed = Annotated[int, typer.Option(help="Seed of the draw.", min=0)]
Count = Annotated[int, typer.Option(help="How many.", min=1)]
