"""The only wiring: run file -> data -> network -> training -> scores -> run."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from understudy import models
from understudy.data.batches import at_once, in_order
from understudy.data.conform import load_for, unlabelled
from understudy.data.dataset import Dataset, Items
from understudy.data.sources import known_names, load
from understudy.doctor.finding import Finding
from understudy.doctor.live import Doctor
from understudy.errors import DataError, Diverged, OptionError, RunError, TrainingFailed, UnknownName
from understudy.evaluation import Scores, exhibit
from understudy.evaluation import evaluate as judge
from understudy.evaluation.figures import TRAIN, save_figures
from understudy.evaluation.film.film import Film, films_of
from understudy.files import write_json
from understudy.models.capabilities import Borrows, Calibrates
from understudy.models.network import Network
from understudy.run import Run, find_run
from understudy.runs.directory import RunDirectory, create, fresh_path
from understudy.runs.record import loading, now, opening
from understudy.runs.recorder import Checkpointer, Growing, Recorder, restore
from understudy.runs.runfile import RunFile, read_run_file, resolve, table
from understudy.training.checkpoint import save_weights
from understudy.training.display import Display
from understudy.training.engine import choose_engine
from understudy.training.loop import Observer
from understudy.training.loop import train as run_loop
from understudy.training.session import Session
from understudy.training.stopping import stop_on_signals

Source = str | Path | ArrayLike | Tensor | tuple[Any, Any]
Say = Callable[[str], None]
ROOT = Path("runs")
JUDGED = ("test", "validation")


def _silent(text: str) -> None:
    pass


def _to_stderr(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def train(
    network: str | None = None,
    data: Source | None = None,
    *,
    config: str | Path | Mapping[str, Any] | None = None,
    seed: int | None = None,
    out: str | Path | None = None,
    quiet: bool = False,
    observers: Sequence[Observer] = (),
    settings: Mapping[str, Any] | None = None,
    **options: Any,
) -> Run:
    """Train a network, score it on held-out data, and keep all of it in a run directory.

    Args:
        network: a name of `understudy models`, or `path.py:Class`.
        data: a name of `understudy data`, a path, an array of items, or (items, labels).
        config: a TOML run file, or the same as a mapping; the other arguments win over it.
        seed: of the weights, the batches' order and the noise. The same seed gives the same numbers on the same machine
            with as many threads, unless the budget is in minutes.
        out: the run's directory; by default the next free one under `runs/`.
        quiet: show no progress.
        observers: more listeners to the training loop.
        settings, options: options of network, training and data by name, such as `epochs=5` or `latent_dim=2`.

    Returns:
        The run. Look at `status`: it may be `diverged` or `interrupted`.

    Raises:
        RequestError: the request was wrong; nothing was written.

    Example:
        >>> train("vae", data="digits", epochs=5)  # doctest: +SKIP
    """
    file = requested(network, data, config=config, seed=seed, settings={**(settings or {}), **options})
    dataset = read_data(file, data)
    session = begin(file, dataset)
    films = films_of(session)
    path = Path(out) if out is not None else fresh_path(ROOT, file.network, dataset.name)
    directory = create(path, opening(file, dataset, session), loading(file.network, session.network))
    with directory.locked():
        return _sit(directory, session, dataset, films, quiet, observers)


def requested(
    network: str | None,
    data: Source | None,
    *,
    config: str | Path | Mapping[str, Any] | None = None,
    seed: int | None = None,
    settings: Mapping[str, Any],
) -> RunFile:
    """The complete run file of a request to train; arguments as of `train`.

    Raises:
        RequestError: it names what does not exist, or a value that cannot be used.
    """
    file = resolve(asked_for(network, data, config, seed), settings)
    if file.data.labels is None:
        return file
    return replace(file, data=replace(file.data, labels=str(Path(file.data.labels).resolve())))


def read_data(file: RunFile, data: Source | None = None) -> Dataset:
    """The data that a run file names, or the arrays that it cannot hold.

    Raises:
        OptionError: there is neither.
        DataError: it cannot be read.
    """
    source: Any = data if data is not None and not isinstance(data, str | Path) else file.source
    if source is None:
        raise OptionError("no data was named; pass --data with a name of `understudy data` or a path")
    return load(source, file.data)


def begin(file: RunFile, dataset: Dataset) -> Session:
    """A session before its first step: the network built from the seed, on its device.

    Raises:
        RequestError: the network cannot learn from such data, or the device cannot be had.
    """
    torch.manual_seed(file.seed)
    built = _with_what_it_borrows(models.build(file.network, file.model, dataset.spec))
    return Session(built, dataset, file.training, choose_engine(file.training, built), file.seed)


def resume(
    run: str | Path,
    *,
    data: Source | None = None,
    device: str | None = None,
    quiet: bool = False,
    observers: Sequence[Observer] = (),
) -> Run:
    """Go on with a run that was interrupted, killed or failed, from its last checkpoint.

    On a CPU it ends with the same weights and events, to the bit, as if it had never been stopped, unless its budget is
    in minutes: then the clock has its say. A finished run is left as it is.

    Args:
        data: only for a run that was trained on arrays: the same arrays.
        device: where to go on, then not to the bit; unset: where it was.

    Raises:
        OptionError: `data` for a run that names its own, or no such device here.
        RunError: no such run, it diverged, its data changed, or another process is training it.
    """
    directory = RunDirectory(Path(run))
    record = directory.read()
    if record["status"] == "finished":
        return Run(directory.path)
    if record["status"] == "diverged":
        raise RunError(f"'{run}' {record['reason']} It would do so again; train anew with other settings")
    with directory.locked():
        torch.set_num_threads(record["threads"])  # sums of floats depend on how they are shared out
        file = resolve(record["config"], {})
        dataset = _same_data(record, file, data)
        torch.manual_seed(file.seed)
        built = models.build(file.network, file.model, dataset.spec)
        if not directory.checkpoint.is_file():  # which has all the weights
            built = _with_what_it_borrows(built)
        where = {"device": record["device"], "precision": record["precision"]} if device is None else {"device": device}
        engine = choose_engine(replace(file.training, **where), built)
        session = Session(built, dataset, file.training, engine, file.seed)
        return _sit(directory, session, dataset, films_of(session), quiet, observers)


def evaluate(
    run: str | Path,
    *,
    data: Source | None = None,
    samples: int | None = None,
    features: str | None = None,
    train_on_generated: bool = False,
    split: str = "test",
) -> Scores:
    """Score a run's network on the test split of its own data, or of other data that fits it.

    Scores on its own test split replace scores.json; all others are returned and written nowhere.

    Args:
        samples: importance samples per item, for networks with a likelihood; 200 unless given.
        features: `path.py:Class` of a module that gives pictures features to compare samples by, beside the usual ones.
        train_on_generated: whether classifiers learn from samples, from real items and from both, to be tested on real
            ones; too dear to do always.
        split: validation, to choose by; other data is scored whole.

    Raises:
        UnknownName: no such split; what a network was trained on is not scored.
        OptionError: no score of this network takes an option, or a split of other data was asked for.
        RunError: the run's own data, which the baselines learn from, is not there or has changed.
        DataError: the data does not fit the network.
    """
    if split not in JUDGED:
        raise UnknownName("split", split, JUDGED)
    trained = Run(run)
    network, directory = trained.model, trained.directory
    file = resolve(trained.record["config"], {})
    asked = {"samples": samples, "features": features, "train_on_generated": train_on_generated or None}
    options = {key: value for key, value in asked.items() if value is not None}
    dataset = _same_data(trained.record, file, None)
    if data is not None:
        if split != "test":
            raise OptionError(f"other data is scored whole; leave out split={split} or data")
        others = load_for(data, trained.spec, replace(file.data, labels=None), whole=True)
        if others.spec.classes != trained.spec.classes:  # its class 1 may be another thing than ours
            if others.spec.classes:
                _to_stderr(f"'{others.name}' has classes that the run does not know: it is scored without classes")
            others = replace(others, spec=trained.spec, test=unlabelled(others.test))
        # The baselines, like the network, know the run's own training data alone.
        others = replace(others, train=dataset.train, validation=dataset.validation)
        return judge(network, others, file.seed, **options)
    if split == "validation":
        return judge(network, replace(dataset, test=dataset.validation), file.seed, **options)
    scores = judge(network, dataset, file.seed, **options) | _costs(trained.record)
    write_json(directory.path / "scores.json", scores)
    save_figures(exhibit(network, dataset, file.seed), directory.figures)
    trained.report()
    return scores


def _with_what_it_borrows(network: Network) -> Network:
    """The network, with the parts of another run's that it is to begin with."""
    if isinstance(network, Borrows) and (lender := network.lender()) is not None:
        network.borrow(find_run(lender).model)
    return network


def asked_for(
    network: str | None,
    data: Source | None,
    config: str | Path | Mapping[str, Any] | None = None,
    seed: int | None = None,
) -> dict[str, Any]:
    """A run file, as far as it was asked for, with whole paths; arguments as of `train`."""
    asked = dict(read_run_file(Path(config)) if isinstance(config, str | Path) else config or {})
    if network is not None:
        asked["network"] = network
    if ".py:" in str(asked.get("network", "")):
        file, _, name = str(asked["network"]).rpartition(":")
        asked["network"] = f"{Path(file).resolve()}:{name}"  # so that the run can be used from anywhere
    if seed is not None:
        asked["seed"] = seed
    given = table(asked, "data")
    source = data if data is not None else given.get("source")
    if isinstance(source, str | Path):
        # A path is kept whole, so that the run can be resumed from anywhere.
        named = str(source) in known_names() or not Path(source).exists()
        asked["data"] = {**given, "source": str(source) if named else str(Path(source).resolve())}
    elif data is not None:
        asked["data"] = {**given, "source": None}  # a run file cannot hold arrays
    return asked


def _same_data(record: Mapping[str, Any], file: RunFile, data: Source | None) -> Dataset:
    if file.source is None and data is None:
        raise RunError("this run was trained on arrays; pass the same ones, data=...")
    if file.source is not None and data is not None:
        raise OptionError(f"this run has data of its own, '{file.source}'; leave data out")
    dataset = load(file.source if file.source is not None else data, file.data)
    if dataset.fingerprint != record["data"]["fingerprint"]:
        raise RunError(f"the data '{dataset.name}' has changed since the run began; train anew, or bring it back")
    return dataset


def _sit(
    directory: RunDirectory,
    session: Session,
    dataset: Dataset,
    films: Sequence[Film],
    quiet: bool,
    observers: Sequence[Observer],
) -> Run:
    """One sitting: train from where the session's last checkpoint left off, then score."""
    kept = {film.name: film for film in films}
    lengths = restore(directory, session, kept)
    recorder = Recorder(directory.events, lengths.get("events", 0))
    engine = session.engine
    directory.update(status="running", reason=None, ended=None, device=str(engine.device), precision=engine.precision)
    shown = [] if quiet else [Display()]
    doctor = _doctor(directory, session, dataset.test, lengths.get("signals", 0), shown)
    growing: dict[str, Growing] = {"events": recorder, "signals": doctor}
    keeper = Checkpointer(directory, growing, session.config.checkpoint_seconds, kept)
    try:
        with stop_on_signals() as stop:
            run_loop(session, [doctor, recorder, *films, keeper, *shown, *observers], stop)
        if not session.over:
            return _end(directory, session, "interrupted", f"stopped by {stop.signal.name}" if stop.signal else "")
        recorder.on_event(_last_event(session, "finished"))
        _show(films, directory)
        _score(directory, session, dataset, _silent if quiet else _to_stderr)
        return _end(directory, session, "finished", session.progress.stopped)
    except Diverged as error:
        recorder.on_event(_last_event(session, "diverged"))
        doctor.diverged(session, error, directory.checkpoint)
        _show(films, directory)
        return _end(directory, session, "diverged", str(error))
    except KeyboardInterrupt:
        return _end(directory, session, "interrupted", "stopped at once")
    except DataError as error:  # a file that went bad while training ran
        _end(directory, session, "failed", str(error))
        raise TrainingFailed(f"{error}; then go on with `understudy resume {directory.path}`") from error
    except Exception as error:  # whatever it was, an observer's fault included, the record says so
        _end(directory, session, "failed", str(error) or repr(error))
        raise
    finally:
        for display in shown:
            display.close()
        doctor.close()
        recorder.close()


def _doctor(directory: RunDirectory, session: Session, test: Items, offset: int, shown: Sequence[Display]) -> Doctor:
    """The one who watches this sitting, and says through the displays what is found."""
    record = directory.read()

    def say(finding: Finding) -> None:
        for display in shown:
            display.say(finding.line())

    return Doctor(
        session,
        directory.path,
        name=record["network"],
        config=record["config"],
        say=say,
        offset=offset,
        events=directory.read_events(),
        test=test,
    )


def _last_event(session: Session, status: str) -> dict[str, Any]:
    at = session.progress
    return {"event": "end", "status": status, "step": at.step, "epoch": at.epoch, "time": round(at.seconds, 3)}


def _show(films: Sequence[Film], directory: RunDirectory) -> None:
    if figures := [figure for film in films for figure in film.figures()]:
        save_figures(figures, directory.figures, by=TRAIN)


def _score(directory: RunDirectory, session: Session, dataset: Dataset, say: Say) -> None:
    network = session.network
    network.load_state_dict(session.weights())
    if isinstance(network, Calibrates):
        network.eval().calibrate(in_order(session.validation_items, at_once(network.spec)))
        save_weights(directory.weights, network.state_dict())
    say(f"scoring on {len(dataset.test):,} held-out items")
    scores = judge(network, dataset, session.seed)
    save_figures(exhibit(network, dataset, session.seed), directory.figures)
    costs = {"train_seconds": round(session.progress.seconds, 3), "steps": session.progress.step}
    write_json(directory.path / "scores.json", scores | costs)


def _costs(record: Mapping[str, Any]) -> Scores:
    # A run that was killed does not know them.
    return {"train_seconds": record["train_seconds"], "steps": record["step"]} if record["ended"] else {}


def _end(directory: RunDirectory, session: Session, status: str, reason: str) -> Run:
    at = session.progress
    directory.update(
        status=status,
        reason=reason or None,
        ended=now(),
        step=at.step,
        epoch=at.epoch,
        train_seconds=round(at.seconds, 3),
    )
    run = Run(directory.path)
    run.report()
    return run
