"""Write what the documentation can derive: a page per network and per finding, and the README's table of networks.

    python docs/generate.py            write
    python docs/generate.py --check    exit 1 if anything would change

A page comes from the table's line, the class's docstring, its options, and the figures in benchmarks/results. What
stands below a page's "## Notes" is written by hand, and kept. A finding's page is its rule's own text.
"""

import argparse
import inspect
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # for the clinic, which is no part of the package

from doctor_figures import cost_table, cures_table

from benchmarks.clinic import page as clinic
from understudy import models
from understudy.cli.describe import plain
from understudy.data.options import DataOptions
from understudy.decoding.beam_options import BeamOptions
from understudy.describe import option_tables
from understudy.doctor import rules
from understudy.doctor.explanation import explanation
from understudy.doctor.rule import Rule
from understudy.evaluation.digit_networks import record
from understudy.models.capabilities import CAPABILITIES
from understudy.report.metrics import BASELINES, metric
from understudy.settings import Option, options
from understudy.training.config import TrainingConfig

PAGES = ROOT / "docs" / "networks"
FINDINGS = ROOT / "docs" / "findings"
README = ROOT / "README.md"
BEGIN, END = "<!-- networks: written by docs/generate.py -->", "<!-- end of networks -->"
GENERATED = ROOT / "docs" / "generated.md"
BEGIN_DIGITS = "<!-- digit networks: written by docs/generate.py -->"
END_DIGITS = "<!-- end of digit networks -->"
CLINIC = ROOT / "docs" / "clinic.md"
BEGIN_CLINIC, END_CLINIC = "<!-- clinic: written by docs/generate.py -->", "<!-- end of clinic -->"
GANS = ROOT / "docs" / "gans.md"
BEGIN_GANS, END_GANS = "<!-- figures: written by docs/generate.py -->", "<!-- end of figures -->"
TRY = {  # bundled data of each kind
    "image": "digits",
    "domains": "digits-to-outlines",
    "vector": "rings",
    "text": "pydoc",
    "pairs": "dates",
    "captions": "digit-captions",
    "labelled text": "review-polarity",
    "series": "tides",
    "sequences": "adding",
}
REFERENCE, BREAK = re.compile(r"\.\n(?=[A-Z]\w+ (?:and|et al))"), ".\n\n"  # each on a line of its own
ADVERSARIAL = ("gan", "dcgan", "conditional-gan", "wgan", "wgan-gp", "r3gan")
LITTLE = "-little-"  # in the names of recipes that learn from 1,000 pictures
DOCTOR = ROOT / "docs" / "doctor.md"
SECTIONS = re.compile(r"^(Reference|Differs from the paper|Example):", re.MULTILINE)


def results() -> dict[str, list[dict[str, Any]]]:
    """Kept figures by network; the recipe that carries the network's own name comes first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted((ROOT / "benchmarks" / "results").glob("*.json")):
        result = json.loads(path.read_text())
        found.setdefault(result["network"], []).append(result)
    for name, items in found.items():
        items.sort(key=lambda result: (not result["recipe"].startswith(f"{name}-{result['data']}"), result["recipe"]))
    return found


def docstring_parts(kind: type) -> dict[str, str]:
    """A class's docstring by section; its opening text is under ''."""
    pieces = SECTIONS.split(inspect.getdoc(kind) or "")
    return {"": pieces[0].strip()} | {
        title: inspect.cleandoc(text).strip() for title, text in zip(pieces[1::2], pieces[2::2], strict=True)
    }


def value(result: dict[str, Any], name: str) -> str:
    """A kept score with its spread over seeds; nothing of one that is not kept."""
    score = result["scores"].get(name)
    if score is None:
        return ""
    found = metric(name).format(score["mean"])
    if not score["deviation"]:
        return found
    percent = found.endswith("%")
    return f"{found} ± {score['deviation'] * (100 if percent else 1):.2g}{' %' if percent else ''}"


def baselines(result: dict[str, Any], name: str) -> str:
    """The same score of every baseline that has it."""
    found = [
        f"{title} {value(result, f'{key}_{name}')}"
        for key, title in BASELINES.items()
        if f"{key}_{name}" in result["scores"]
    ]
    return ", ".join(found)


def figure_table(found: list[dict[str, Any]]) -> str:
    """Our figures for one network, each with its baseline and the command that makes it."""
    if not found:
        return "None yet on record.\n"
    rows = ["| data | score | ours | beside it | published | training | seeds |", "|---|---|---|---|---|---|---|"]
    for result in found:
        name = result["figure"]
        note = metric(name).note
        rows.append(
            f"| {result['data']} | {metric(name).label}{f' ({note})' if note else ''} | **{value(result, name)}** | "
            f"{baselines(result, name)} | {result['published']} | {value(result, 'train_seconds')} | "
            f"{len(result['seeds'])} |"
        )
    for result in found:
        machine = result["machine"]
        rows += [
            "",
            f"`{result['command']}` on {machine['cores']} cores ({machine['processor']}), {result['precision']}, "
            f"{reached(result)}{result['date']}.",
        ]
    return "\n".join(rows) + "\n"


def reached(result: dict[str, Any]) -> str:
    """The share of the matrix rate, where it is known: not where items differ in length."""
    rate = result["share_of_matrix_rate"]
    return "" if rate is None else f"{100 * rate:.0f}% of the machine's matrix rate, "


def options_rows(found: list[Option]) -> str:
    """One table of options."""
    rows = ["| option | default | takes | |", "|---|---|---|---|"]
    for option in found:
        takes = option.type.replace("|", "\\|")
        rows.append(f"| `{option.name}` | {plain(option.default)} | {takes} | {option.help} |")
    return "\n".join(rows) + "\n"


def page(name: str, found: list[dict[str, Any]], notes: str) -> str:
    """A network's page."""
    line = models.entry(name)
    kind = line.load()
    parts = docstring_parts(kind)
    able = [key for key, protocol in CAPABILITIES.items() if issubclass(kind, protocol)]
    return f"""# {name}: {line.summary}

{parts[""]}

It can: {", ".join(able)}. Try it: `understudy train {name} --data {TRY[kind.accepts[0].kind]}`. In code:
[{line.target.partition(":")[0].rpartition(".")[2]}.py](../../{line.target.partition(":")[0].replace(".", "/")}.py)

## Paper

{REFERENCE.sub(BREAK, parts.get("Reference", "None."))}

## Our figure

{figure_table(found)}
## Differs from the paper

{parts.get("Differs from the paper", "Nothing that we know of.")}

## Options

Of the network, as `--set name=value`:

{options_rows(option_tables(name)["model"])}
Training settings with other defaults here: {", ".join(f"`{key}={plain(item)}`" for key, item in recipe(name).items())};
[all of them](../training.md).

## Notes

{notes.strip()}
"""


def recipe(name: str) -> dict[str, Any]:
    """The training settings that a network brings."""
    line = models.entry(name)
    return {**line.load().recipe, **line.training}


def readme_table(kept: dict[str, list[dict[str, Any]]]) -> str:
    """The README's table: network, paper, figure, page."""
    rows = ["| network | paper | our figure, held-out | beside it | published |", "|---|---|---|---|---|"]
    for name, line in models.TABLE.items():
        found = kept.get(name, [])
        ours = beside = published = ""
        if found:
            score = found[0]["figure"]
            ours = f"{value(found[0], score)} {metric(score).unit} ({metric(score).label.lower()}, {found[0]['data']})"
            beside, published = baselines(found[0], score), found[0]["published"]
        rows.append(f"| [{name}](docs/networks/{name}.md) | {line.summary} | {ours} | {beside} | {published} |")
    return "\n".join(rows)


def digit_networks_table() -> str:
    """The two networks that scores of pictures rest on."""
    rows = ["| network | for | parameters | test accuracy on MNIST | sha256 |", "|---|---|---|---|---|"]
    for name, use in (("lenet", "64 features"), ("judge", "classes")):
        found = record(name)
        accuracy = f"{100 * found['accuracy']['test']:.2f}%"
        rows.append(f"| `{name}` | {use} | {found['parameters']:,} | {accuracy} | `{found['sha256'][:16]}` |")
    return "\n".join(rows)


def adversarial_figures(kept: dict[str, list[dict[str, Any]]]) -> str:
    """The adversarial networks on MNIST side by side, and how many modes they reach."""
    shown = ("fid_lenet", "precision", "recall", "class_tv", "missing_classes", "asked_class", "train_seconds")
    rows = [
        f"| network | {' | '.join(f'`{name}`' for name in shown)} | steps | seeds |",
        f"|---|{'---|' * (len(shown) + 2)}",
    ]
    found = [
        (name, result)
        for name in ADVERSARIAL
        for result in kept.get(name, [])
        if result["data"] == "mnist" and LITTLE not in result["recipe"]
    ]
    for name, result in found:
        cells = [value(result, key) for key in shown]
        label = name if result["recipe"] == f"{name}-mnist" else f"{name} (`{result['recipe']}`)"
        rows.append(f"| {label} | {' | '.join(cells)} | {value(result, 'steps')} | {len(result['seeds'])} |")
    if found:
        real = [f"real_{key}" for key in shown]
        cells = [value(found[0][1], key) for key in real]
        rows.append(f"| real digits | {' | '.join(cells)} | | |")
    for path in sorted((ROOT / "benchmarks" / "results" / "modes").glob("*.json")):
        rows += ["", *modes_table(json.loads(path.read_text()))]
    return "\n".join([*rows, *little_table(kept)])


def little_table(kept: dict[str, list[dict[str, Any]]]) -> list[str]:
    """What is learnt from 1,000 pictures, a row for each recipe."""
    names = ("fid_lenet", "precision", "recall", "class_tv", "missing_classes", "copied")
    found = [result for name in ADVERSARIAL for result in kept.get(name, []) if LITTLE in result["recipe"]]
    if not found:
        return []
    head = f"| | {' | '.join(f'`{name}`' for name in names)} | steps | seeds |"
    rows = ["", "1,000 pictures of `mnist`:", "", head, f"|---|{'---|' * (len(names) + 2)}"]
    for result in found:
        cells = [value(result, name) for name in names]
        rows.append(f"| {result['recipe']} | {' | '.join(cells)} | {value(result, 'steps')} | {len(result['seeds'])} |")
    return rows


def modes_table(result: dict[str, Any]) -> list[str]:
    """Modes that networks reach, a row for each: means over the seeds, and every seed's number of modes."""
    names = ("modes", "high_quality", "mode_kl")
    rows = [f"`{result['data']}`:", "", f"| | {' | '.join(f'`{name}`' for name in names)} | steps | modes, by seed |"]
    rows.append(f"|---|{'---|' * (len(names) + 2)}")
    for label, it in result["networks"].items():
        cells = [metric(name).format(it["mean"][name]) if name in it["mean"] else "" for name in names]
        each = " ".join(f"{scores['modes']:g}" for scores in it["values"])
        rows.append(f"| {label} | {' | '.join(cells)} | {it['steps']:,} | {each} |")
    return rows


def marks(name: str) -> tuple[str, str]:
    """What a derived part stands between."""
    return f"<!-- {name}: written by docs/generate.py -->", f"<!-- end of {name} -->"


def between(page: str, begin: str, end: str, text: str) -> str:
    """A page with what stands between two marks written anew."""
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{text}\n{end}{after}"


def training_page() -> str:
    """All options of training and data, which are the same for every network."""
    return f"""# Training, data and search options

Those of training and data are given as `--set name=value`, in the `[training]` or `[data]` table of a run file, or as
keywords of `us.train`. A network may bring defaults of its own: see its page, or `understudy describe NAME`.

## Training

{options_rows(options(TrainingConfig))}
## Data

{options_rows(options(DataOptions))}
## Beam search

Given to `understudy predict` as `--set name=value`, `beam` and `nbest` as flags; all but `nbest` also to
`Run.translate`.

{options_rows(options(BeamOptions))}"""


def findings_page() -> str:
    """The list of what the doctor can find."""
    rows = ["| finding | severity | | of |", "|---|---|---|---|"]
    for rule in rules.load():
        families = ", ".join(rule.families) or "every network"
        rows.append(f"| [{rule.id}]({rule.id}.md) | {rule.severity} | {rule.title} | {families} |")
    return (
        "\n".join(["# What the doctor can find", "", "Each is a rule in `understudy/doctor/rules`.", "", *rows]) + "\n"
    )


def clinic_figures(name: str = "frozen") -> dict[str, Any] | None:
    """Of the frozen set; None before it was scored."""
    path = ROOT / "benchmarks" / "results" / "clinic" / f"{name}.json"
    return json.loads(path.read_text()) if path.is_file() else None


def clinic_text(figures: dict[str, Any] | None) -> str:
    """What docs/clinic.md says of it."""
    if figures is None:
        return "Not scored yet."
    machine = figures["machine"]
    made = f"`{figures['command']}`, one thread of {machine['processor']}, {figures['date']}: {figures['seconds']} s."
    return f"{clinic.page(figures)}\n\n{made}"


def finding_page(rule: Rule, scored: Sequence[dict[str, Any] | None]) -> str:
    """The rule's own text, and what the clinic measured of it, on the faults that it is meant to name."""
    text = explanation(rule)
    measured = next((found for figures in scored if figures and (found := clinic.measured(figures, rule.id))), "")
    return f"{text}\n## In the clinic\n\n{measured}\n" if measured else text


def documents() -> dict[Path, str]:
    """Every derived file and what should be in it."""
    kept = results()
    made = {ROOT / "docs" / "training.md": training_page()}
    for name in models.TABLE:
        path = PAGES / f"{name}.md"
        notes = path.read_text().partition("\n## Notes\n")[2] if path.exists() else ""
        made[path] = page(name, kept.get(name, []), notes).rstrip() + "\n"
    made[FINDINGS / "README.md"] = findings_page()
    scored, added = clinic_figures(), clinic_figures("frozen-added")
    made |= {FINDINGS / f"{rule.id}.md": finding_page(rule, (scored, added)) for rule in rules.load()}
    clinic_page = between(CLINIC.read_text(), BEGIN_CLINIC, END_CLINIC, clinic_text(scored))
    made[CLINIC] = between(clinic_page, *marks("added"), clinic_text(added))
    made[README] = between(README.read_text(), BEGIN, END, readme_table(kept))
    made[GANS] = between(GANS.read_text(), BEGIN_GANS, END_GANS, adversarial_figures(kept))
    doctor = between(DOCTOR.read_text(), *marks("cost"), cost_table())
    made[DOCTOR] = between(doctor, *marks("cures"), cures_table())
    made[GENERATED] = between(GENERATED.read_text(), BEGIN_DIGITS, END_DIGITS, digit_networks_table())
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if anything would change")
    check = parser.parse_args().check
    ours = documents()
    orphans = sorted(path for path in FINDINGS.glob("*.md") if path not in ours)
    stale = {path: text for path, text in ours.items() if not path.exists() or path.read_text() != text}
    for path, text in stale.items():
        print(f"{'stale' if check else 'written'}: {path.relative_to(ROOT)}")
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
    for path in orphans:
        print(f"{'stale' if check else 'removed'}: {path.relative_to(ROOT)}")
        if not check:
            path.unlink()
    if check and (stale or orphans):
        sys.exit("run `make docs`")


if __name__ == "__main__":
    main()
