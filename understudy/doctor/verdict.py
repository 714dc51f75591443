"""All rules on a run's signals: what was found, what is clear, and what was not checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from understudy.doctor import rules as table
from understudy.doctor.facts import Facts
from understudy.doctor.finding import SEVERITIES, Clear, Finding, Fired, NotApplicable, NotEnough, Outcome, Severity
from understudy.doctor.rule import UNREAD, Rule
from understudy.doctor.signals import Signals


@dataclass(frozen=True)
class Unchecked:
    """A rule that could not tell, and why."""

    id: str
    title: str
    reason: str


@dataclass(frozen=True)
class Verdict:
    """What the doctor says of a run.

    Attributes:
        findings: one for each cause, the gravest first.
        hidden: findings that follow from one of those, with its id.
        clear: rules that looked and found nothing.
        unchecked: rules that would apply, but could not look.
        inapplicable: rules that mean nothing for this run.
        disabled: probes that broke, and how.
        ignored: findings that somebody knows of, each with the reason why it does not count.
    """

    findings: tuple[Finding, ...]
    hidden: tuple[tuple[Finding, str], ...] = ()
    clear: tuple[str, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    inapplicable: tuple[Unchecked, ...] = ()
    disabled: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[tuple[Finding, str], ...] = ()

    def without(self, reasons: Mapping[str, str]) -> Verdict:
        """The same with some findings set aside, by their id, or `id@place` for one place alone."""
        keyed = [
            (finding, reasons.get(f"{finding.id}@{finding.place}", reasons.get(finding.id)))
            for finding in self.findings
        ]
        return replace(
            self,
            findings=tuple(finding for finding, reason in keyed if reason is None),
            ignored=(*self.ignored, *((finding, reason) for finding, reason in keyed if reason is not None)),
        )

    def unread(self) -> dict[str, list[str]]:
        """Rules that could not look, under the reason that they share."""
        reasons: dict[str, list[str]] = {}
        for rule in self.unchecked:
            reasons.setdefault(UNREAD if rule.reason.startswith(UNREAD) else rule.reason, []).append(rule.id)
        return reasons

    @property
    def told(self) -> list[dict[str, Any]]:
        """Items of findings.json; what is set aside comes last, each with its reason under `ignored`."""
        aside = ({**finding.to_json(), "ignored": reason} for finding, reason in self.ignored)
        return [*(finding.to_json() for finding in self.findings), *aside]

    def at_least(self, severity: Severity) -> list[Finding]:
        """Findings of this severity or a graver one."""
        grave = SEVERITIES[: SEVERITIES.index(severity) + 1]
        return [finding for finding in self.findings if finding.severity in grave]

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `findings` as in findings.json."""
        return {
            "findings": [finding.to_json() for finding in self.findings],
            "hidden": [{"id": finding.id, "by": by} for finding, by in self.hidden],
            "clear": list(self.clear),
            "unchecked": {rule.id: rule.reason for rule in self.unchecked},
            "inapplicable": {rule.id: rule.reason for rule in self.inapplicable},
            "disabled": dict(self.disabled),
            "ignored": {finding.id: reason for finding, reason in self.ignored},
        }


def examine(
    signals: Signals,
    facts: Facts,
    rules: Sequence[Rule] | None = None,
    disabled: Mapping[str, str] | None = None,
) -> Verdict:
    """Ask every rule.

    Args:
        rules: unset: all of the table.
        disabled: probes that broke, and how.
    """
    asked = table.load() if rules is None else rules
    outcomes = [(rule, _outcome(rule, signals, facts)) for rule in asked]
    found = [(rule, outcome.finding) for rule, outcome in outcomes if isinstance(outcome, Fired)]
    hidden = _followers(found)
    roots = [finding for _, finding in found if finding.id not in hidden]
    return Verdict(
        findings=tuple(sorted(roots, key=lambda finding: (SEVERITIES.index(finding.severity), finding.step or 0))),
        hidden=tuple((finding, hidden[finding.id]) for _, finding in found if finding.id in hidden),
        clear=tuple(rule.id for rule, outcome in outcomes if isinstance(outcome, Clear)),
        unchecked=tuple(
            Unchecked(rule.id, rule.title, outcome.reason)
            for rule, outcome in outcomes
            if isinstance(outcome, NotEnough)
        ),
        inapplicable=tuple(
            Unchecked(rule.id, rule.title, outcome.reason)
            for rule, outcome in outcomes
            if isinstance(outcome, NotApplicable)
        ),
        disabled=dict(disabled or {}),
    )


def _outcome(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """A rule that breaks must not end a training run; what is not checked is said."""
    try:
        return rule.outcome(signals, facts)
    except Exception as error:
        return NotEnough(f"the rule broke: {type(error).__name__}: {error}")


def _followers(found: Iterable[tuple[Rule, Finding]]) -> dict[str, str]:
    """Findings that a present one hides, by the id of the one that does."""
    by_id = {finding.id: rule for rule, finding in found}
    return {hidden: id_ for id_, rule in by_id.items() for hidden in rule.hides if hidden in by_id}
