"""`daicho diff`: what differs between two runs, or since one."""

from __future__ import annotations

import click

from daicho.cli.options import Place, command
from daicho.cli.printer import Answer, Printer
from daicho.errors import UsageError

EXAMPLES = """
daicho diff calm-harbour-41 green-tide-17            what differs between two runs
daicho diff calm-harbour-41                          what has changed since in the work tree
daicho diff Trainer                                  since the newest result of a task
daicho diff calm-harbour-41 green-tide-17 -v         with every row and line that differs
daicho diff calm-harbour-41 --html difference.html   as a page
"""


@command("diff", examples=EXAMPLES)
@click.argument("words", nargs=-1, metavar="RUN [RUN] [Task.parameter=value]...")
@click.option("--html", metavar="FILE", help="Also write it as one page that needs no network.")
@click.option("--check", is_flag=True, help="Exit with 1 if anything differs.")
def diff(printer: Printer, place: Place, *, words: tuple[str, ...], html: str | None, check: bool) -> Answer:
    """Show what differs between two runs, by cause and in effect; of one run, what has changed since.

    RUN is what `daicho show` takes: a pipeline run, one task in it, a task, a file, a digest. Values for parameters are
    for the work tree. No code that somebody else recorded is run.
    """
    from daicho.cli.pages import write_comparison
    from daicho.cli.views import compare as view
    from daicho.verbs.diff import diff as ask

    runs = [word for word in words if "=" not in word]
    overrides = [word for word in words if "=" in word]
    if len(runs) not in (1, 2):
        hint = "several are compared by: daicho compare" if runs else "daicho log lists the runs"
        raise UsageError("`daicho diff` takes one run, or two", hints=(hint,))
    found = ask(*runs, folder=place.folder, config=place.config, overrides=overrides)
    if html is not None:
        write_comparison(found.to_json(), html)
    whole = printer.choices.verbose
    return Answer(
        found.to_json(),
        lambda screen: view.lines(found, width=screen.width, whole=whole),
        exit_status=1 if check and not found.same else 0,
    )
