"""The user's task modules: imported from the project, and searched for classes by name."""

from __future__ import annotations

import importlib
import importlib.util
import os
import pkgutil
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import luigi
from luigi.task_register import Register

from daicho._importing import importing
from daicho._nearest import nearest
from daicho.errors import DaichoError, ProjectError, UnknownTaskError, Where, spelt

DEFAULT = "tasks"


def import_paths(root: Path) -> tuple[Path, ...]:
    """The folders from which a project's modules are imported."""
    return (root, root / "src") if (root / "src").is_dir() else (root,)


def load(root: Path, modules: Sequence[str]) -> tuple[str, ...]:
    """Import the user's task modules; a package with all its modules.

    Args:
        root: The project's folder; it and its `src` are put on the import path.
        modules: Dotted names; `tasks` by default.

    Returns:
        The names of the modules that were imported.

    Raises:
        ProjectError: If one is not there, or fails while it is imported.
    """
    for path in reversed(import_paths(root)):
        if str(path) not in sys.path:
            sys.path.insert(0, str(path))
    importlib.invalidate_caches()
    with importing():
        return tuple(_loaded(root, modules or (DEFAULT,)))


def _loaded(root: Path, modules: Sequence[str]) -> Iterator[str]:
    for name in modules:
        if not _found(name):
            raise ProjectError(
                f"there is no module `{name}` in `{root}`",
                hints=(
                    f"write your tasks into {name.replace('.', '/')}.py",
                    'or name their modules: [daicho] tasks = ["…"]',
                ),
            )
        module = _import(name, root)
        yield name
        for each in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{name}."):
            _import(each.name, root)
            yield each.name


def task_class(name: str, root: Path) -> type[luigi.Task]:
    """The task class of that name: its family, or its bare class name where that is unambiguous.

    Raises:
        UnknownTaskError: If there is none, or there are several.
    """
    known = known_tasks(root)
    found = {kind for kind in known if name in (kind.get_task_family(), kind.__name__)}
    exact = {kind for kind in found if kind.get_task_family() == name} or found
    if len(exact) == 1:
        return exact.pop()
    if exact:
        places = ", ".join(sorted(f"`{kind.__module__}`" for kind in exact))
        raise UnknownTaskError(
            f"several task classes are called `{name}`: in {places}",
            hints=('rename all but one, or give them namespaces: task_namespace = "…"',),
        )
    raise UnknownTaskError(
        f"there is no task `{spelt(name)}`",
        hints=nearest(name, (kind.get_task_family() for kind in known)),
    )


def known_tasks(root: Path) -> list[type[luigi.Task]]:
    """The task classes that the project's own modules define, the newest of each name and module."""
    newest: dict[tuple[str, str], type[luigi.Task]] = {}
    for kind in Register._reg:
        if kind._visible_in_registry and is_first_party(kind.__module__, root) and not _gone(kind):
            newest[kind.__module__, kind.__qualname__] = kind
    return list(newest.values())


def _gone(kind: type[luigi.Task]) -> bool:
    """Whether a class was there when its module was loaded earlier, and is no more."""
    found: object = sys.modules.get(kind.__module__)
    for name in kind.__qualname__.split("."):
        if name == "<locals>":
            return False  # nobody can say
        found = getattr(found, name, None)
    return found is None


def is_first_party(module: str, root: Path) -> bool:
    """Whether a module's file lies in the project, or it has none (`__main__` of a prompt, a notebook)."""
    file = getattr(sys.modules.get(module), "__file__", None)
    if file is None:
        return module == "__main__"
    path = os.path.realpath(file)
    inside = path.startswith(os.path.realpath(root) + os.sep)
    return inside and not any(part in path for part in ("/site-packages/", "/dist-packages/"))


def _found(name: str) -> bool:
    try:
        return name in sys.modules or importlib.util.find_spec(name) is not None
    except (ModuleNotFoundError, ValueError):
        return False


def _import(name: str, root: Path) -> ModuleType:
    try:
        return importlib.import_module(name)
    except DaichoError:
        raise
    except Exception as error:
        raise ProjectError(
            f"`{name}` cannot be imported: {type(error).__name__}: {error}", where=_place(error, root)
        ) from error


def _place(error: BaseException, root: Path) -> Where | None:
    """The innermost of the project's own lines that an error came through."""
    if isinstance(error, SyntaxError) and error.filename:
        return Where(_relative(error.filename, root), error.lineno)
    frames: Iterable[traceback.FrameSummary] = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(root)]
    return Where(_relative(own[-1].filename, root), own[-1].lineno) if own else None


def _relative(file: str, root: Path) -> str:
    return os.path.relpath(file, root) if Path(file).is_relative_to(root) else file
