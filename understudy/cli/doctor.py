"""`understudy doctor`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from understudy.cli.arguments import RunPath

if TYPE_CHECKING:
    from understudy.doctor.finding import Finding
    from understudy.doctor.signals import Row
    from understudy.doctor.verdict import Verdict

Severity = Literal["error", "warning", "advice"]


def doctor(
    run: RunPath,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON.")] = False,
    fail_on: Annotated[Severity, typer.Option(help="The least severity for which the exit code is 3.")] = "error",
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="ID=REASON", help="A finding to set aside, and why; ID@PLACE for one place; repeatable."),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Findings to set aside: what --json printed before, or a .toml with [ignore]."
        ),
    ] = None,
    one_batch: Annotated[
        bool, typer.Option("--one-batch", help="Train its network anew on one batch: can that be learnt by heart?")
    ] = False,
) -> int:
    """Say what is wrong with a run, from what it left: evidence, cause, remedies, and what was not checked.

    understudy doctor vae-digits-1

    understudy doctor vae-digits-1 --json --fail-on warning

    The same rules speak up while a network trains. `understudy explain` lists what can be found, and explains it;
    `understudy fix RUN` tries the remedies. In continuous integration, and in a loop of your own: docs/doctor.md.

    Exit code 0: nothing that grave; 3: findings of the severity of --fail-on, or a graver one.
    """
    from understudy.doctor.stored import verdict_of
    from understudy.runs.listing import locate

    path = locate(run).path
    verdict = verdict_of(path, _one_batch(path) if one_batch else ()).without(_reasons(ignore or [], baseline))
    if as_json:
        print(json.dumps(verdict.to_json(), indent=2))
    else:
        print(_text(str(path), verdict))
    return 3 if verdict.at_least(fail_on) else 0


def _one_batch(path: Path) -> "list[Row]":
    """What came of a few seconds of training on one batch, from the run's seed."""
    from dataclasses import replace

    from understudy.doctor.one_batch import alone, learn
    from understudy.experiment import begin, read_data
    from understudy.runs.directory import RunDirectory
    from understudy.runs.runfile import resolve

    file = resolve(RunDirectory(path).read()["config"], {})
    return learn(begin(replace(file, training=alone(file.training)), read_data(file)))


def _reasons(ignore: list[str], baseline: Path | None) -> dict[str, str]:
    """Findings to set aside, by id or `id@place`, each with its reason."""
    from understudy.doctor.known import of_baseline, reasons_of

    given = dict(words.partition("=")[::2] for words in ignore)
    return (of_baseline(baseline) if baseline is not None else {}) | reasons_of(given, "--ignore")


def _text(path: str, verdict: "Verdict") -> str:
    count, aside = len(verdict.findings), len(verdict.ignored)
    head = f"{path}: {count} finding{'s' * (count != 1)}" if count else f"{path}: nothing found"
    head += f", {aside} set aside" if aside else ""
    lines = [head, *("\n" + _told(finding) for finding in verdict.findings), ""]
    lines += [
        f"set aside: {finding.severity}: {finding.title} [{finding.id}]: {reason}"
        for finding, reason in verdict.ignored
    ]
    lines += [f"follows from {by}: {finding.title}" for finding, by in verdict.hidden]
    lines += [f"clear: {', '.join(verdict.clear) or 'nothing'}"]
    lines += [f"not checked: {', '.join(ids)}: {reason}" for reason, ids in verdict.unread().items()]
    if verdict.inapplicable:
        lines.append(f"does not apply: {', '.join(rule.id for rule in verdict.inapplicable)}")
    lines += [f"probe {name} broke and was given up: {how}" for name, how in verdict.disabled.items()]
    return "\n".join(lines)


def _told(finding: "Finding") -> str:
    from understudy.doctor.fitting import options

    where = f" at {finding.place}" if finding.place else ""
    when = f", since step {finding.step}" if finding.step else ""
    lines = [f"{finding.severity}: {finding.title}{where}{when}", f"  evidence  {finding.evidence}"]
    lines.append(f"  cause     {finding.cause}")
    for remedy in finding.remedies:
        lines.append(f"  try       {remedy.title}{options(remedy.patch)}")
    return "\n".join([*lines, f"  more      understudy explain {finding.id}"])
