"""`understudy explain`."""

from typing import Annotated

import typer


def explain(
    finding: Annotated[
        str | None, typer.Argument(metavar="FINDING", help="A finding's id; unset: list what can be found.")
    ] = None,
) -> None:
    """Explain a finding: its cause, a sick run beside a healthy one, remedies, and where it is written about."""
    from understudy.doctor import rules
    from understudy.doctor.explanation import explanation

    if finding is not None:
        print(explanation(rules.one(finding)), end="")
        return
    for rule in rules.load():
        print(f"{rule.severity:8} {rule.id:24} {rule.title}")
