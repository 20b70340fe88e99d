"""`daicho note`: a note on a run, for everybody."""

from __future__ import annotations

import click

from daicho.cli.options import Place, command
from daicho.cli.printer import Answer, Printer

EXAMPLES = """
daicho note calm-harbour-41 "the run of the paper"
daicho note calm-harbour-41/Trainer "did not converge"
"""


@command("note", examples=EXAMPLES)
@click.argument("what", metavar="RUN")
@click.argument("text", metavar="TEXT")
def note(printer: Printer, place: Place, *, what: str, text: str) -> Answer:
    """Put a note on a run, signed; `daicho show` and MLflow's page show it.

    RUN is what `daicho show` takes.
    """
    from daicho.cli.views import tag as view
    from daicho.verbs.note import note as carry_out

    done = carry_out(what, text, folder=place.folder, config=place.config)
    return Answer(done.to_json(), lambda screen: view.notes(done), chatty=True)
