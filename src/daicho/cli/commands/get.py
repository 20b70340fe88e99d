"""`daicho get`: copy an output to where a person wants it."""

from __future__ import annotations

from pathlib import Path

import click

from daicho.cli import human
from daicho.cli.line import line
from daicho.cli.options import Place, command
from daicho.cli.printer import Answer, Printer
from daicho.errors import UsageError

EXAMPLES = """
daicho get Prediction.prediction                 into this folder
daicho get Prediction.prediction -o result.csv   under another name
daicho get Trainer.model Trainer.seed=1          of a run with other values
daicho get Trainer.model --run calm-harbour-41   of an old run
daicho get Trainer.model --best cv_accuracy      of the best one so far
"""


@command("get", examples=EXAMPLES)
@click.argument("words", nargs=-1, metavar="TASK.OUTPUT [Task.parameter=value]...")
@click.option(
    "-o", "--output", metavar="FILE", help="The file or folder to make, or a folder to put it into."
)
@click.option("--run", metavar="RUN", help="Of an old run: a pipeline run that it was in, or its own run.")
@click.option("--tag", metavar="KEY=VALUE", help="Of the newest run with this tag.")
@click.option("--best", metavar="METRIC", help="Of the best run by a metric of the task.")
@click.option(
    "--lowest/--highest", default=None, help="Which is the best; by default the metric's name tells."
)
def get(
    printer: Printer,
    place: Place,
    *,
    words: tuple[str, ...],
    output: str | None,
    run: str | None,
    tag: str | None,
    best: str | None,
    lowest: bool | None,
) -> Answer:
    """Copy an output of the result that `daicho run` would reuse, or of an old one, verified, out of the store.

    OUTPUT is the name of the task's attribute, or of the file; RUN/TASK.OUTPUT is one of an old run.
    """
    from daicho.verbs.get import get as ask

    what = [word for word in words if "=" not in word]
    if len(what) != 1:
        raise UsageError(
            "one output at a time" if what else "`TASK.OUTPUT` is missing",
            hints=("for example: daicho get Prediction.prediction -o result.csv",),
        )
    overrides = [word for word in words if "=" in word]
    got = ask(
        what[0],
        output,
        run=run,
        tag=tag,
        best=best,
        lowest=lowest,
        folder=place.folder,
        config=place.config,
        overrides=overrides,
    )
    shown = line(
        ("✓", "good"),
        f" {got.task}.{got.output} is in ",
        (human.place(got.path, Path.cwd()), "name"),
        (f" ({human.size(got.size)}, run {(got.run_id or '')[:8]})", "dim"),
    )
    return Answer(got.to_json(), lambda screen: [shown], chatty=True)
