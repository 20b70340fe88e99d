"""daicho (台帳, "ledger"): Luigi decides what must run, MLflow remembers what did, daicho joins the two.

    from daicho import Source, Task, output, source

Everything public is here, and loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from daicho._version import __version__

if TYPE_CHECKING:
    from daicho.engine.report import Run
    from daicho.errors import DaichoError
    from daicho.plan.plan import Plan
    from daicho.record import Record
    from daicho.task.field import param
    from daicho.task.output import Output, output
    from daicho.task.source import Source, source
    from daicho.task.task import Task
    from daicho.verbs.forget import forget
    from daicho.verbs.load import load
    from daicho.verbs.run import Options, run
    from daicho.verbs.status import status
    from daicho.verbs.why import Why, why

_WHERE = {
    "DaichoError": "daicho.errors",
    "Options": "daicho.verbs.run",
    "Output": "daicho.task.output",
    "Plan": "daicho.plan.plan",
    "Record": "daicho.record",
    "Run": "daicho.engine.report",
    "Source": "daicho.task.source",
    "Task": "daicho.task.task",
    "Why": "daicho.verbs.why",
    "forget": "daicho.verbs.forget",
    "load": "daicho.verbs.load",
    "output": "daicho.task.output",
    "param": "daicho.task.field",
    "run": "daicho.verbs.run",
    "source": "daicho.task.source",
    "status": "daicho.verbs.status",
    "why": "daicho.verbs.why",
}

__all__ = [
    "DaichoError",
    "Options",
    "Output",
    "Plan",
    "Record",
    "Run",
    "Source",
    "Task",
    "Why",
    "__version__",
    "forget",
    "load",
    "output",
    "param",
    "run",
    "source",
    "status",
    "why",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'daicho' has no attribute '{name}'")
    value = getattr(importlib.import_module(_WHERE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
