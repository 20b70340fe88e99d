"""`daicho gc`: free what no kept result needs."""

from __future__ import annotations

import click

from daicho.cli.options import Place, command
from daicho.cli.printer import Answer, Printer

EXAMPLES = """
daicho gc                          what would go of the local copy of fetched files
daicho gc --keep-days 90           and of the store: what pipeline runs older than that have left
daicho gc --keep-days 90 --yes     do it
"""


@command("gc", examples=EXAMPLES)
@click.option(
    "--keep-days",
    type=click.IntRange(min=1),
    metavar="N",
    help="Delete what pipeline runs older than N days have left in the store.",
)
@click.option("--yes", is_flag=True, help="Do it; without this it is only shown.")
def gc(printer: Printer, place: Place, *, keep_days: int | None, yes: bool) -> Answer:
    """Free what no kept result needs; without --yes nothing happens.

    Kept are: recent pipeline runs with all that they ran or reused, what is pinned, tagged or noted, what a registered
    model came from, and everything that a kept result was made from. Deleted runs can be brought back for a week, in
    MLflow's page; after that, the next `daicho gc --keep-days N --yes` frees their files.
    """
    from daicho.cli.views import gc as view
    from daicho.verbs.gc import gc as carry_out

    found = carry_out(keep_days=keep_days, yes=yes, folder=place.folder, config=place.config)
    days = ("--keep-days", str(keep_days)) if keep_days is not None else ()
    again = place.command("gc", *days, "--yes") if not (found.done or found.nothing) else None
    return Answer(
        found.to_json(),
        lambda screen: view.lines(found, width=screen.width, whole=printer.choices.verbose),
        next=again,
    )
