"""`daicho init`: begin a project."""

from __future__ import annotations

import importlib.util
import shlex
from pathlib import Path

import click

from daicho.cli import human
from daicho.cli.line import Line, line
from daicho.cli.options import Place, command
from daicho.cli.printer import Answer, Printer
from daicho.errors import UsageError

EXAMPLES = """
daicho init titanic                  the Titanic example: three tasks that run at once
daicho init my-project --empty       two small tasks to begin with
daicho init --adopt                  make a project of this folder, and touch nothing in it
"""

_NEEDED = ("pandas", "skops", "matplotlib")  # by the example


@command("init", examples=EXAMPLES)
@click.argument("new", metavar="DIR", required=False)
@click.option("--empty", is_flag=True, help="Without an example: two small tasks to begin with.")
@click.option("--example", type=click.Choice(["titanic"]), help="Which example; titanic by default.")
@click.option(
    "--adopt",
    "adopting",
    is_flag=True,
    help="Add luigi.toml, and tasks.py if there is none, to a folder with code.",
)
def init(
    printer: Printer, place: Place, *, new: str | None, empty: bool, example: str | None, adopting: bool
) -> Answer:
    """Make a project in the new folder DIR, or with --adopt of a folder that is there."""
    from daicho.verbs.init import adopt
    from daicho.verbs.init import init as make

    if empty + adopting + (example is not None) > 1:
        raise UsageError("only one of `--empty`, `--example` and `--adopt` can hold")
    if new is None and not adopting:
        raise UsageError("`DIR` is missing", hints=("for example: daicho init titanic",))
    where = Path(place.folder) / (new or ".")
    begun = adopt(where) if adopting else make(where, example=None if empty else "titanic")
    here = human.place(begun.folder, Path.cwd())
    shown = line(("✓", "good"), " made ", (f"{here}/", "name"), f": {_said(begun.files)}")
    lacking = [each for each in _NEEDED if begun.example and importlib.util.find_spec(each) is None]
    warning = f"its tasks need {', '.join(lacking)}, not installed yet: pip install 'daicho[all]'"
    go = "daicho status" if adopting else "daicho run"
    return Answer(
        begun.to_json(),
        lambda screen: [shown] if not adopting else _adopted(begun.files, here),
        next=go if here == "." else f"cd {shlex.quote(here)} && {go}",
        warnings=(warning,) if lacking else (),
        chatty=True,
    )


def _said(files: tuple[str, ...]) -> str:
    first = [name for name in ("luigi.toml", "tasks.py") if name in files]
    more = len(files) - len(first)
    return " and ".join(first) if not more else f"{', '.join(first)} and {human.count(more, 'other file')}"


def _adopted(files: tuple[str, ...], here: str) -> list[Line]:
    return [line(("✓", "good"), f" added {' and '.join(files)} to ", (f"{here}/", "name"))]
