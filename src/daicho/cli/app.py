"""From a command line to an exit status: parse, do, print. The commands are imported when they are called."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import sys
import traceback
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from daicho._version import __version__
from daicho.cli import human
from daicho.cli.fail import Problem, of_error
from daicho.cli.line import line
from daicho.cli.options import Asked
from daicho.cli.printer import Answer, Choices, Printer
from daicho.cli.recall import TOOK, Said, remember

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

INTERRUPTED = 130

COMMANDS = {
    "init": "Make a project: the Titanic example, or one of your own.",
    "run": "Run a target and all it needs, as far as there is no result yet.",
    "status": "Show what a run would do, and why; nothing runs.",
    "why": "Show why a task must run, and who changed what.",
    "graph": "Show what a target needs, as a tree or a picture.",
    "show": "Show what is recorded of a run or a task.",
    "config": "Show what is configured, and where each value came from.",
    "log": "List the runs, and what differs among them.",
    "diff": "Show what differs between two runs, or since one.",
    "compare": "Show what differs between several runs.",
    "get": "Copy an output out of the store.",
    "export": "Write a result with all that made it to a folder.",
    "reproduce": "Make a recorded run again, and compare.",
    "verify": "Show whose outputs are not the same twice.",
    "tag": "Tag or pin a run.",
    "note": "Put a note on a run.",
    "forget": "Withdraw a wrong result for the whole team.",
    "gc": "Free what no kept result needs.",
    "doctor": "Look whether all is well, and say what to do.",
    "ui": "Open MLflow's page on the project's store.",
    "completion": "Let the shell complete commands, tasks and runs.",
}
"""What help says of each command, so that it need not be imported for that."""

SECTIONS = {
    "Begin and run": ("init", "config", "status", "why", "graph", "run"),
    "Look at results": ("show", "log", "diff", "compare", "get", "export", "reproduce", "verify", "ui"),
    "Keep in order": ("tag", "note", "forget", "gc", "doctor", "completion"),
}
"""In which part of help each command stands."""


class _Commands(click.Group):
    """A group whose commands are modules of `daicho.cli.commands`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"daicho.cli.commands.{cmd_name}")
        found: click.Command = getattr(module, cmd_name)
        if ctx.resilient_parsing:  # the shell asks what could stand here
            from daicho.cli.completion import equip

            return equip(found)
        return found

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[Any]]:
        """Without importing the commands, as click would to ask each what it is."""
        from daicho.cli.completion import commands

        return (
            commands(COMMANDS, incomplete)
            if incomplete[:1] != "-"
            else super().shell_complete(ctx, incomplete)
        )

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        widest = max(map(len, COMMANDS))
        for heading, names in SECTIONS.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(widest), COMMANDS[name]) for name in names])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise _UnknownCommand(args[0], args[1:], ctx)
        return super().resolve_command(ctx, args)


class _UnknownCommand(click.UsageError):
    """A command that there is not."""

    def __init__(self, name: str, rest: Sequence[str], ctx: click.Context) -> None:
        super().__init__(f"there is no command `{name}`", ctx)
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        if near:
            self.hint = f"did you mean `daicho {' '.join([near[0], *rest])}`?"
        elif name[:1].isupper() or "=" in name:
            self.hint = f"a task is run by `daicho run {' '.join([name, *rest])}`"
        else:
            self.hint = f"the commands are: {', '.join(COMMANDS)}"


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="`daicho COMMAND --help` tells more of each.",
)
@click.version_option(__version__, "-V", "--version", prog_name="daicho", message="%(prog)s %(version)s")
@click.pass_context
def _daicho(ctx: click.Context) -> None:
    """Luigi decides what must run, MLflow remembers what did, daicho joins the two."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main(args: Sequence[str], question: str | None = None) -> int:
    """Do what a command line asks for, and return the exit status.

    Args:
        args: The words.
        question: By which the answer may be kept: see `daicho.cli.recall`.
    """
    try:
        asked = _daicho.main(list(args), prog_name="daicho", standalone_mode=False)
    except click.ClickException as error:
        return _fail(_of_click(error), Printer.of(_guessed(args)))
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    if not isinstance(asked, Asked):  # help or the version, which click has printed
        return asked if isinstance(asked, int) else 0
    return _do(asked, question)


def _do(asked: Asked, question: str | None) -> int:
    printer = Printer.of(asked.choices)
    try:
        with _strangers_apart():
            answer = asked.work(printer)
        said = printer.listen()
        printer.answer(answer)
        if question is not None:
            _keep(answer, said, question)
        if answer.afterwards is not None:
            answer.afterwards()
    except KeyboardInterrupt:
        printer.err.put([line(("Interrupted", "warn"))])
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  (the last one who can say what happened)
        if asked.choices.debug:
            printer.err.write("".join(traceback.format_exception(error)))
        return _fail(of_error(error), printer)
    return answer.exit_status


def _keep(answer: Answer, said: Said, question: str) -> None:
    """Keep an answer that may be given again, with blanks for what says how long it took."""
    grounds = answer.grounds() if answer.grounds is not None else None
    if grounds is None:
        return
    took = [('"remembered": false', '"remembered": true')]
    if answer.took is not None:
        took.append((f"({human.duration(answer.took)})", f"({TOOK} s)"))
        took.append((f'"seconds": {round(answer.took, 3)}', f'"seconds": {TOOK}'))
    remember(question, grounds, said, answer.exit_status, tuple(took))


@contextlib.contextmanager
def _strangers_apart() -> Iterator[None]:
    """What imported modules print while a command works is no part of its result."""
    if sys.stderr is None:
        yield
        return
    with contextlib.redirect_stdout(sys.stderr):
        yield


def _fail(problem: Problem, printer: Printer) -> int:
    if printer.choices.json:
        printer.document(problem.to_json())
    printer.err.put_wrapped(problem.lines())
    return problem.exit_status


def _of_click(error: click.ClickException) -> Problem:
    """The same form for what click finds wrong."""
    message = error.format_message().rstrip(".")
    hints: tuple[str, ...] = ()
    if isinstance(error, click.NoSuchOption):
        message = f"there is no option `{error.option_name}`"
        near = error.possibilities or ()
        hints = (f"did you mean {' or '.join(f'`{each}`' for each in sorted(near))}?",) if near else ()
        if error.ctx is not None and error.ctx.parent is None and not near:
            hints = ("options stand behind the command: `daicho run -C DIR`",)
    elif isinstance(error, _UnknownCommand):
        hints = (error.hint,)
    elif isinstance(error, click.MissingParameter) and error.param is not None:
        message = f"`{error.param.make_metavar(error.ctx or click.Context(_daicho))}` is missing"
    elif message:
        message = message[0].lower() + message[1:]
    path = (
        error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx is not None else "daicho"
    )
    return Problem("usage", message, hints=(*hints, f"see `{path} --help`"))


def _guessed(args: Sequence[str]) -> Choices:
    """How to print when the command line could not be understood."""
    return Choices(json="--json" in args, color="never" if "--color=never" in args else "auto")
