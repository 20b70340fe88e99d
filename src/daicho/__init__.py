"""daicho (台帳, "ledger"): Luigi decides what must run, MLflow remembers what did, daicho joins the two.

    from daicho import Source, Task, output, source

Everything public is here, and loaded when it is first used.
"""

from __future__ import annotations

import importlib

from daicho._version import __version__

TYPE_CHECKING = False  # importing `typing` for it would cost each command 6 ms
if TYPE_CHECKING:
    from typing import Any

    from daicho._progress import progress
    from daicho.compare import Comparison
    from daicho.engine.report import Run
    from daicho.engine.stream import EventStream
    from daicho.errors import DaichoError
    from daicho.formats import Format, register_format
    from daicho.formats.conformance import check_format
    from daicho.plan.plan import Plan
    from daicho.record import Record
    from daicho.reproducing.reproduce import reproduce
    from daicho.task.field import param
    from daicho.task.output import Output, output
    from daicho.task.run_task import RunTask
    from daicho.task.secret import Secret
    from daicho.task.source import Source, source
    from daicho.task.task import Task
    from daicho.verbs.config import Configuration, configuration
    from daicho.verbs.diff import diff
    from daicho.verbs.export import export
    from daicho.verbs.forget import forget
    from daicho.verbs.get import get
    from daicho.verbs.graph import Graphed, graph
    from daicho.verbs.init import adopt, init
    from daicho.verbs.load import load
    from daicho.verbs.log import log
    from daicho.verbs.note import note
    from daicho.verbs.run import Options, run
    from daicho.verbs.show import show
    from daicho.verbs.status import status
    from daicho.verbs.tag import tag
    from daicho.verbs.why import Why, why
    from daicho.verifying.verify import verify

_WHERE = {
    "Comparison": "daicho.compare",
    "Configuration": "daicho.verbs.config",
    "DaichoError": "daicho.errors",
    "EventStream": "daicho.engine.stream",
    "Format": "daicho.formats",
    "Graphed": "daicho.verbs.graph",
    "Options": "daicho.verbs.run",
    "Output": "daicho.task.output",
    "Plan": "daicho.plan.plan",
    "Record": "daicho.record",
    "Run": "daicho.engine.report",
    "RunTask": "daicho.task.run_task",
    "Secret": "daicho.task.secret",
    "Source": "daicho.task.source",
    "Task": "daicho.task.task",
    "Why": "daicho.verbs.why",
    "adopt": "daicho.verbs.init",
    "check_format": "daicho.formats.conformance",
    "configuration": "daicho.verbs.config",
    "diff": "daicho.verbs.diff",
    "export": "daicho.verbs.export",
    "forget": "daicho.verbs.forget",
    "get": "daicho.verbs.get",
    "graph": "daicho.verbs.graph",
    "init": "daicho.verbs.init",
    "load": "daicho.verbs.load",
    "log": "daicho.verbs.log",
    "note": "daicho.verbs.note",
    "output": "daicho.task.output",
    "param": "daicho.task.field",
    "progress": "daicho._progress",
    "register_format": "daicho.formats",
    "reproduce": "daicho.reproducing.reproduce",
    "run": "daicho.verbs.run",
    "show": "daicho.verbs.show",
    "source": "daicho.task.source",
    "status": "daicho.verbs.status",
    "tag": "daicho.verbs.tag",
    "verify": "daicho.verifying.verify",
    "why": "daicho.verbs.why",
}

__all__ = [
    "Comparison",
    "Configuration",
    "DaichoError",
    "EventStream",
    "Format",
    "Graphed",
    "Options",
    "Output",
    "Plan",
    "Record",
    "Run",
    "RunTask",
    "Secret",
    "Source",
    "Task",
    "Why",
    "__version__",
    "adopt",
    "check_format",
    "configuration",
    "diff",
    "export",
    "forget",
    "get",
    "graph",
    "init",
    "load",
    "log",
    "note",
    "output",
    "param",
    "progress",
    "register_format",
    "reproduce",
    "run",
    "show",
    "source",
    "status",
    "tag",
    "verify",
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
