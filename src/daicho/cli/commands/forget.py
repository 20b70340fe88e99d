"""`daicho forget`: withdraw a wrong result for the whole team."""

from __future__ import annotations

import click

from daicho.cli.options import Place, command
from daicho.cli.printer import Answer, Printer

EXAMPLES = """
daicho forget Trainer --reason "trained on test data"     the result that a run would reuse now
daicho forget calm-harbour-41/Trainer --reason "…"        what ran in a pipeline run
daicho forget 1a2b3c4d --reason "…"                       the run of a task, by its first digits
"""


@command("forget", examples=EXAMPLES)
@click.argument("what", metavar="RUN")
@click.option("--reason", required=True, metavar="TEXT", help="Why, for everybody who will ask.")
def forget(printer: Printer, place: Place, *, what: str, reason: str) -> Answer:
    """Withdraw a wrong result: no plan of anybody who uses this store will reuse it.

    Nothing is deleted: the run stays in MLflow with the tag `daicho.forgotten`, which says who withdrew it and why.
    Deleting that tag takes the withdrawal back.
    """
    from daicho.cli.views import forget as view
    from daicho.verbs.forget import forget as carry_out

    done = carry_out(what, reason=reason, folder=place.folder, config=place.config)
    return Answer(
        done.to_json(), lambda screen: view.lines(done), next=place.command("status", done.task), chatty=True
    )
