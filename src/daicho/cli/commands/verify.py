"""`daicho verify`: are results the same twice?"""

from __future__ import annotations

import click

from daicho.cli.options import Place, command, split
from daicho.cli.printer import Answer, Printer

EXAMPLES = """
daicho verify                        every task of the configured target
daicho verify Trainer                one task
daicho verify Trainer --times 5      four more results beside the recorded one
daicho verify Trainer Trainer.seed=1
"""


@command("verify", examples=EXAMPLES)
@click.argument("words", nargs=-1, metavar="[TASK] [Task.parameter=value]...")
@click.option(
    "--times",
    type=int,
    default=2,
    metavar="N",
    show_default=True,
    help="How many results of each task to compare: the recorded one, and N - 1 new ones.",
)
def verify(printer: Printer, place: Place, *, words: tuple[str, ...], times: int) -> Answer:
    """Run tasks again from their recorded inputs, and show whose outputs are not the same twice.

    What is verified are the results that a run would reuse now. They run in fresh processes, and nothing that they
    write or log is recorded. How it went is written down on the runs that hold the results: `daicho status` and
    `daicho why` mention a result that was not the same.

    Exit status: 0 all are the same; 1 one is not, or failed; 2 there is nothing to verify; 3 the store cannot be used.
    """
    from daicho.cli.views import verify as view
    from daicho.verifying import verify as carry_out

    task, overrides = split(words)
    done = carry_out(task, times=times, folder=place.folder, config=place.config, overrides=overrides)
    whole = printer.choices.verbose
    return Answer(
        done.to_json(),
        lambda screen: view.lines(done, width=screen.width, whole=whole),
        done.exit_status,
        chatty=done.same,
    )
