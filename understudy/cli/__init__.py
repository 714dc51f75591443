"""The command line: one module per verb. Heavy imports wait until a verb runs, so that --help is instant."""

import importlib
import importlib.metadata
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from understudy.errors import UnderstudyError, UnknownName

VERBS = (
    "train",
    "resume",
    "sweep",
    "evaluate",
    "sample",
    "predict",
    "forecast",
    "reconstruct",
    "encode",
    "traverse",
    "interpolate",
    "doctor",
    "explain",
    "fix",
    "compare",
    "report",
    "runs",
    "models",
    "data",
    "describe",
    "check-gradients",
    "gradient-flow",
)


def _app() -> typer.Typer:
    app = typer.Typer(
        name="understudy",
        help="Train, judge, compare and use generative and sequence networks.\n\n"
        "Begin with: understudy train vae --data digits",
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_common)
    for verb in VERBS:
        name = verb.replace("-", "_")
        app.command(verb)(getattr(importlib.import_module(f"understudy.cli.{name}"), name))
    return app


def _common(
    version: Annotated[
        bool,
        typer.Option("--version", callback=lambda wanted: _tell_version(wanted), is_eager=True, help="The version."),
    ] = False,
) -> None: ...


def _tell_version(wanted: bool) -> None:
    if wanted:
        print(f"understudy {importlib.metadata.version('understudy')}")
        raise typer.Exit


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit: 0 done, 1 the run went wrong, 2 the request was wrong, 3 findings.

    An error is one line on standard error; `--debug`, anywhere, shows where it came from.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    given = [word for word in given if word != "--debug"]
    try:
        given = given or ["--help"]
        if not given[0].startswith("-") and given[0] not in VERBS:
            raise UnknownName("command", given[0], VERBS)
        sys.exit(_app()(args=given, standalone_mode=False) or 0)
    except UnderstudyError as error:
        if debug:
            raise
        _complain(str(error), error.exit_code)
    except BrokenPipeError:  # `understudy runs | head`
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:  # a full disk, a folder that may not be written to
        if debug:
            raise
        _complain(f"{error.strerror or error}: {error.filename or 'no file named'}", 2)
    except (KeyboardInterrupt, typer.Abort):
        _complain("stopped", 130)
    except Exception as error:
        if debug or not hasattr(error, "format_message"):  # a usage error of the parser has one
            raise
        verb = "" if given[0].startswith("-") else f"{given[0]} "
        _complain(f"{error.format_message()} See `understudy {verb}--help`.", 2)


def _complain(message: str, code: int) -> None:
    print(f"error: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(code)
