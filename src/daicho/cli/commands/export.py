"""`daicho export`: a result with its whole provenance, as plain files."""

from __future__ import annotations

from pathlib import Path

import click

from daicho.cli.options import Place, command
from daicho.cli.printer import Answer, Printer

EXAMPLES = """
daicho export calm-harbour-41 supplement/           all tasks of a run
daicho export calm-harbour-41/Trainer trainer/      one of them
daicho export Prediction result/                    the newest result of a task
"""


@command("export", examples=EXAMPLES)
@click.argument("what", metavar="RUN")
@click.argument("to", metavar="DIR")
def export(printer: Printer, place: Place, *, what: str, to: str) -> Answer:
    """Write a result to a folder that needs no daicho to be read: outputs, records, code, sources, environment.

    RUN is what `daicho show` takes. The folder appears whole or not at all; one that is there must be empty.
    """
    from daicho.cli.views import export as view
    from daicho.verbs.export import export as carry_out

    done = carry_out(what, to, folder=place.folder, config=place.config)
    return Answer(done.to_json(), lambda screen: view.lines(done, here=Path.cwd()), chatty=True)
