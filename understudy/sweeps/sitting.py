"""One sitting at a sweep: cells are settled in turn, or some at a time, and the record says how it stands."""

import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from understudy.errors import OptionError, UnderstudyError
from understudy.experiment import Source
from understudy.report.sweep import write_sweep
from understudy.runs.directory import RunDirectory
from understudy.runs.sweep import SETTLED, Cell, Outcome, Row, SweepDirectory, folder_name, rows_of
from understudy.sweeps.cell import needs_judging, settle
from understudy.sweeps.plan import Checked, Options, Plan, check
from understudy.sweeps.processes import in_processes
from understudy.sweeps.progress import Progress
from understudy.sweeps.record import record_of


class Sitting:
    """Trains cells, and keeps the sweep's record up to date.

    Attributes:
        complete: whether nothing is left to do; whoever uses the sitting says so.
    """

    def __init__(
        self, directory: SweepDirectory, plan: Plan, checked: Checked, data: Source | None, jobs: int, quiet: bool
    ) -> None:
        self.directory, self.plan, self.checked = directory, plan, checked
        self.data, self.jobs, self.quiet = data, jobs, quiet
        self.combinations: list[Options] = []
        self.seen: set[str] = set()
        self.complete = False
        total = (plan.sweep.trials or len(list(plan.combinations()))) * plan.sweep.seeds
        name = f"validation {checked.criterion.name}" if checked.criterion else ""
        self.progress = Progress(total, name, quiet)

    @contextmanager
    def noted(self) -> Iterator[None]:
        """However the block ends, the record says where the sweep stands."""
        try:
            yield
        finally:
            self._note("finished" if self.complete else "interrupted")
            write_sweep(self.directory.path)

    def trial(self, combinations: Sequence[Options]) -> list[Row]:
        """As `settle`, of combinations that were not all known at the beginning."""
        if not (self.directory.path / folder_name(combinations[-1])).exists():
            check(self.plan, [combinations[-1]], self.data)
        return self.settle(combinations)

    def settle(self, combinations: Sequence[Options]) -> list[Row]:
        """Train and judge what is not; returns the rows, ranked."""
        self.combinations = list(combinations)
        outcomes = _outcomes(self._note("running"))
        cells = [Cell(options, seed) for options in combinations for seed in range(self.plan.sweep.seeds)]
        fresh = [cell for cell in cells if cell.folder not in self.seen]
        self.seen |= {cell.folder for cell in fresh}
        open_ = [cell for cell in fresh if self._open(cell, outcomes[cell.folder])]
        self.progress.skip(len(fresh) - len(open_))
        for cell in self._settled(open_):
            found = _outcomes(self._note("running"))[cell.folder]
            self.progress.end(cell, found)
            self._demand_value(found)
        return self._note("running")

    def _note(self, status: str) -> list[Row]:
        seeds = range(self.plan.sweep.seeds)
        rows = rows_of(self.directory.path, self.combinations, seeds, self.checked.criterion)
        self.directory.write(record_of(self.plan, self.checked, self.combinations, rows, status))
        return rows

    def _open(self, cell: Cell, found: Outcome) -> bool:
        run = RunDirectory(self.directory.path / cell.folder)
        judging = found.status == "finished" and needs_judging(run, self.checked.criterion)
        return found.status not in SETTLED or judging

    def _settled(self, cells: Sequence[Cell]) -> Iterator[Cell]:
        if self.jobs > 1:
            return in_processes(self.directory.path, cells, self.jobs)
        return in_turn(self.directory.path, cells, self._settle, self.progress)

    def _settle(self, cell: Cell) -> None:
        settle(self.directory.path, self.plan, cell, self.checked.criterion, self.data, self.quiet)

    def _demand_value(self, found: Outcome) -> None:
        """A cell that is done without a value shows that there is no such score."""
        criterion = self.checked.criterion
        if criterion and found.status == "finished" and found.criterion is None:
            known = ", ".join(sorted(found.scores)) or "none"
            raise OptionError(
                f"no run has a {criterion.name} to rank by; its scores are: {known}. Use --by with another"
            )


def _outcomes(rows: Sequence[Row]) -> dict[str, Outcome]:
    return {found.folder: found for row in rows for found in row.outcomes}


def in_turn(
    directory: Path, cells: Iterable[Cell], settle_: Callable[[Cell], None], progress: Progress
) -> Iterator[Cell]:
    """Settle cells one after the other. One that fails is left behind, and told; Ctrl-C ends the sitting."""
    for cell in cells:
        progress.begin(cell)
        try:
            settle_(cell)
        except KeyboardInterrupt:
            return
        except UnderstudyError as error:
            print(f"error: {cell}: {error}", file=sys.stderr)
        except Exception:  # whatever went wrong in this cell, its record has it, and the others can still be trained
            traceback.print_exc()
        yield cell
        run = RunDirectory(directory / cell.folder)
        if run.record.is_file() and run.read()["status"] == "interrupted":
            return
