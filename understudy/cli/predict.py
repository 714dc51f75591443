"""`understudy predict`."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from understudy.cli.arguments import RunPath


def predict(
    run: RunPath,
    inputs: Annotated[
        list[str] | None,
        typer.Argument(metavar="INPUT ...", help="Texts, files or folders; none: a line at a time from here."),
    ] = None,
    beam: Annotated[int | None, typer.Option(help="Sentences: hypotheses side by side; unset: 5.", min=1)] = None,
    nbest: Annotated[int | None, typer.Option(help="Sentences: how many to show.", min=1)] = None,
    prefix: Annotated[str | None, typer.Option(help="Sentences: what they begin with.")] = None,
    require: Annotated[list[str] | None, typer.Option(help="Sentences: text they contain; repeatable.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Sentences: another option of the search, as alpha=1 or groups=5 (docs/training.md); repeatable.",
        ),
    ] = None,
    trace: Annotated[Path | None, typer.Option(help="Sentences: write the search tree here, as JSON.")] = None,
    to: Annotated[
        str | None, typer.Option(help="Two domains: the one to carry pictures to; unset: the second.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Two domains: file or folder for the pictures; unset: the working directory.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="A JSON object for each input, on a line of its own.")
    ] = False,
) -> None:
    """Ask a trained network: what class is this text, how does this sentence go in the other language,
    how does this picture look in the other domain?

    understudy predict runs/translator-dates-1 "the 4th of July 1776" --beam 5 --nbest 3

    understudy predict runs/translator-multi30k-1 "Ein Hund im Schnee" --prefix "There is" --require dog --set alpha=1

    understudy predict runs/translator-dates-1

    understudy predict runs/cyclegan-digits-to-mnist-1 photo.png --to mnist --out translated.png
    """
    from understudy.errors import OptionError
    from understudy.prediction import predict as ask
    from understudy.run import find_run
    from understudy.settings import assignments

    found = find_run(run)
    flags = {"beam": beam, "nbest": nbest, "prefix": prefix, "require": require, "trace": trace, "to": to, "out": out}
    options: dict[str, Any] = assignments(settings or [])
    if both := sorted(options.keys() & flags.keys()):
        raise OptionError(f"{both[0]} has a flag of its own; use --{both[0]}")
    options |= {name: value for name, value in flags.items() if value is not None}
    for some in [inputs] if inputs else _typed():
        for answer in ask(found, some, **options):
            if as_json:
                print(json.dumps({"input": answer.input, "output": answer.output, **answer.details}), flush=True)
                continue
            print(answer.output, flush=True)
            for line in answer.lines:
                print(f"  {line}", flush=True)


def _typed() -> Iterator[list[str]]:
    """Lines of standard input, each as soon as it is there; with a prompt where someone types them."""
    asked = sys.stdin.isatty()
    while True:
        if asked:
            print("> ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            return
        if line.strip():
            yield [line.rstrip("\n")]
