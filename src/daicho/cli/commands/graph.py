"""`daicho graph`: the tasks of a target, as a tree, a picture, or in Mermaid's words."""

from __future__ import annotations

from pathlib import Path

import click

from daicho.cli import human
from daicho.cli.line import line
from daicho.cli.options import Place, command, split
from daicho.cli.printer import Answer, Printer
from daicho.errors import ProjectError, UsageError

EXAMPLES = """
daicho graph                         a tree in the terminal
daicho graph --svg graph.svg         a picture
daicho graph --mermaid               for Markdown on GitHub and GitLab
"""


@command("graph", examples=EXAMPLES)
@click.argument("words", nargs=-1, metavar="[TARGET] [Task.parameter=value]...")
@click.option("--mermaid", is_flag=True, help="Print it in Mermaid's words.")
@click.option("--svg", metavar="FILE", help="Write a picture; - for stdout.")
def graph(
    printer: Printer, place: Place, *, words: tuple[str, ...], mermaid: bool, svg: str | None
) -> Answer:
    """Show what a target needs, and what would be done with each task; nothing runs.

    Below each task stands what it needs. Many tasks of one family side by side are one line, or one box.
    """
    if mermaid and svg is not None:
        raise UsageError("`--mermaid` and `--svg` are two answers", hints=("ask for one after the other",))
    from daicho.cli.views import graph as view
    from daicho.verbs.graph import graph as ask

    target, overrides = split(words)
    found = ask(target, folder=place.folder, config=place.config, overrides=overrides)
    document = found.to_json()
    if svg is not None and svg != "-":
        path = _written(Path(svg), found.svg())
        shown = line(("✓", "good"), f" {found.target} is drawn in ", (human.place(path, Path.cwd()), "name"))
        return Answer(document, lambda screen: [shown], chatty=True)
    if mermaid or svg is not None:
        text = found.mermaid() if mermaid else found.svg()
        return Answer(document, lambda screen: [line(each) for each in text.splitlines()])
    return Answer(document, lambda screen: view.lines(found, width=screen.width))


def _written(path: Path, text: str) -> Path:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ProjectError(
            f"`{path}` cannot be written: {error.strerror}", hints=("choose another place: --svg FILE",)
        ) from error
    return path.absolute()
