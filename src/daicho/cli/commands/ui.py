"""`daicho ui`: MLflow's page on the project's store, until Ctrl-C."""

from __future__ import annotations

import contextlib
import webbrowser

import click

from daicho.cli.line import line
from daicho.cli.options import Place, command
from daicho.cli.printer import Answer, Printer
from daicho.cli.server import Server

EXAMPLES = """
daicho ui                            open the page in the browser
daicho ui --no-browser --port 8080   only serve it
"""


@command("ui", examples=EXAMPLES)
@click.option(
    "--port", type=click.IntRange(1, 65535), metavar="N", help="The port on 127.0.0.1; 5000 if it is free."
)
@click.option("--no-browser", is_flag=True, help="Only say where the page is.")
def ui(printer: Printer, place: Place, *, port: int | None, no_browser: bool) -> Answer:
    """Open MLflow's page on the project's store, at the table of pipeline runs.

    A store in a file or a database is served from this machine to this machine alone, until Ctrl-C. Where a server
    has the store already, its page is opened.
    """
    from daicho.verbs.ui import ui as ask

    page = ask(folder=place.folder, config=place.config, port=port)
    server = None
    if page.command:
        server = Server.start(page.command, page.environment, loud=printer.choices.verbose)
        with _spinner(printer):
            server.wait_until_it_answers(page.health)

    def afterwards() -> None:
        if not no_browser and printer.out.live:
            webbrowser.open(page.url)
        if server is not None:
            server.serve()

    until = "  (Ctrl-C ends it)" if server is not None else ""
    shown = line("MLflow's page: ", (page.url, "name"), (until, "dim"))
    return Answer(page.to_json(), lambda screen: [shown], afterwards=afterwards)


def _spinner(printer: Printer) -> contextlib.AbstractContextManager[None]:
    if not printer.err.live or printer.choices.quiet or printer.choices.verbose:
        return contextlib.nullcontext()
    from daicho.cli.live import waiting  # loads rich

    return waiting(printer.err, "MLflow is starting")
