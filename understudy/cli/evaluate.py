"""`understudy evaluate`."""

from typing import Annotated

import typer

from understudy.cli.arguments import Data, RunPath
from understudy.cli.outcome import print_scores


def evaluate(
    run: RunPath,
    data: Data = None,
    samples: Annotated[
        int | None, typer.Option(help="Importance samples per item of a likelihood; default 200.", min=1)
    ] = None,
    features: Annotated[
        str | None, typer.Option(help="path.py:Class whose features samples are compared by as well.")
    ] = None,
    train_on_generated: Annotated[
        bool, typer.Option("--train-on-generated", help="Train classifiers on samples, test them on real items.")
    ] = False,
    split: Annotated[str, typer.Option(help="test; or validation, to choose settings by.")] = "test",
) -> None:
    """Score a run on held-out data: its own, or other data that fits the network."""
    from understudy.experiment import evaluate as judge
    from understudy.run import find_run

    scores = judge(
        find_run(run).path,
        data=data,
        samples=samples,
        features=features,
        train_on_generated=train_on_generated,
        split=split,
    )
    print_scores(scores, split)
