"""One sitting at a fix: trials in turn, until each has won or lost, and the winner as a run of its own."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from understudy.cures.judging import beaten_by, mean, wins
from understudy.cures.record import findings_of, trials_of
from understudy.cures.result import NAME, Fix
from understudy.cures.trial import Trial, Trials, Untried
from understudy.doctor.finding import Finding
from understudy.errors import OptionError, RequestError, RunError
from understudy.experiment import Source
from understudy.files import read_json, write_json
from understudy.report.fix import write_fix
from understudy.run import Run
from understudy.runs.directory import RunDirectory
from understudy.runs.sweep import SETTLED, Cell, Criterion, Row, rows_of
from understudy.sweeps.cell import needs_judging, settle
from understudy.sweeps.plan import Checked, Plan, check
from understudy.sweeps.progress import Progress
from understudy.sweeps.sitting import in_turn

CURED, TRIALS, FULL = "cured", "trials", "full"


class Work:
    """What is to be done of a fix, and where.

    Args:
        findings: of the sick run.
        plan: the sick run's own file, under the trials' budget.
        full: whether that is the run's own budget, so that a trial's run is the cured one.
    """

    def __init__(
        self,
        sick: Run,
        findings: Sequence[Finding],
        plan: Plan,
        place: Path,
        *,
        data: Source | None,
        full: bool,
        quiet: bool,
    ) -> None:
        self.sick, self.findings, self.plan, self.place = sick, list(findings), plan, place
        self.data, self.full, self.quiet = data, full, quiet
        self.trials = Trials([])
        self.criterion = Criterion("", "low")
        self.kept: dict[str, Any] | None = None

    @property
    def folder(self) -> Path:
        """Where the trials' runs are."""
        return self.place / TRIALS

    def carry_out(self, trials: Trials) -> Fix:
        """Try what can be tried, and keep what wins."""
        if self.findings:
            trials = self._possible(trials)
        self.trials = trials
        if not trials.remedies:
            return Fix(self.place, self._record("not curable" if self.findings else "healthy"))
        self._refuse_another()
        self.place.mkdir(parents=True, exist_ok=True)
        with RunDirectory(self.place).locked():
            status = "interrupted"
            try:
                self._try()
                status = self._conclude()
            finally:
                self._note(status)
                write_fix(self.place)
        return Fix(self.place)

    def _possible(self, trials: Trials) -> Trials:
        """Without remedies that no run of this network could have; all is resolved before anything is trained."""
        checked = check(self.plan, [{}], self.data)
        self._check_data(checked)
        assert checked.criterion is not None  # the plan names it
        self.criterion = checked.criterion
        tried, untried = [], list(trials.untried)
        for trial in trials.tried:
            try:
                check(self.plan, [{}, trial.options], self.data)
                tried.append(trial)
            except RequestError as error:
                if trial.kind == "control":
                    tried.append(replace(trial, options={}, title="control: other seeds"))
                else:
                    untried += [Untried(finding, trial.title, str(error)) for finding in trial.findings]
        return Trials(tried, untried)

    def _check_data(self, checked: Checked) -> None:
        if checked.fingerprint != self.sick.record["data"]["fingerprint"]:
            raise RunError(
                f"the data '{checked.data}' has changed since '{self.sick.path}' began; nothing can be compared"
            )

    def _refuse_another(self) -> None:
        if not self.place.is_dir() or not any(self.place.iterdir()):
            return
        if not (self.place / NAME).is_file():
            raise RunError(f"'{self.place}' exists and is no fix; choose another --out")
        if read_json(self.place / NAME)["base"] != self._base:
            raise RunError(f"'{self.place}' has a fix of another run or budget; choose another --out")

    @property
    def _base(self) -> dict[str, Any]:
        """What must not change where a fix goes on."""
        return {"asked": self.plan.asked, "budget": self.plan.sweep.budget, "run": str(self.sick.path.resolve())}

    def _try(self) -> None:
        cells = [cell for trial in self.trials.tried for cell in trial.cells]
        progress = Progress(len(cells), f"validation {self.criterion.name}", self.quiet)
        progress.skip(sum(not self._open(cell) for cell in cells))
        for cell in in_turn(self.folder, self._cells(progress), self._settle, progress):
            row = self._row(Trial("remedy", "", dict(cell.options), (cell.seed,)))
            progress.end(cell, row.outcomes[0])
            self._demand_value(row)
            self._note("running")

    def _cells(self, progress: Progress) -> Iterator[Cell]:
        """What is to be trained next: a remedy that has lost is not tried on."""
        for trial in self.trials.tried:
            for number, cell in enumerate(trial.cells):
                if trial.kind == "remedy" and beaten_by(self._row(trial), self._references(), self.criterion):
                    progress.total -= sum(map(self._open, trial.cells[number:]))
                    break
                if self._open(cell):
                    yield cell

    def _open(self, cell: Cell) -> bool:
        run = RunDirectory(self.folder / cell.folder)
        if not run.record.is_file():
            return True
        status = run.read()["status"]
        return status not in SETTLED or (status == "finished" and needs_judging(run, self.criterion))

    def _settle(self, cell: Cell) -> None:
        settle(self.folder, self.plan, cell, self.criterion, self.data, self.quiet)

    def _demand_value(self, row: Row) -> None:
        found = row.outcomes[0]
        if found.status == "finished" and found.criterion is None:
            known = ", ".join(sorted(found.scores)) or "none"
            raise OptionError(f"no run has a {self.criterion.name} to judge by; its scores are: {known}. Use --by")

    def _row(self, trial: Trial) -> Row:
        return rows_of(self.folder, [trial.options], trial.seeds, self.criterion)[0]

    def _references(self) -> list[Row]:
        return [self._row(trial) for trial in self.trials.references]

    # -- what won

    def _conclude(self) -> str:
        """Keep the best of what won; returns how the fix ended."""
        references = self._references()
        rows = [(trial, self._row(trial)) for trial in self.trials.remedies]
        if not all(row.over for row in references) or any(self._undecided(row, references) for _, row in rows):
            return "interrupted"
        winners = [(trial, row) for trial, row in rows if wins(row, references, self.criterion)]
        if not winners:
            return "not cured"
        best, _ = min(winners, key=lambda pair: mean(pair[1], self.criterion))
        return self._keep(best)

    def _undecided(self, row: Row, references: Sequence[Row]) -> bool:
        return not row.over and beaten_by(row, references, self.criterion) is None

    def _keep(self, best: Trial) -> str:
        """The winner with the run's own seed and budget, as a run that names the one it cures."""
        cell, folder = best.cells[0], self.folder
        if not self.full:
            folder, own = self.place / FULL, replace(self.plan, sweep=replace(self.plan.sweep, budget=None))
            settle(folder, own, cell, None, self.data, self.quiet)
        source = RunDirectory(folder / cell.folder)
        status = source.read()["status"]
        if status != "finished":
            return "interrupted" if status == "interrupted" else "not cured"
        fresh, place = RunDirectory(self.place / f"{CURED}.new"), self.place / CURED
        for stale in (fresh.path, place):
            shutil.rmtree(stale, ignore_errors=True)
        shutil.copytree(source.path, fresh.path)
        told = {"run": str(self.sick.path.resolve()), "findings": list(best.findings), "remedy": best.title}
        fresh.update(name=self.place.name, cures={**told, "options": best.options})
        fresh.path.rename(place)
        Run(place).report()
        self.kept = {"folder": CURED, "title": best.title, "options": best.options, "findings": list(best.findings)}
        return "cured"

    def _record(self, status: str) -> dict[str, Any]:
        trials = self.trials
        rows = [self._row(trial) for trial in trials.tried] if trials.remedies else []
        told = trials if rows else replace(trials, tried=[])
        return {
            "status": status,
            "run": str(self.sick.path),
            "base": self._base,
            "criterion": asdict(self.criterion),
            "findings": findings_of(self.findings, trials),
            "trials": trials_of(self.folder, told, rows, self.findings, self.criterion),
            "cured": self.kept,
        }

    def _note(self, status: str) -> None:
        write_json(self.place / NAME, self._record(status))
