"""Make a recorded run again from its own code, configuration, sources and environment; is it the same?"""

from __future__ import annotations

import math
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from daicho.compare.difference import counted
from daicho.config.toml import read
from daicho.errors import ProjectError, UntrustedError, UsageError
from daicho.ledger.checked import Checked, mark_reproduced
from daicho.plan.prepare import Context, open_project
from daicho.provenance import read_machine
from daicho.reproducing import environment as environments
from daicho.reproducing.comparing import compared, differing
from daicho.reproducing.configuration import masked
from daicho.reproducing.environment import Environment
from daicho.reproducing.layout import Layout, gather, lay_out
from daicho.reproducing.recorded import Recorded, recorded
from daicho.reproducing.reproduction import Reproduction, worst
from daicho.reproducing.running import Made, carry_out

Tell = Callable[[str], None]

_MOST = 8  # files and packages that are named


def reproduce(
    what: str,
    *,
    into: str | Path | None = None,
    here: bool = False,
    reuse_upstream: bool = False,
    tolerance: float = 0.0,
    trust: bool = False,
    folder: str | Path = ".",
    config: str | Path | None = None,
    tell: Tell | None = None,
) -> Reproduction:
    """Make a recorded run again in a folder of its own, and compare output by output.

    The project's files, git's index and HEAD, and the results in the store are left as they are; only the verdict is
    written down on the run.

    Args:
        what: A run as `daicho show` takes it: a pipeline run, or one task with all that it stands on.
        into: The folder to lay it out in, which must be empty or not there; a new temporary one by default.
        here: Run it in the present environment; by default one is made with the recorded Python and packages (by uv).
        reuse_upstream: Run only the tasks that were asked for, on the recorded results of those that they stand on.
        tolerance: How far two numbers may lie apart, in parts of the larger one, and still be equal.
        trust: Whether code and packages of somebody else's run may be run.
        folder: Where to look for the project.
        config: Another configuration file.
        tell: Told what is being done, a sentence at a time.

    Raises:
        NotFoundError: If there is no such run, it has no results, or its source files are not in the store.
        SourceError: If sources that it read can't be had; all of them are named.
        UntrustedError: If it is somebody else's; the message shows what would run.
        ProjectError: If its environment cannot be made, it cannot be run, or the folder cannot be written to.
        CorruptError: If stored bytes are not what was recorded.
        StoreError: If the store cannot be asked, or not be written to.
    """
    if not (math.isfinite(tolerance) and tolerance >= 0):
        raise UsageError(f"the tolerance is {tolerance}, but must be a number that is not negative")
    context = open_project(Path(folder), file=Path(config) if config is not None else None)
    context.ledger.check()
    run = recorded(context.ledger, what, Path.cwd())
    layout = gather(context, run, reuse_upstream=reuse_upstream)
    if not trust:
        _refuse_strangers(context, layout, here=here)
    work = _Work(context, layout, here, trust, tell or (lambda sentence: None))
    with _folder(into) as target:
        environment = work.prepare(target)
    made = work.run(target, environment)
    return _judged(work, target, environment, made, tolerance)


@dataclass(frozen=True)
class _Work:
    """What is to be done."""

    context: Context
    layout: Layout
    here: bool
    trust: bool
    tell: Tell

    def prepare(self, target: Path) -> Environment:
        """Lay everything out, and make the environment."""
        self.tell(f"laying out {self.layout.run.name} in {target}")
        lay_out(self.context, self.layout, target / "project", trust=self.trust)
        recorded = self.layout.run.environment
        if self.here:
            return environments.at_hand(recorded, target / "project")
        self.tell(f"making an environment with Python {recorded.get('python')} and its packages")
        return environments.make(recorded, target / "environment", _own_packages(self.context))

    def run(self, target: Path, environment: Environment) -> Made:
        """Run it."""
        run, context = self.layout.run, self.context
        self.tell(f"running {', '.join(run.targets)} with nothing reused")
        return carry_out(
            run,
            target / "project",
            environment,
            root=context.root,
            variables=context.settings.variables,
            redirected=[
                f"{each.needed.family}.{each.needed.role}"
                for each in self.layout.sources
                if not each.needed.inside
            ],
        )


def _judged(
    work: _Work, target: Path, environment: Environment, made: Made, tolerance: float
) -> Reproduction:
    run, given = work.layout.run, work.layout.given
    records = [record for record in run.records if record not in given]
    tasks = compared(work.context.ledger, records, made, tolerance=tolerance)
    verdict = worst(task.verdict for task in tasks)
    machine = read_machine()
    how = "environment as recorded" if environment.made else "in another environment"
    if not environment.made and not environment.notes:
        how = "in an equal environment"
    checked = Checked.now(verdict, machine.user, machine.host, how, tuple(differing(tasks)))
    mark_reproduced(work.context.store, run.run_id, checked)
    return Reproduction(
        what=run.name,
        run_id=run.run_id,
        verdict=verdict,
        tasks=tasks,
        given=tuple(record.task for record in given),
        folder=target,
        python=environment.python,
        made=environment.made,
        tolerance=tolerance,
        who=checked.who,
        when=checked.when,
        where=checked.where,
        notes=(*work.layout.notes, *_secrets(run), *environment.notes),
    )


def _secrets(run: Recorded) -> Iterator[str]:
    names = masked(run)
    if names:
        listed = ", ".join(f"`{name}`" for name in names)
        yield f"secrets are not recorded, so the environment has to give them: {listed}"


def _own_packages(context: Context) -> set[str]:
    """The distributions whose code is the project's own: it comes from the record."""
    pyproject = context.root / "pyproject.toml"
    table = read(pyproject).data.get("project", {}) if pyproject.is_file() else {}
    name = table.get("name") if isinstance(table, dict) else None
    return {context.name, *([name] if isinstance(name, str) else [])}


def _refuse_strangers(context: Context, layout: Layout, *, here: bool) -> None:
    """Somebody else's code is shown before it runs.

    Raises:
        UntrustedError: If it is somebody else's.
    """
    run, own = layout.run, read_machine().user
    if run.user == own:
        return
    files = sorted(layout.files)
    named = ", ".join(files[:_MOST]) + (f", and {len(files) - _MOST} more" if len(files) > _MOST else "")
    shown = [f"it runs {counted(len(files), 'file')} of {run.user or 'an unknown account'}: {named}"]
    if not here:
        listed = environments.packages(run.environment, _own_packages(context))
        some = ", ".join(listed[:_MOST]) + (
            f", and {len(listed) - _MOST} more" if len(listed) > _MOST else ""
        )
        shown.append(f"it installs {counted(len(listed), 'package')} from {environments.index()}: {some}")
    raise UntrustedError(
        f"{run.name} was made by {run.user or 'an unknown account'}, not by {own}, and would run their code here",
        hints=(*shown, "to look at the code first: daicho export RUN DIR", "if you trust it: `--trust`"),
    )


@contextmanager
def _folder(into: str | Path | None) -> Iterator[Path]:
    """The folder to lay it out in; if that fails, nothing of it stays.

    Raises:
        ProjectError: If it is not empty, or cannot be written.
    """
    try:
        target = Path(os.path.abspath(tempfile.mkdtemp(prefix="daicho-reproduce-") if into is None else into))
        made = into is None or not target.exists()
        if not target.is_dir() and target.exists():
            raise ProjectError(f"`{into}` is a file", hints=("name a folder that is not there yet",))
        target.mkdir(parents=True, exist_ok=True)
        if any(target.iterdir()):
            raise ProjectError(f"`{into}` is not empty", hints=("name a folder that is not there yet",))
    except OSError as error:
        raise ProjectError(f"`{into}` cannot be written: {error.strerror or error}") from error
    try:
        yield target
    except BaseException:
        for part in ("project", "environment"):
            shutil.rmtree(target / part, ignore_errors=True)
        if made:
            shutil.rmtree(target, ignore_errors=True)
        raise
