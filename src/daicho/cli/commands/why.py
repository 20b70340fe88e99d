"""`daicho why`: why a task must run, or need not."""

from __future__ import annotations

from daicho.cli.options import Place, command, planning, split
from daicho.cli.printer import Answer, Printer

EXAMPLES = """
daicho why Trainer                   what changed, where, and who changed it
daicho why Trainer -v                with the difference of the code
daicho why Trainer Trainer.seed=1    what another value would do
daicho why 'Trainer(seed=3)'         one of several, named as in `daicho status`
daicho why Trainer --check           exit with 1 if it would run
"""


@command("why", examples=EXAMPLES)
@planning(
    "[TASK] [Task.parameter=value]...",
    check="Exit with 1 if the task would run, or might.",
    force="Explain what `daicho run -f` would do.",
)
def why(
    printer: Printer,
    place: Place,
    *,
    words: tuple[str, ...],
    check: bool,
    force: bool,
    force_task: tuple[str, ...],
) -> Answer:
    """Show why a task must run, or which result is reused; nothing runs.

    TASK is the name of a task, by default of what `[RunConfig] task` names. Only root causes are shown: where an input
    changed, what changed that.
    """
    from daicho.cli.views import why as view
    from daicho.verbs.why import why as ask

    labels = [word for word in words if "(" in word.partition("=")[0]]
    target, overrides = split([word for word in words if word not in labels])
    if labels and target is None:
        target = labels[0]
    told = ask(
        target, folder=place.folder, config=place.config, overrides=overrides, force=force or force_task
    )
    whole = printer.choices.verbose
    runs = told.verdict != "reuse"
    return Answer(
        told.to_json(),
        lambda screen: view.lines(told, width=screen.width, whole=whole),
        exit_status=1 if check and runs else 0,
        next=place.command("run", told.task, *overrides) if runs else None,
    )
