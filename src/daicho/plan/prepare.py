"""From a project's folder to a planner: everything that is known before the first decision, gathered once."""

from __future__ import annotations

import gc
import subprocess
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from daicho._copy import claimed, traces
from daicho._nearest import nearest
from daicho.config.environment import exported, of_worker
from daicho.config.project import Project, find_project
from daicho.config.settings import Settings, gather
from daicho.config.toml import read
from daicho.errors import ConfigurationError, DaichoError, ProjectError, UnknownTaskError, together
from daicho.fingerprint.code import Reader
from daicho.fingerprint.executed import digest_now, install
from daicho.fingerprint.identity import Identity
from daicho.fingerprint.pinned import pinned_outputs
from daicho.ledger import Ledger, Store, resolve
from daicho.plan import names
from daicho.plan.growing import Soil
from daicho.plan.needed import needed
from daicho.plan.planner import Planner
from daicho.remembered import Digests
from daicho.runtime import activate
from daicho.task import find, graph, plain
from daicho.task.check import check_sections, problems_of
from daicho.task.declare import outputs_of
from daicho.task.graph import Graph
from daicho.task.luigi_settings import for_luigi
from daicho.task.runtime import ProjectRuntime

Force = bool | Collection[str]
"""What is to run although equal: nothing, all, or the tasks of these names."""


@dataclass(frozen=True)
class Context:
    """A project that is open: its settings, its store, and what tasks reach in this process."""

    project: Project
    settings: Settings
    store: Store
    ledger: Ledger
    runtime: ProjectRuntime
    name: str
    experiment: str

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.project.root


@dataclass(frozen=True)
class Prepared:
    """A target in an open project: its graph, and a planner that has not decided anything yet.

    Attributes:
        context: The project.
        planner: The planner.
        reader: Knows the user's code.
        digests: Knows files by their digests.
        modules: The task modules that were imported.
        identity: Gives tasks their keys.
        left_behind: Whether importing them may have had effects that a copy of this process cannot have in the same
            way: something was opened, or logging was set up. Known only of watched modules.
    """

    context: Context
    planner: Planner
    reader: Reader
    digests: Digests
    modules: tuple[str, ...]
    identity: Identity
    left_behind: bool = True

    @property
    def graph(self) -> Graph:
        """The tasks that are known by now."""
        return self.planner.graph

    @property
    def target(self) -> str:
        """The target's name for people."""
        return ", ".join(self.graph.label(task_id) for task_id in self.graph.targets)


def open_project(
    folder: Path,
    *,
    file: Path | None = None,
    overrides: tuple[str, ...] = (),
    params: Mapping[str, Any] | None = None,
    bare: bool = False,
    store: str | None = None,
) -> Context:
    """Open the project that a folder lies in.

    Args:
        folder: Where to look.
        file: Another configuration file.
        overrides: `Task.parameter=value`, as text.
        params: Values by `"Task.parameter"`.
        bare: Whether a folder without a project will do, as one without any configuration.
        store: The store's address, where it is known better than from the configuration.

    Raises:
        ProjectError, ConfigurationError, ParameterError: If there is none, or its configuration is wrong.
        StoreError: If what the store's address says cannot be used.
    """
    project = find_project(folder, file, bare=bare)
    settings, problems = gather(project, overrides=overrides, params=params)
    if problems:
        raise together([*problems, *_problems_of_tasks(project, settings)])
    found = resolve(project.root, store or settings.tracking_uri)
    name = settings.project or _name(project.root)
    experiment = settings.experiment or name
    ledger = Ledger(
        found, project=name, experiment=experiment, share=settings.share, cache=project.folder / "cache"
    )
    runtime = ProjectRuntime(project.root, settings)
    return Context(project, settings, found, ledger, runtime, name, experiment)


def prepare(
    context: Context, target: object = None, *, force: Force = False, watch: bool = False, here: bool = False
) -> Prepared:
    """Import the tasks and build the graph of a target.

    Args:
        context: An open project.
        target: The name of a task, a task class, an instance, or several instances; `[RunConfig] task` by default.
        force: Whether all tasks are to run although equal; or the names of those that are.
        watch: Whether tasks are going to run in a copy of this process: their modules are loaded as they are hashed.
        here: Whether they are going to run in this process itself, which means the same.

    Raises:
        UsageError: If a task, its parameters, its sources or its configuration are wrong. Nothing has run then.
    """
    root, settings = context.root, context.settings
    with activate(context.runtime):
        memory = _memory(context.project)
        loaded = install(find.import_paths(root), kept=_compiled(memory)) if watch or here else None
        named = target is None or isinstance(target, str)
        before = traces() if watch else None
        modules = _loaded(context, here) if named else ()
        left_behind = not (watch and named) or loaded is None or traces() != before
        check_sections(settings, find.known_tasks(root), complete=named)
        built = needed(graph_of(context, target))
        digests = Digests(memory / "digests.db" if memory is not None else None)
        reader = Reader(find.import_paths(root), memory=memory / "code.db" if memory is not None else None)
        identity = Identity(reader, root, digests, settings.environment)
        soil = Soil(root, identity, digests, partial(_settled, context), force)
        parts = soil.parts(built.nodes.values())
        pinned = pinned_outputs(built, digests)
        if memory is not None and named:
            _remember_names(memory, root)
    forced = list(_forced(built, force))
    planner = Planner(
        built,
        parts,
        context.ledger,
        pinned=pinned,
        forced=forced,
        places=soil.places(),
        digests=digests,
        code_now=cache(partial(digest_now, reader)),
        soil=soil,
    )
    return Prepared(context, planner, reader, digests, modules, identity, left_behind)


def _compiled(memory: Path | None) -> Path | None:
    return memory / "compiled" if memory is not None else None


def _loaded(context: Context, here: bool) -> tuple[str, ...]:
    """Import the task modules; the command finds in its environment meanwhile what a worker would."""
    alike = not here and claimed()
    variables, over = (context.settings.variables, of_worker(context.store.uri)) if alike else ({}, {})
    with exported(variables, over):
        modules = find.load(context.root, context.settings.modules)
    if claimed():
        gc.freeze()  # what is imported stays: to look for garbage in it takes a tenth of a second with large libraries
    return modules


@contextmanager
def _settled(context: Context) -> Iterator[None]:
    """Tasks that are built find the project's settings."""
    with activate(context.runtime), for_luigi(context.settings):
        yield


def _problems_of_tasks(project: Project, settings: Settings) -> list[DaichoError]:
    """What the tasks find wrong with a configuration that is wrong in itself; nothing where they cannot be had."""
    with suppress(DaichoError), activate(ProjectRuntime(project.root, settings)):
        find.load(project.root, settings.modules)
        return problems_of(settings, find.known_tasks(project.root))
    return []


def _remember_names(memory: Path, root: Path) -> None:
    """For completion, which imports no tasks."""
    kinds = {kind.get_task_family(): kind for kind in find.known_tasks(root)}
    names.remember(
        memory,
        parameters={family: [name for name, _ in kind.get_params()] for family, kind in kinds.items()},
        outputs={family: list(outputs_of(kind)) for family, kind in kinds.items()},
    )


def _forced(built: Graph, force: Force) -> Iterator[str]:
    """The tasks that are to run although equal."""
    if isinstance(force, bool):
        yield from (task_id for task_id, node in built.nodes.items() if force and node.kind == "task")
        return
    names = {task_id: {node.family, built.label(task_id)} for task_id, node in built.nodes.items()}
    for name in force:
        found = [task_id for task_id, known in names.items() if name in known]
        if not found:
            raise UnknownTaskError(
                f"there is no task `{name}` in what is to be run",
                hints=nearest(name, set().union(*names.values())),
            )
        yield from found


def _memory(project: Project) -> Path | None:
    """daicho's own folder, to remember in; where it cannot be made everything works, only slower."""
    try:
        return project.make_folder()
    except ProjectError:
        return None


def graph_of(context: Context, target: object) -> Graph:
    """The graph of what a target means: see `prepare`."""
    with for_luigi(context.settings):
        return graph.build(*_instances(target, context))


def _instances(target: object, context: Context) -> list[Any]:
    chosen = context.settings.target if target is None else target
    if chosen is None:
        known = sorted(kind.get_task_family() for kind in find.known_tasks(context.root))
        raise ConfigurationError(
            "no task was named, and the configuration names none",
            hints=(
                f"say which: daicho run {known[0] if known else 'TASK'}",
                '[RunConfig] task = "…" sets a default',
            ),
        )
    if isinstance(chosen, str):
        return [_task(chosen, context.root)]
    if isinstance(chosen, type):
        return [chosen()]
    if plain.is_task(chosen):
        return [chosen]
    assert isinstance(chosen, Iterable)
    return list(chosen)


def _task(name: str, root: Path) -> Any:
    """The task of that name, or one of its further configurations: `Trainer`, `Trainer.wide`."""
    families = {kind.get_task_family(): kind for kind in find.known_tasks(root)}
    family, _, configuration = name.rpartition(".")
    if name not in families and family in families:
        kind: Any = families[family]
        return kind.configured(configuration)
    return find.task_class(name, root)()


def _name(root: Path) -> str:
    """The project's name: from `pyproject.toml`, else the git remote's, else the folder's."""
    pyproject = root / "pyproject.toml"
    if pyproject.is_file():
        name = read(pyproject).data.get("project", {}).get("name")
        if isinstance(name, str) and name:
            return name
    with suppress(OSError, subprocess.SubprocessError):
        if not _git(root, "rev-parse", "--show-prefix"):  # the repository's top: its name is the project's
            remote = _git(root, "config", "--get", "remote.origin.url")
            found = remote.rstrip("/").removesuffix(".git").rpartition("/")[2].rpartition(":")[2]
            if found:
                return found
    return root.name


def _git(root: Path, *arguments: str) -> str:
    asked = subprocess.run(
        ["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=5, check=True
    )
    return asked.stdout.strip()
