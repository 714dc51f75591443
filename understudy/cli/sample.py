"""`understudy sample`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from understudy.cli.arguments import Count, Out, RunPath, Seed

if TYPE_CHECKING:
    from understudy.decoding.sampling import Sampling
    from understudy.run import Run

Class = Annotated[str | None, typer.Option("--class", metavar="NAME", help="make items of this class alone")]
Prompt = Annotated[str | None, typer.Option(help="Text: go on from here; unset: a new line.")]
Length = Annotated[int, typer.Option(help="Text: tokens to write.", min=1)]
Temperature = Annotated[float, typer.Option(help="Text: below 1 likelier tokens, 0 the likeliest alone.", min=0.0)]
TopK = Annotated[int, typer.Option(help="Text: only the K likeliest tokens; 0: all.", min=0)]
TopP = Annotated[float, typer.Option(help="Text: only the likeliest that together have this probability.")]
MinP = Annotated[float, typer.Option(help="Text: only tokens at least this likely, as a share of the likeliest's.")]


def sample(
    run: RunPath,
    count: Count | None = None,
    class_: Class = None,
    prompt: Prompt = None,
    length: Length = 500,
    temperature: Temperature = 0.8,
    top_k: TopK = 0,
    top_p: TopP = 1.0,
    min_p: MinP = 0.0,
    out: Out = None,
    seed: Seed = 0,
) -> None:
    """Draw new items from a trained network; a text appears as it is written."""
    from understudy.cli.output import check, default_name, write
    from understudy.decoding.sampling import Sampling
    from understudy.run import find_run

    found = find_run(run)
    if found.spec.kind == "text":
        how = Sampling(temperature, top_k, top_p, min_p)
        _write(found, prompt, count or 1, length, how, seed, out)
        return
    found.able("sample" if class_ is None else "sample by class")
    path = check(out or default_name("samples", found.spec), found.spec)
    drawn = count or 16
    write(path, found.sample(drawn, seed, class_), columns=max(1, round(drawn**0.5)))


def _write(
    run: "Run", prompt: str | None, count: int, length: int, how: "Sampling", seed: int, out: Path | None
) -> None:
    from understudy.files import write_text

    texts = []
    for number in range(count):
        parts = []
        for part in run.write(prompt, length, seed=seed + number, how=how):
            parts.append(part)
            if out is None:
                typer.echo(part, nl=False)
        texts.append("".join(parts))
        if out is None:
            typer.echo("\n" if number < count - 1 else "")
    if out is not None:
        write_text(out, "\n\n".join(texts) + "\n")
        print(out)
