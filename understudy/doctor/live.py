"""The doctor at the bedside: an observer of training that samples, judges and speaks up."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from understudy.data.dataset import Batch, Items
from understudy.doctor import journal, probes
from understudy.doctor.examiner import Examiner
from understudy.doctor.facts import Facts
from understudy.doctor.finding import Finding
from understudy.doctor.journal import Journal
from understudy.doctor.pace import PLAIN, Pace
from understudy.doctor.replay import Culprit, find_culprit
from understudy.doctor.signals import Row, Signals
from understudy.doctor.stored import event_rows, set_aside
from understudy.doctor.training_subject import LastMove, subject_of
from understudy.doctor.verdict import Verdict, examine
from understudy.errors import Diverged
from understudy.files import write_json
from understudy.models.network import Turn
from understudy.training.checkpoint import load_tree
from understudy.training.loop import Observer
from understudy.training.session import Session

FINDINGS = "findings.json"
Say = Callable[[Finding], None]


class Doctor(Observer):
    """Watches a session, keeps what it reads beside the run's events, and tells of each finding once.

    Args:
        folder: the run's directory; unset: nothing is written.
        name: the network's name in the table.
        config: the run file's options.
        say: hears of each new finding.
        offset: bytes of signals.jsonl to keep: what a checkpoint knew of.
        events: the run's events until then.
        test: the test split, which is compared with the others before training, and never shown to the network.
    """

    def __init__(
        self,
        session: Session,
        folder: Path | None = None,
        *,
        name: str = "",
        config: Mapping[str, Any] | None = None,
        say: Say = lambda finding: None,
        offset: int = 0,
        events: Sequence[Mapping[str, Any]] = (),
        pace: Pace | None = None,
        test: Items | None = None,
    ) -> None:
        self.pace, self.say, self.folder = pace or Pace(), say, folder
        self._last = LastMove(session)
        subject = subject_of(session, name, config or {}, self._last, test)
        self.examiner = Examiner(subject, probes.load(), self.pace)
        self.rows: list[Row] = [row for event in events for row in event_rows(event)]
        self.facts: Facts = subject.facts
        self.journal: Journal | None = None
        self._begin: Mapping[str, Any] = {}
        self._told: set[str] = set()
        self._written: list[dict[str, Any]] = []
        if folder is not None:
            path = folder / journal.NAME
            self.journal = Journal(path, offset)
            if offset == 0:
                self.journal.write_facts(self.facts)
            self.rows += journal.read(path)[0]

    def on_start(self, session: Session) -> None:
        """Look at the structure, and get ready for the first step."""
        self._begin = copy.deepcopy(session.state_dict())
        if session.progress.step == 0:
            self.examiner.start()
            self.settle()
            self._judge()
        self.pace.start()  # what comes before the first step is not on its account
        self._prepare(session)

    def on_move(self, session: Session, turn: Turn, batch: Batch, terms: Mapping[str, Tensor]) -> None:
        """Remember the move of a sampled step."""
        self._last.note(turn, batch, terms["loss"])
        self.pace.step_ends()  # perhaps; if another move follows, it says so too

    def on_step(self, session: Session) -> None:
        """Take what the probes saw, and choose the next step to sample."""
        step = session.progress.step
        self.examiner.collect(step)
        if self.pace.look_due(step):
            self.examiner.validate(step)
        self._last.forget()
        self._prepare(session)

    def _prepare(self, session: Session) -> None:
        sampled = self.pace.due(session.progress.step + 1)
        self.pace.next_step("sample" if sampled else PLAIN)
        if sampled:
            self.examiner.attach()

    def on_event(self, event: Mapping[str, Any]) -> None:
        """After a window or a validation: judge, and speak up if something is new."""
        with self.pace.working("event"):
            self.rows += event_rows(event)
            self.settle()
        if self.pace.affordable("verdict"):
            with self.pace.working("verdict"):
                self._judge()

    def on_end(self, session: Session) -> None:
        """Look at held-out items a last time, and say what is left to say."""
        self.examiner.close()
        self.examiner.validate(session.progress.step)
        self.settle()
        self._judge()

    def diverged(self, session: Session, error: Diverged, checkpoint: Path | None = None) -> None:
        """Take note of a value that was not finite, and find the operation that made it; the session is of no use then.

        Args:
            checkpoint: the last one; unset or not there: it begins at the start of this sitting.
        """
        self.examiner.close()
        self._keep([(error.step, "non_finite", error.term, error.value)])
        there = checkpoint is not None and checkpoint.is_file()
        state = load_tree(checkpoint)["session"] if checkpoint is not None and there else self._begin
        found = find_culprit(session, state, error)
        if isinstance(found, Culprit):
            self._keep([(error.step, "culprit", str(found), 1.0)])
        else:
            self.examiner.disabled["replay"] = found
        self._judge()

    def settle(self) -> None:
        """Bring over what waits on the device."""
        self._keep(self.examiner.settle())

    def _keep(self, rows: list[Row]) -> None:
        self.rows += rows
        if self.journal is not None:
            self.journal.write_rows(rows)

    @property
    def offset(self) -> int:
        """Bytes of signals.jsonl, all of them on disk."""
        self.settle()
        return self.journal.offset if self.journal else 0

    def verdict(self) -> Verdict:
        """What is to be said by now, without what the run file sets aside."""
        found = examine(Signals.gather(self.rows), self.facts, disabled=self.examiner.disabled)
        return found.without(set_aside(self.facts.config))

    def _judge(self) -> None:
        """Tell what is new, and write what there is."""
        verdict = self.verdict()
        for finding in verdict.findings:
            if finding.id not in self._told:  # the layer that has it worst may change
                self._told.add(finding.id)
                self.say(finding)
        if self.folder is not None and verdict.told != self._written:
            self._written = verdict.told
            write_json(self.folder / FINDINGS, self._written)

    def close(self) -> None:
        """No more."""
        self.examiner.close()
        if self.journal is not None:
            if self.examiner.disabled:
                self.journal.write_disabled(self.examiner.disabled)
            self.journal.close()
