"""`daicho log`: the pipeline runs."""

from __future__ import annotations

import click

from daicho.cli.options import Place, command
from daicho.cli.printer import Answer, Printer

EXAMPLES = """
daicho log                                     the newest runs
daicho log Prediction --since 2d               those of one target, of the last two days
daicho log --where "Trainer.accuracy > 0.8"    those that fit
daicho log --best Trainer.accuracy             the best one
daicho log --sort Trainer.accuracy --limit 5   the best five
daicho log --tag paper=yes --who ana           those with a tag, of one person
"""


@command("log", examples=EXAMPLES)
@click.argument("target", required=False, metavar="[TARGET]")
@click.option(
    "--where", metavar="CONDITION", help="Only those that fit: Trainer.accuracy > 0.8 and Trainer.seed = 1"
)
@click.option("--task", metavar="TASK", help="Only those in which this task ran or was reused.")
@click.option(
    "--tag", "tags", metavar="KEY=VALUE", multiple=True, help="Only those with this tag; can be repeated."
)
@click.option("--since", metavar="WHEN", help="Only those since a date or time, or as long ago: 2d, 3h, 1w.")
@click.option("--who", metavar="USER", help="Only those of this person.")
@click.option("--sort", metavar="NAME", help="The best first, by a metric or a parameter that is a number.")
@click.option("--best", metavar="NAME", help="Only the best one, by a metric.")
@click.option("--lowest/--highest", default=None, help="Which is the best; by default the name tells.")
@click.option(
    "--limit", type=click.IntRange(min=0), default=20, show_default=True, help="How many; 0 for all."
)
def log(
    printer: Printer,
    place: Place,
    *,
    target: str | None,
    where: str | None,
    task: str | None,
    tags: tuple[str, ...],
    since: str | None,
    who: str | None,
    sort: str | None,
    best: str | None,
    lowest: bool | None,
    limit: int,
) -> Answer:
    """List the pipeline runs, newest first, with the parameters and metrics in which they differ.

    TARGET is the task that was asked for. A commit with a star had local changes.
    """
    from daicho.cli.views import log as view
    from daicho.verbs.log import log as ask

    found = ask(
        target,
        where=where,
        task=task,
        tags=tags,
        since=since,
        who=who,
        sort=sort,
        best=best,
        lowest=lowest,
        limit=limit or None,
        folder=place.folder,
        config=place.config,
    )
    whole = printer.choices.verbose
    return Answer(found.to_json(), lambda screen: view.lines(found, width=screen.width, whole=whole))
