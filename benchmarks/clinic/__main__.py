"""The clinic from a shell; see `benchmarks/clinic/__init__.py`."""

import argparse
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.clinic.cells import Cell, Row, cells, one_thread
from benchmarks.clinic.page import page
from benchmarks.clinic.recipe import SETS
from benchmarks.clinic.tally import tally
from benchmarks.machine import describe
from understudy.files import write_json

FOLDER = Path("clinic")
RESULTS = Path(__file__).parent.parent / "results" / "clinic"


def rows_of(path: Path) -> list[Row]:
    """What is there so far; half a line, of a run that was killed, is taken out."""
    if not path.is_file():
        return []
    text = path.read_text()
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        path.write_text(whole)
    return [json.loads(line) for line in whole.splitlines()]


def work(path: Path, wanted: list[Cell], minutes: float) -> bool:
    """Run what is not there yet, a line each, until the time is up; whether all is there."""
    done = {row["cell"] for row in rows_of(path)}
    path.parent.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + 60 * minutes
    with path.open("a") as file:
        for cell in wanted:
            if cell.name in done:
                continue
            if time.monotonic() > end:
                print("the time is up; the same command goes on", file=sys.stderr)
                return False
            row = cell.run()
            print(cell.name, row.get("findings", row.get("error")), row["seconds"], flush=True)
            file.write(json.dumps(row) + "\n")
            file.flush()
    return True


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clinic")
    parser.add_argument("set", choices=SETS)
    parser.add_argument("--instances", type=int, default=2, help="of each fault")
    parser.add_argument("--controls", type=int, default=1, help="of each fault")
    parser.add_argument("--healthy", type=int, default=100, help="healthy runs in all")
    parser.add_argument("--only", action="append", default=[], help="faults and kinds of healthy runs; unset: all")
    parser.add_argument("--minutes", type=float, default=10, help="after which no cell is begun")
    parser.add_argument("--rows", type=Path, default=FOLDER, help="folder of the rows, a file for each set")
    parser.add_argument("--added", action="store_true", help="the faults that came after the frozen set was scored")
    options = parser.parse_args()
    one_thread()
    wanted = list(cells(options.set, options.instances, options.controls, options.healthy, options.added))
    if options.only:
        wanted = [cell for cell in wanted if cell.of in options.only]
    name = f"{options.set}-added" if options.added else options.set
    path = options.rows / f"{name}.jsonl"
    whole = work(path, wanted, options.minutes)
    names = {cell.name for cell in wanted}
    figures = tally(row for row in rows_of(path) if row["cell"] in names)
    print(page(figures))
    if whole and not options.only:
        date = datetime.now(UTC).date().isoformat()
        RESULTS.mkdir(parents=True, exist_ok=True)
        counts = {name: getattr(options, name) for name in ("instances", "controls", "healthy")}
        asked = " ".join(f"--{name} {count}" for name, count in counts.items())
        command = f"python -m benchmarks.clinic {options.set}{' --added' * options.added} {asked}"
        write_json(RESULTS / f"{name}.json", {**figures, "command": command, "machine": describe(), "date": date})


if __name__ == "__main__":
    main()
