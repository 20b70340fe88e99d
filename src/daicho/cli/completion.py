"""What the shell may complete: options and commands from click, names of tasks and runs from what is remembered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from click.shell_completion import BashComplete, CompletionItem, FishComplete, ShellComplete, ZshComplete

from daicho.plan.names import Names, known

SCHEMA = "daicho.completion/1"
VARIABLE = "_DAICHO_COMPLETE"
"""By which the shell asks."""


class _Bash(BashComplete):
    """As click writes it, but for this: after `Trainer.seed=` goes the value, not a space."""

    source_template = BashComplete.source_template.replace(
        "    return 0\n", "    [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n    return 0\n"
    )


SHELLS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": ZshComplete, "fish": FishComplete}


class _Name(click.ParamType[str]):
    """A word of the command line that may name something; `metavar` says what."""

    name = "name"

    def __init__(self, metavar: str) -> None:
        self._metavar = metavar

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        """The names that begin so."""
        names = known(Path(ctx.params.get("folder") or ".").absolute())
        found = _of(self._metavar, names, incomplete)
        return [CompletionItem(each) for each in dict.fromkeys(found) if each.startswith(incomplete)]


def equip(command: click.Command) -> click.Command:
    """Let a command's words be completed by what they mean."""
    for param in command.params:
        meant = param.metavar or ""
        if meant == "FILE":
            param.type = click.Path()
        elif meant == "DIR":
            param.type = click.Path(file_okay=False)
        elif meant and (isinstance(param, click.Argument) or meant in ("RUN", "TASK")):
            param.type = _Name(meant)
    return command


def commands(names: dict[str, str], incomplete: str) -> list[CompletionItem[str]]:
    """The commands that begin so, with what help says of them."""
    return [CompletionItem(name, help=text) for name, text in names.items() if name.startswith(incomplete)]


@dataclass(frozen=True)
class Script:
    """What a shell has to read so that it completes `daicho`."""

    shell: str
    text: str

    @classmethod
    def of(cls, shell: str) -> Script:
        """The script of a shell."""
        kind = SHELLS[shell]
        asking = kind(click.Command("daicho"), {}, "daicho", VARIABLE)
        return cls(shell, kind.source_template % asking.source_vars())

    def to_json(self) -> dict[str, str]:
        """The script in one JSON document."""
        return {"schema": SCHEMA, "shell": self.shell, "script": self.text}


def _of(metavar: str, names: Names, incomplete: str) -> Iterator[str]:
    if "RUN" in metavar or metavar == "WHAT":
        yield from names.runs
    if "OUTPUT" in metavar:
        yield from (f"{task}.{output}" for task, outputs in names.outputs.items() for output in outputs)
    elif "TASK" in metavar or "TARGET" in metavar or metavar == "WHAT":
        yield from names.parameters
    if "parameter=" in metavar and "." in incomplete:
        yield from (f"{task}.{each}=" for task, parameters in names.parameters.items() for each in parameters)
