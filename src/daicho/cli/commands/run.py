"""`daicho run`: carry a target out, and say what became of it."""

from __future__ import annotations

import sys
from contextlib import nullcontext, redirect_stdout
from pathlib import Path

import click

from daicho.cli.commands.status import planned
from daicho.cli.options import Place, command, forcing, split
from daicho.cli.printer import Answer, Printer
from daicho.cli.watch import watching

EXAMPLES = """
daicho run                           what [RunConfig] task names
daicho run Trainer                   another target, and all it needs
daicho run Trainer.seed=1            with another value
daicho run -n                        only say what would be done, and why
daicho run --inline                  in this process, for a debugger
"""


@command("run", examples=EXAMPLES)
@click.argument("words", nargs=-1, metavar="[TARGET] [Task.parameter=value]...")
@click.option("-n", "--dry-run", is_flag=True, help="Only show the plan, as `daicho status` does.")
@click.option("--check", is_flag=True, help="Only look: exit with 1 if something would run.")
@click.option("-f", "--force", is_flag=True, help="Run all tasks, although equal results are there.")
@forcing
@click.option("-x", "--stop-at-first", is_flag=True, help="Start nothing more after the first failure.")
@click.option(
    "--inline", is_flag=True, help="Run tasks in this process: breakpoints work, nothing is captured."
)
def run(
    printer: Printer,
    place: Place,
    *,
    words: tuple[str, ...],
    dry_run: bool,
    check: bool,
    force: bool,
    force_task: tuple[str, ...],
    stop_at_first: bool,
    inline: bool,
) -> Answer:
    """Run a target and all it needs, as far as there is no equal result yet.

    TARGET is the name of a task; by default it is what `[RunConfig] task` in luigi.toml names. What holds a `=` is a
    value for this run: its text is read by the parameter's type, and needs no quotes but the shell's.

    Exit status: 0 done, also when nothing was to do; 1 a task failed; 2 usage, configuration or project wrong, and
    nothing ran; 3 the store cannot be used; 130 interrupted.
    """
    if dry_run or check:
        return planned(printer, place, words=words, check=check, force=force or force_task)
    from daicho.cli.views import run as view
    from daicho.verbs.run import Options
    from daicho.verbs.run import run as carry_out

    target, overrides = split(words)
    # What tasks print in this very process must not stand beside the one document of --json.
    elsewhere = redirect_stdout(sys.stderr) if printer.choices.json else nullcontext()
    with watching(printer, inline=inline) as observer, elsewhere:
        done = carry_out(
            target,
            folder=place.folder,
            config=place.config,
            overrides=overrides,
            options=Options(inline=inline, force=force or force_task, stop_at_first=stop_at_first),
            observers=(observer,),
        )
    broken = view.failed(done)
    look = place.command("ui") if done.status == "done" and any(done.of("ran")) else None
    return Answer(
        done.to_json(),
        lambda screen: view.lines(done, width=screen.width, here=Path.cwd()),
        done.exit_status,
        next=place.command("show", broken) if broken is not None else look,
        warnings=view.warnings(done),
        chatty=done.exit_status == 0,
    )
