"""`understudy sample`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from understudy.cli.arguments import Out, RunPath, Seed

if TYPE_CHECKING:
    from understudy.decoding.sampling import Sampling
    from understudy.run import Run

Class = Annotated[
    list[str] | None,
    typer.Option("--class", metavar="NAME", help="make items of this class alone; repeatable: a row for each"),
]
Prompt = Annotated[str | None, typer.Option(help="Text: go on from here; unset: a new line.")]
Length = Annotated[int | None, typer.Option(help="Text: tokens to write; unset: 500, with --beam 100.", min=1)]
Temperature = Annotated[
    float | None, typer.Option(help="Text: below 1 likelier tokens, 0 the likeliest; unset: 0.8.", min=0.0)
]
TopK = Annotated[int | None, typer.Option(help="Text: only the K likeliest tokens.", min=1)]
TopP = Annotated[float | None, typer.Option(help="Text: only the likeliest that together have this probability.")]
MinP = Annotated[float | None, typer.Option(help="Text: only tokens this likely, as a share of the likeliest's.")]

Repetition = Annotated[
    float | None, typer.Option(help="Text: above 1, tokens that stand before become less likely by this factor.")
]
NoRepeat = Annotated[int | None, typer.Option(help="Text: a row of N tokens comes only once.", min=1, metavar="N")]
Beam = Annotated[
    int | None, typer.Option(help="Text: the likeliest one that a search with N hypotheses finds.", min=1, metavar="N")
]


def sample(
    run: RunPath,
    count: Annotated[int | None, typer.Option(help="How many; unset: 16, of text 1.", min=1)] = None,
    class_: Class = None,
    prompt: Prompt = None,
    length: Length = None,
    temperature: Temperature = None,
    top_k: TopK = None,
    top_p: TopP = None,
    min_p: MinP = None,
    repetition_penalty: Repetition = None,
    no_repeat_ngram: NoRepeat = None,
    beam: Beam = None,
    out: Out = None,
    seed: Seed = 0,
) -> None:
    """Draw new items from a trained network; a text appears as it is written."""
    import numpy as np

    from understudy.cli.output import check, default_name, write
    from understudy.decoding.sampling import Sampling
    from understudy.errors import OptionError
    from understudy.run import find_run

    found = find_run(run)
    how = {
        "temperature": temperature,
        "top_k": top_k,
        "top_p": top_p,
        "min_p": min_p,
        "repetition_penalty": repetition_penalty,
        "no_repeat_ngram": no_repeat_ngram,
    }
    given: dict[str, Any] = {name: value for name, value in how.items() if value is not None}
    if found.spec.kind == "text":
        found.able("sample by class" if class_ else "write")
        if beam is not None:
            if count is not None:
                raise OptionError("a beam search finds one text, so that count does not go with --beam; leave one out")
            _write_likeliest(found, prompt, length or 100, beam, given, out)
            return
        _write(found, prompt, count or 1, length or 500, Sampling(**{"temperature": 0.8, **given}), seed, out)
        return
    if given or prompt is not None or length is not None or beam is not None:
        raise OptionError(f"prompt, length, temperature and the like go with text; '{run}' has {found.spec.describe()}")
    found.able("sample by class" if class_ else "sample")
    path = check(out or default_name("samples", found.spec), found.spec)
    drawn = count or 16
    asked: list[str | None] = list(class_) if class_ else [None]
    rows = [found.sample(drawn, seed, name) for name in asked]  # the same noise in every row
    write(path, np.concatenate(rows), columns=drawn if len(rows) > 1 else max(1, round(drawn**0.5)))


def _write_likeliest(
    run: "Run", prompt: str | None, length: int, beam: int, given: dict[str, Any], out: Path | None
) -> None:
    from understudy.decoding.beam_options import BeamOptions
    from understudy.errors import OptionError
    from understudy.files import write_text

    drawing = sorted({"temperature", "top_k", "top_p", "min_p"} & set(given))
    if drawing:
        raise OptionError(f"a beam search draws nothing, so that {drawing[0]} does not go with --beam; leave one out")
    text = run.write_likeliest(prompt, length, BeamOptions(beam=beam, **given))
    if out is None:
        typer.echo(text)
        return
    write_text(out, text + "\n")
    print(out)


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
