"""`daicho status`: what a run would do, and why."""

from __future__ import annotations

from daicho.cli.options import Place, command, planning, split
from daicho.cli.printer import Answer, Printer

EXAMPLES = """
daicho status                        what `daicho run` would do
daicho status Trainer.seed=1         what it would do with another value
daicho status --check                exit with 1 if something would run
daicho status --json | jq '.tasks[] | select(.decision == "run") | .reasons'
"""


@command("status", examples=EXAMPLES)
@planning(
    "[TARGET] [Task.parameter=value]...",
    check="Exit with 1 if something would run.",
    force="Plan as `daicho run -f` would.",
)
def status(
    printer: Printer,
    place: Place,
    *,
    words: tuple[str, ...],
    check: bool,
    force: bool,
    force_task: tuple[str, ...],
) -> Answer:
    """Show what a run would do, and why; nothing runs.

    For each task: reuse (an equal result is there), run, or undecided (that depends on what a task before it gives).
    """
    return planned(printer, place, words=words, check=check, force=force or force_task)


def planned(
    printer: Printer, place: Place, *, words: tuple[str, ...], check: bool, force: bool | tuple[str, ...]
) -> Answer:
    """The answer of `daicho status` and of `daicho run -n`."""
    from daicho.cli.views import status as view
    from daicho.verbs.status import status as ask

    target, overrides = split(words)
    whole = printer.choices.verbose
    plan = ask(
        target,
        folder=place.folder,
        config=place.config,
        overrides=overrides,
        force=force,
        drift=whole or printer.choices.json,
    )
    to_run = view.to_run(plan)
    return Answer(
        plan.to_json(),
        lambda screen: view.lines(plan, width=screen.width, whole=whole),
        exit_status=1 if check and to_run else 0,
        grounds=plan.grounds,
    )
