"""MLflow's active run while a task works: asked for at the first use of MLflow, so that what never uses it never waits.

One name of MLflow's that is not public is used, the stack of active runs, whose default decides what a thread that
has no run of its own logs to; a contract test holds it. With it `mlflow.log_metric` lands in the task's run from any
thread, and importing MLflow costs nothing in a task that does not.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

_FLUENT = "mlflow.tracking.fluent"


@dataclass(frozen=True)
class RunReference:
    """Which run a task logs to, and in which experiment runs that it starts itself should be."""

    run_id: str
    experiment_id: str


@dataclass
class Use:
    """Whether MLflow was used, once the block has ended."""

    touched: bool = False


@contextmanager
def active_run(ask: Callable[[], RunReference]) -> Iterator[Use]:
    """Make a run MLflow's active one for the length of a block, in all threads.

    Args:
        ask: Gives the run; called at the first use of MLflow's fluent interface, and may wait.
    """
    use = Use()
    outer = _outer_stack()
    experiment = os.environ.get("MLFLOW_EXPERIMENT_ID")

    def stack() -> list[Any]:
        import mlflow

        use.touched = True
        reference = ask()
        os.environ["MLFLOW_EXPERIMENT_ID"] = reference.experiment_id
        return [mlflow.ActiveRun(mlflow.MlflowClient().get_run(reference.run_id))]

    finder = _Finder(lambda fluent: _hook(fluent, stack))
    before = _autologging()
    if _FLUENT in sys.modules:
        _hook(sys.modules[_FLUENT], stack)
    else:
        sys.meta_path.insert(0, finder)
    try:
        yield use
    finally:
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)
        if _FLUENT in sys.modules:
            _hook(sys.modules[_FLUENT], list)
            if outer:
                sys.modules[_FLUENT]._active_run_stack.set(outer)
        if experiment is None:
            os.environ.pop("MLFLOW_EXPERIMENT_ID", None)
        else:
            os.environ["MLFLOW_EXPERIMENT_ID"] = experiment
        _switch_off(_autologging() - before)


def _outer_stack() -> list[Any]:
    """Runs that were active in this thread before: somebody's own, which must be there again afterwards."""
    fluent = sys.modules.get(_FLUENT)
    return list(fluent._active_run_stack.get()) if fluent is not None else []


def _hook(fluent: ModuleType, factory: Callable[[], list[Any]]) -> None:
    runs = fluent._active_run_stack
    runs.default_factory = factory
    runs.reset()


def _autologging() -> set[str]:
    """The libraries whose autologging is on."""
    module = sys.modules.get("mlflow.utils.autologging_utils")
    if module is None:
        return set()
    return {
        name
        for name, config in module.AUTOLOGGING_INTEGRATIONS.items()
        if config and not config.get("disable", False)
    }


def _switch_off(names: set[str]) -> None:
    """What autologging was switched on in one task is off in the next."""
    for name in names:
        owner = sys.modules["mlflow"] if name == "mlflow" else getattr(sys.modules["mlflow"], name, None)
        if owner is not None:
            owner.autolog(disable=True, silent=True)


class _Finder(importlib.abc.MetaPathFinder):
    """Sees the import of one module, leaves it to the others, and is told when it is done."""

    def __init__(self, done: Callable[[ModuleType], None]) -> None:
        self._done = done

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != _FLUENT:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self._done)
        return spec


class _Loader(importlib.abc.Loader):
    def __init__(self, loader: Any, done: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._done = done

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        created: ModuleType | None = self._loader.create_module(spec)
        return created

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        self._done(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)


def users_run() -> str | None:
    """The run that is active in this thread because somebody started it, if MLflow is in use here at all."""
    mlflow = sys.modules.get("mlflow")
    if mlflow is None or _FLUENT not in sys.modules:
        return None
    active = mlflow.active_run()
    return None if active is None else str(active.info.run_id)


def users_store() -> str | None:
    """The address of the store that holds the run that somebody has started here, if there is one."""
    return None if users_run() is None else str(sys.modules["mlflow"].get_tracking_uri())
