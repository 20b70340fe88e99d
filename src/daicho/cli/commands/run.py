"""`daicho run`: carry a target out, and say what became of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daicho.cli.commands.status import planned
from daicho.cli.options import Place, command, forcing, split
from daicho.cli.printer import Answer, Printer
from daicho.cli.watch import watching
from daicho.errors import UsageError

if TYPE_CHECKING:
    from daicho.engine.report import Run
    from daicho.engine.stream import EventStream
    from daicho.verbs.run import Options

EXAMPLES = """
daicho run                           what [RunConfig] task names
daicho run Trainer                   another target, and all it needs
daicho run Trainer.seed=1            with another value
daicho run -j 4                      up to four tasks at once
daicho run -n                        only say what would be done, and why
daicho run --inline                  in this process: breakpoint() works
daicho run --pdb                     open the debugger where a task fails
"""


@command("run", examples=EXAMPLES)
@click.argument("words", nargs=-1, metavar="[TARGET] [Task.parameter=value]...")
@click.option("-n", "--dry-run", is_flag=True, help="Only show the plan, as `daicho status` does.")
@click.option("--check", is_flag=True, help="Only look: exit with 1 if something would run.")
@click.option("-f", "--force", is_flag=True, help="Run all tasks, although equal results are there.")
@forcing
@click.option("-j", "--jobs", type=int, default=1, metavar="N", help="Run up to N tasks at once.")
@click.option("-x", "--stop-at-first", is_flag=True, help="Start nothing more after the first failure.")
@click.option(
    "--inline", is_flag=True, help="Run tasks in this process: breakpoints work, nothing is captured."
)
@click.option("--pdb", is_flag=True, help="Open Python's debugger where a task fails; means --inline.")
@click.option(
    "--events", metavar="FILE", help="Write what happens to FILE, a JSON object a line; - for stdout."
)
def run(
    printer: Printer,
    place: Place,
    *,
    words: tuple[str, ...],
    dry_run: bool,
    check: bool,
    jobs: int,
    force: bool,
    force_task: tuple[str, ...],
    stop_at_first: bool,
    inline: bool,
    pdb: bool,
    events: str | None,
) -> Answer:
    """Run a target and all it needs, as far as there is no equal result yet.

    TARGET is the name of a task; by default it is what `[RunConfig] task` in luigi.toml names. What holds a `=` is a
    value for this run: its text is read by the parameter's type, and needs no quotes but the shell's.

    Ctrl-C lets running tasks finish and starts nothing more; a second one ends them, as SIGTERM does at once. Inline,
    Ctrl-C reaches the task itself.

    Exit status: 0 done, also when nothing was to do; 1 a task failed; 2 usage, configuration or project wrong, and
    nothing ran; 3 the store cannot be used; 130 interrupted.
    """
    if dry_run or check:
        return planned(printer, place, words=words, check=check, force=force or force_task)
    from daicho.verbs.run import Options

    options = Options(
        jobs=jobs, inline=inline, force=force or force_task, stop_at_first=stop_at_first, pdb=pdb
    )
    if events == "-" and printer.choices.json:
        raise UsageError(
            "`--events -` and `--json` would both write to stdout",
            hints=("name a file for the events: --events events.jsonl",),
        )
    return _answer(place, *_carried_out(printer, place, words, options, events), quiet=events == "-")


def _carried_out(
    printer: Printer, place: Place, words: tuple[str, ...], options: Options, events: str | None
) -> tuple[Run, EventStream | None]:
    from daicho.engine.stream import EventStream
    from daicho.verbs.run import run as carry_out

    target, overrides = split(words)
    streamed, stream = events == "-", None
    with ExitStack() as stack:
        if events is not None:
            stream = stack.enter_context(EventStream(printer.out.stream if streamed else events))
        watcher = stack.enter_context(watching(printer, inline=options.inline or options.pdb or streamed))
        # What tasks print in this very process must not stand beside what a program reads.
        if streamed or printer.choices.json:
            stack.enter_context(redirect_stdout(sys.stderr))
        done = carry_out(
            target,
            folder=place.folder,
            config=place.config,
            overrides=overrides,
            options=options,
            observers=(watcher,) if stream is None else (watcher, stream),
        )
    return done, stream


def _answer(place: Place, done: Run, stream: EventStream | None, *, quiet: bool) -> Answer:
    from daicho.cli.views import run as view

    broken = view.failed(done)
    look = place.command("ui") if done.status == "done" and any(done.of("ran")) else None
    return Answer(
        done.to_json(),
        lambda screen: () if quiet else view.lines(done, width=screen.width, here=Path.cwd()),
        done.exit_status,
        next=place.command("show", broken) if broken is not None else look,
        warnings=(*view.warnings(done), *_unread(stream)),
        chatty=done.exit_status == 0,
        grounds=None if stream is not None else done.grounds,
        took=done.seconds,
    )


def _unread(stream: EventStream | None) -> Iterator[str]:
    if stream is not None and stream.error is not None:
        yield f"the events could not be written to their end: {stream.error.strerror}"
