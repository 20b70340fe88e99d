"""`daicho tag`: tags of one's own on a run, and pins."""

from __future__ import annotations

import click

from daicho.cli.options import Place, command
from daicho.cli.printer import Answer, Printer
from daicho.errors import UsageError

EXAMPLES = """
daicho tag calm-harbour-41 paper=yes stage=final   of a pipeline run
daicho tag calm-harbour-41/Trainer checked=ana     of one task in it
daicho tag calm-harbour-41 stage=                  take a tag away
daicho tag calm-harbour-41 --pin                   housekeeping keeps it
"""


@command("tag", examples=EXAMPLES)
@click.argument("words", nargs=-1, metavar="RUN [key=value]...")
@click.option(
    "--pin/--unpin", "pin", default=None, help="Whether housekeeping keeps the run whatever its age."
)
def tag(printer: Printer, place: Place, *, words: tuple[str, ...], pin: bool | None) -> Answer:
    """Set tags of a run, or pin it; MLflow's page shows them, and `daicho log --tag` finds them.

    RUN is what `daicho show` takes.
    """
    from daicho.cli.views import tag as view
    from daicho.verbs.tag import tag as carry_out

    runs = [word for word in words if "=" not in word]
    if len(runs) != 1:
        raise UsageError(
            "say which run" if not runs else "one run at a time: " + ", ".join(f"`{run}`" for run in runs),
            hints=("for example: daicho tag calm-harbour-41 paper=yes",),
        )
    pairs = [word.partition("=") for word in words if "=" in word]
    done = carry_out(
        runs[0],
        {name: value or None for name, _, value in pairs},
        pin=pin,
        folder=place.folder,
        config=place.config,
    )
    return Answer(done.to_json(), lambda screen: view.lines(done), chatty=True)
