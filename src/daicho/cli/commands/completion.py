"""`daicho completion`: what a shell reads so that Tab completes commands, options, tasks and runs."""

from __future__ import annotations

import click

from daicho.cli.completion import SHELLS, Script
from daicho.cli.line import line
from daicho.cli.options import Place, command
from daicho.cli.printer import Answer, Printer

EXAMPLES = """
eval "$(daicho completion bash)"     in ~/.bashrc
eval "$(daicho completion zsh)"      in ~/.zshrc, after compinit
daicho completion fish > ~/.config/fish/completions/daicho.fish
"""


@command("completion", examples=EXAMPLES)
@click.argument("shell", type=click.Choice(list(SHELLS)))
def completion(printer: Printer, place: Place, *, shell: str) -> Answer:
    """Print what SHELL has to read so that Tab completes commands, options, and names of tasks and runs.

    The names are those that daicho saw last in the project: nothing of yours is imported when you press Tab.
    """
    script = Script.of(shell)
    return Answer(script.to_json(), lambda screen: map(line, script.text.rstrip("\n").splitlines()))
