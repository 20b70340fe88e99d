"""`daicho config`: what is configured, and where each value came from."""

from __future__ import annotations

import json

import click

from daicho.cli.line import line
from daicho.cli.options import Place, command, split
from daicho.cli.printer import Answer, Printer

EXAMPLES = """
daicho config                        every value of the target, and where it came from
daicho config Trainer.seed=3         with another value
daicho config -c experiments/wide.toml
daicho config --schema > luigi.schema.json
"""


@command("config", examples=EXAMPLES)
@click.argument("words", nargs=-1, metavar="[TARGET] [Task.parameter=value]...")
@click.option("--schema", is_flag=True, help="Print a JSON Schema of luigi.toml, for editors.")
def config(printer: Printer, place: Place, *, words: tuple[str, ...], schema: bool) -> Answer:
    """Show what is configured, and where each value came from; nothing runs.

    Later wins: the class's default, the files, the environment (`.env` below it), the command line. Without a target,
    and without `[RunConfig] task`, all tasks of the project are shown. Secrets are shown as `***`.
    """
    from daicho.cli.views import config as view
    from daicho.verbs.config import configuration, json_schema

    target, overrides = split(words)
    if schema:
        document = json_schema(folder=place.folder, config=place.config)
        text = json.dumps(document, indent=2)
        return Answer(document, lambda screen: [line(each) for each in text.split("\n")])
    found = configuration(target, folder=place.folder, config=place.config, overrides=overrides)
    return Answer(found.to_json(), lambda screen: view.lines(found, width=screen.width))
