"""The scripts of the clinic, each as it is and as its healthy twin.

A line that ends in `# sick` is the one to be named; in `# fault`, one where the mistake is, if that is another. What
stands there in the healthy twin is on the next line, behind `# well: `.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "benchmarks" / "clinic" / "scripts"
PATHS = sorted(FOLDER.glob("*.py"))


@dataclass(frozen=True)
class Script:
    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text()

    @property
    def expected(self) -> str:
        """The finding's id."""
        found = re.search(r"Finding: ([a-z-]+)\.", self.text)
        assert found, "the first line names the finding"
        return found[1]

    @property
    def line(self) -> int:
        """Of the line to be named, from 1."""
        return next(number for number, line in enumerate(self.text.splitlines(), 1) if line.endswith("# sick"))

    def healthy(self) -> str:
        """The twin, of as many lines."""
        lines = self.text.splitlines()
        for number, line in enumerate(lines):
            _, mark, instead = line.partition("# well: ")
            if mark:
                indent = re.match(" *", lines[number - 1])[0]  # type: ignore[index]
                lines[number - 1], lines[number] = indent + instead, ""
        return "\n".join(lines)

    def run(self, text: str) -> tuple[Any, BaseException | None]:
        """What `us.watch` found, and what the script raised."""
        names: dict[str, Any] = {"__name__": "__main__", "__file__": str(self.path)}
        try:
            exec(compile(text, str(self.path), "exec"), names)
        except Exception as error:
            return names["doctor"], error
        return names["doctor"], None
