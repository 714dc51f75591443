"""The console for tables."""

import sys

from rich.console import Console


def console() -> Console:
    """Standard output, as wide as the terminal; wide enough for any table where it goes to a file or a pipe."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 240)
