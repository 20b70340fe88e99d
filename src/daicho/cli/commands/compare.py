"""`daicho compare`: what differs between several runs."""

from __future__ import annotations

import click

from daicho.cli.options import Place, command
from daicho.cli.printer import Answer, Printer
from daicho.errors import UsageError

EXAMPLES = """
daicho compare calm-harbour-41 green-tide-17 amber-fox-08      a column for each
daicho compare calm-harbour-41 green-tide-17 --html page.html  as a page
"""


@command("compare", examples=EXAMPLES)
@click.argument("runs", nargs=-1, metavar="RUN RUN...")
@click.option("--html", metavar="FILE", help="Also write it as one page that needs no network.")
def compare(printer: Printer, place: Place, *, runs: tuple[str, ...], html: str | None) -> Answer:
    """Show what differs between two or more runs, by cause and in effect.

    The first is what the others are compared with. RUN is what `daicho show` takes. No code that somebody else
    recorded is run.
    """
    from daicho.cli.pages import write_comparison
    from daicho.cli.views import compare as view
    from daicho.verbs.compare import compare as ask

    if not runs:
        raise UsageError("there is nothing to compare", hints=("daicho log lists the runs",))
    found = ask(*runs, folder=place.folder, config=place.config)
    if html is not None:
        write_comparison(found.to_json(), html)
    whole = printer.choices.verbose
    return Answer(found.to_json(), lambda screen: view.lines(found, width=screen.width, whole=whole))
