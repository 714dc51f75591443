"""`understudy train`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from understudy.cli.arguments import Data, Settings
from understudy.cli.outcome import conclude
from understudy.models import TABLE


def train(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help=f"A network: {', '.join(TABLE)}; or your own, path.py:Class."),
    ] = None,
    data: Data = None,
    settings: Settings = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training data.")] = None,
    steps: Annotated[int | None, typer.Option(help="Training steps, in place of epochs.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Training time, in place of epochs.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of weights, order and noise; default 0.")] = None,
    out: Annotated[Path | None, typer.Option(help="The run's directory; default the next free one in ./runs.")] = None,
    config: Annotated[Path | None, typer.Option(help="A TOML run file; the other options win over it.")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:1, mps.")] = None,
    precision: Annotated[str | None, typer.Option(help="auto, fp32 or bf16.")] = None,
    batch: Annotated[int | None, typer.Option(help="Items in a training step.")] = None,
    lr: Annotated[float | None, typer.Option(help="Learning rate at the schedule's highest point.")] = None,
    image_size: Annotated[int | None, typer.Option(help="Resize every picture to this height and width.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
) -> int:
    """Train a network, score it on held-out data, and write a report.

    understudy train vae --data digits

    understudy train deep-autoencoder --data mnist --minutes 10 --set latent_dim=30

    All of a network's options: understudy describe NAME
    """
    from understudy.errors import OptionError
    from understudy.experiment import train as run_training
    from understudy.settings import assignments

    flags: dict[str, Any] = {
        "epochs": epochs,
        "steps": steps,
        "minutes": minutes,
        "device": device,
        "precision": precision,
        "batch": batch,
        "learning_rate": lr,
        "image_size": image_size,
    }
    given = {key: value for key, value in flags.items() if value is not None}
    chosen = assignments(settings or [])
    if both := chosen.keys() & given.keys():
        raise OptionError(f"{', '.join(sorted(both))} was given twice, by its flag and by --set")
    return conclude(run_training(name, data, config=config, seed=seed, out=out, quiet=quiet, settings=chosen | given))
