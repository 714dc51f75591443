"""Runs found by name, and listed. `understudy runs` over 1,000 runs takes 0.7 s: no index, none to go stale."""

from dataclasses import dataclass
from pathlib import Path

from understudy.errors import RunError, UnknownName
from understudy.runs.directory import RunDirectory, runs_under

ROOT = Path("runs")


@dataclass(frozen=True)
class Line:
    """One run in a listing; `score` is its most telling score, by name and value."""

    path: Path
    network: str
    data: str
    seed: int
    status: str
    steps: int
    score: tuple[str, float] | None


TELLING = ("nll", "mse", "denoising_gain_db", "fid_lenet", "energy_distance")


def listing(root: Path = ROOT) -> list[Line]:
    """All runs under `root`."""
    return [_line(run) for run in runs_under(root)]


def _line(run: RunDirectory) -> Line:
    try:
        record, scores = run.read(), run.scores
    except RunError:
        return Line(run.path, "", "", 0, "unreadable", 0, None)
    name = next((name for name in (*TELLING, *scores) if name in scores), None)
    return Line(
        path=run.path,
        network=record["network"],
        data=record["data"]["name"],
        seed=record["config"]["seed"],
        status=record["status"],
        steps=record["step"],
        score=(name, scores[name]) if name else None,
    )


def locate(run: str | Path, root: Path = ROOT) -> RunDirectory:
    """A run by its directory, or by its name under `root`.

    Raises:
        UnknownName: neither is there; the message has the nearest name.
        RunError: there is something at this path that is not a run.
    """
    given = Path(run)
    for candidate in (given, root / given):
        if (candidate / "run.json").is_file():
            return RunDirectory(candidate)
    if not given.exists() and root.is_dir():
        known = [record.parent.name for record in root.glob("*/run.json")]
        raise UnknownName("run", str(run), known, "`understudy runs` lists them.")
    RunDirectory(given).read()  # raises, with the reason
    return RunDirectory(given)
