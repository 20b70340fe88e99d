"""`daicho reproduce`: a recorded run made again, and compared."""

from __future__ import annotations

from pathlib import Path

import click

from daicho.cli.line import line, quoted
from daicho.cli.options import Place, command
from daicho.cli.printer import Answer, Printer

EXAMPLES = """
daicho reproduce calm-harbour-41                      the whole run, in an environment as it was
daicho reproduce calm-harbour-41/Trainer              one task, with all that it stands on
daicho reproduce calm-harbour-41 --here               in the present environment
daicho reproduce calm-harbour-41 --tolerance 1e-6     numbers may differ by a millionth
daicho reproduce Prediction --reuse-upstream          only this task, on the recorded results of the others
"""


@command("reproduce", examples=EXAMPLES)
@click.argument("what", metavar="RUN")
@click.option("--into", metavar="DIR", help="Lay it out in this folder; by default in a new temporary one.")
@click.option(
    "--here",
    is_flag=True,
    help="Use the present environment, and say how it differs; by default uv makes one as recorded.",
)
@click.option(
    "--reuse-upstream", is_flag=True, help="Run only what was asked for, on the recorded results of the rest."
)
@click.option(
    "--tolerance",
    type=float,
    default=0.0,
    metavar="X",
    help="How far two numbers may lie apart, in parts of the larger one.",
)
@click.option("--trust", is_flag=True, help="Run it although it is somebody else's code.")
def reproduce(
    printer: Printer,
    place: Place,
    *,
    what: str,
    into: str | None,
    here: bool,
    reuse_upstream: bool,
    tolerance: float,
    trust: bool,
) -> Answer:
    """Make a recorded run again in a folder of its own, with nothing reused, and compare output by output.

    Code, configuration, sources and environment are those of the record; no commit has to be there. Your files, git's
    index and HEAD stay as they are. RUN is what `daicho show` takes. The verdict is written down on the run.

    Exit status: 0 identical, equal in value, or equal within the tolerance; 1 different, or a task failed; 2 it cannot
    be made again, and nothing ran; 3 the store cannot be used.
    """
    from daicho.cli.views import reproduce as view
    from daicho.reproducing import reproduce as carry_out

    def tell(sentence: str) -> None:
        if not printer.choices.quiet:
            printer.err.put([line(("· ", "dim")) + quoted(sentence)])

    done = carry_out(
        what,
        into=into,
        here=here,
        reuse_upstream=reuse_upstream,
        tolerance=tolerance,
        trust=trust,
        folder=place.folder,
        config=place.config,
        tell=tell,
    )
    whole = printer.choices.verbose
    return Answer(
        done.to_json(),
        lambda screen: view.lines(done, width=screen.width, here=Path.cwd(), whole=whole),
        done.exit_status,
        chatty=done.same,
    )
