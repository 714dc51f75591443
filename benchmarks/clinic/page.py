"""A set's figures as Markdown: what `make clinic` prints, and docs/clinic.md."""

from collections.abc import Mapping
from typing import Any

Figures = Mapping[str, Any]


def percent(share: Figures) -> str:
    """A share with its interval and its counts."""
    if not share["of"]:
        return "none"
    return f"{share['share']:.1%} ({share['low']:.1%} to {share['high']:.1%}; {share['hits']} of {share['of']})"


def summary(figures: Figures) -> str:
    """What was wanted, and what came out."""
    recall, alarms, delay = figures["recall"], figures["false_alarms"]["healthy"], figures["delay"]
    lines = (
        ("recall, faults of severity error", "at least 95%", percent(recall["error"])),
        ("recall, faults of severity warning", "at least 85%", percent(recall["warning"])),
        ("recall, faults of severity advice", "", percent(recall["advice"])),
        ("the right cause first", "at least 85%", percent(figures["right_cause_first"])),
        ("healthy runs with a false error or warning", "at most 1%", percent(alarms["errors_and_warnings"])),
        ("healthy runs with advice", "at most 5%", percent(alarms["advice"])),
        ("healthy controls with a false error or warning", "",
         percent(figures["false_alarms"]["controls"]["errors_and_warnings"])),
        ("errors and warnings that name the planted fault", "", percent(figures["precision"])),
        ("median steps from the first bad one to the finding, structural and numeric faults", "at most 50",
         f"{delay['median']:g} (of {delay['count']}; within 50: {delay['within_50']})" if delay["count"] else "none"),
    )  # fmt: skip
    return "\n".join(
        [
            "| what | wanted | measured |",
            "|---|---|---|",
            *(f"| {what} | {wanted} | {got} |" for what, wanted, got in lines),
        ]
    )


def matrix(figures: Figures) -> str:
    """Faults by rules: the cells that are not empty."""
    rows = [
        "| fault | | caught | first | steps until told | what was found, in how many |",
        "|---|---|---|---|---|---|",
    ]
    for name, fault in figures["faults"].items():
        found = sorted(fault["found"].items(), key=lambda pair: (pair[0] not in fault["meant"], -pair[1]))
        cells = ", ".join(f"{f'**{id_}**' if id_ in fault['meant'] else id_} {count}" for id_, count in found)
        delay = "" if fault["delay"] is None else f"{fault['delay']:g}"
        rows.append(
            f"| {name}: {fault['says']} | {fault['severity']} | {fault['caught']} of {fault['instances']} | "
            f"{fault['first']} | {delay} | {cells or 'nothing'} |"
        )
    return "\n".join(rows)


def by_rule(figures: Figures) -> str:
    """Each rule's recall and false alarms."""
    rows = ["| finding | recall on the faults that it is meant to name | told of healthy runs |", "|---|---|---|"]
    for id_, rule in figures["rules"].items():
        if not rule["recall"]["of"] and not rule["false_alarms"]["hits"]:
            continue
        rows.append(f"| [{id_}](findings/{id_}.md) | {percent(rule['recall'])} | {percent(rule['false_alarms'])} |")
    return "\n".join(rows)


def measured(figures: Figures, id_: str) -> str:
    """For a finding's own page."""
    rule = figures["rules"].get(id_)
    if rule is None or ("added" in figures["command"] and not rule["recall"]["of"]):
        return ""
    alarms = percent(rule["false_alarms"])
    later = ", its faults and kinds of runs that were added later" if "added" in figures["command"] else ""
    planted = f"Planted, it was found: {percent(rule['recall'])}. " if rule["recall"]["of"] else "Not planted alone. "
    where = f"on the frozen set of [the clinic](../clinic.md){later}"
    return f"{planted}Told of healthy runs: {alarms}. By 95% intervals, {where}."


def page(figures: Figures) -> str:
    """All of it."""
    return "\n\n".join([summary(figures), "Faults by findings, those that name the fault in bold:", matrix(figures),
                        "Findings:", by_rule(figures)])  # fmt: skip
