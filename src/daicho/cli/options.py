"""What a person types: the options that every command has, and how commands are declared."""

from __future__ import annotations

import functools
import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from daicho.cli.printer import Answer, Choices, Printer
from daicho.errors import UsageError


@dataclass(frozen=True)
class Place:
    """Where a command looks for the project: `-C` and `-c`; several files as in PATH."""

    folder: str = "."
    config: str | None = None

    def command(self, *words: str) -> str:
        """A `daicho` command to go on with, for the same project; secrets are not repeated."""
        from daicho.provenance import mask_arguments  # loads git's part too, which help can do without

        where = ["-C", self.folder] if self.folder != "." else []
        files = self.config.split(os.pathsep) if self.config is not None else []
        which = [word for file in files for word in ("-c", file)]
        return shlex.join(["daicho", *mask_arguments(words), *where, *which])


@dataclass(frozen=True)
class Asked:
    """A command line that was understood: how to print, and what to do."""

    choices: Choices
    work: Callable[[Printer], Answer]


_Function = TypeVar("_Function", bound=Callable[..., Any])

forcing = click.option(
    "-F",
    "--force-task",
    metavar="TASK",
    multiple=True,
    help="Run this task, although an equal result is there; can be repeated.",
)
"""The option to force single tasks."""


def planning(words: str, *, check: str, force: str) -> Callable[[_Function], _Function]:
    """The arguments and options of every command that makes a plan and runs nothing.

    Args:
        words: What help calls the arguments.
        check: What help says of `--check`.
        force: What help says of `--force`.
    """

    def declare(function: _Function) -> _Function:
        for each in (
            forcing,
            click.option("-f", "--force", is_flag=True, help=force),
            click.option("--check", is_flag=True, help=check),
            click.argument("words", nargs=-1, metavar=words),
        ):
            function = each(function)
        return function

    return declare


def command(name: str, *, examples: str) -> Callable[[Callable[..., Answer]], click.Command]:
    """Make a click command of a function: it gets a printer and a place first, then its own parameters by name.

    Args:
        name: What it is called.
        examples: Lines that help shows as they stand.
    """

    def declare(function: Callable[..., Answer]) -> click.Command:
        @functools.wraps(function)
        def ask(**values: Any) -> Asked:
            choices = Choices(*(values.pop(name) for name in ("json", "quiet", "verbose", "debug", "color")))
            place = Place(values.pop("folder"), os.pathsep.join(values.pop("config")) or None)
            return Asked(choices, lambda printer: function(printer, place, **values))

        made = click.command(
            name,
            cls=_Command,
            epilog=_examples(examples),
            context_settings={"max_content_width": 100, "help_option_names": ["-h", "--help"]},
        )(ask)
        made.params.extend(_common())
        return made

    return declare


class _Command(click.Command):
    """A command whose help shows its own options first, and apart from them those that all have."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Two sections."""
        common = {"--help", *(each.opts[0] for each in _common())}
        sections: dict[str, list[tuple[str, str]]] = {"Options": [], "Options of every command": []}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None and isinstance(param, click.Option):
                shared = not common.isdisjoint(param.opts)
                sections["Options of every command" if shared else "Options"].append(record)
        for heading, records in sections.items():
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)


def split(words: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """The target, and the overrides: what holds a `=`.

    Raises:
        UsageError: If there are several targets.
    """
    targets = [word for word in words if "=" not in word]
    if len(targets) > 1:
        shown = ", ".join(f"`{word}`" for word in targets)
        raise UsageError(
            f"a run has one target, and these are several: {shown}",
            hints=(
                "an override holds a `=`: Trainer.seed=1",
                "for several at once, write a task that depends on them",
            ),
        )
    return (targets[0] if targets else None), tuple(word for word in words if "=" in word)


def _common() -> list[click.Parameter]:
    """The options of every command, behind its own."""
    return [
        click.Option(["-C", "folder"], metavar="DIR", default=".", help="Work as if started in this folder."),
        click.Option(
            ["-c", "config"],
            metavar="FILE",
            multiple=True,
            help="Use this configuration file instead of luigi.toml; of several the later one wins.",
        ),
        click.Option(
            ["-q", "--quiet"], is_flag=True, help="Say only what was asked for, and what went wrong."
        ),
        click.Option(
            ["-v", "--verbose"], is_flag=True, help="Say more: what tasks print, whole lists, logs."
        ),
        click.Option(["--json"], is_flag=True, help="Print one JSON document, and nothing else, on stdout."),
        click.Option(
            ["--color"],
            type=click.Choice(["auto", "always", "never"]),
            default="auto",
            help="By default colours are used on terminals; NO_COLOR and FORCE_COLOR count.",
        ),
        click.Option(["--debug"], is_flag=True, help="Show the tracebacks of daicho's own errors."),
    ]


def _examples(text: str) -> str:
    lines = text.strip("\n").split("\n")
    return "\b\nExamples:\n" + "\n".join(f"  {each.strip()}" for each in lines)
