"""The members of MLflow that are not public and on which daicho stands. If one fails, MLflow has changed.

Each test says which file of daicho's has to be looked at. They run in a process of their own, for MLflow is slow to
import and its state is the process's.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.support.project import Project

CHECKS = """
import threading
import mlflow
from mlflow.tracking import fluent
from mlflow.utils import autologging_utils

# ledger/active.py, `_hook`
runs = fluent._active_run_stack
assert callable(runs.default_factory), "fluent._active_run_stack has no default_factory"
runs.default_factory = lambda: ["given"]
runs.reset()
assert ["given"] == runs.get(), "reset() no longer makes default_factory be asked again"
seen = []
thread = threading.Thread(target=lambda: seen.append(runs.get()))
thread.start()
thread.join()
assert [["given"]] == seen, "a new thread's runs no longer come from default_factory"
runs.set(["other"])
assert ["other"] == runs.get(), "set() no longer sets this thread's runs"
runs.default_factory = list
runs.reset()
assert None is mlflow.active_run(), "mlflow.active_run() no longer looks at fluent._active_run_stack"

# ledger/active.py, `_autologging` and `_switch_off`
known = autologging_utils.AUTOLOGGING_INTEGRATIONS
assert not any(config and not config.get("disable", False) for config in known.values()), "autologging is on at first"
import mlflow.sklearn
mlflow.sklearn.autolog(silent=True)
assert False is known["sklearn"]["disable"], "AUTOLOGGING_INTEGRATIONS no longer tells what is on"
mlflow.sklearn.autolog(disable=True, silent=True)
assert True is known["sklearn"]["disable"], "autolog(disable=True) no longer switches off"
mlflow.autolog(silent=True)
assert False is known["mlflow"]["disable"], "mlflow.autolog() is no longer an integration of its own"
mlflow.autolog(disable=True, silent=True)
assert True is known["mlflow"]["disable"]
print("as before")
"""


def test_active_runs_and_autologging(project: Callable[..., Project]) -> None:
    """ledger/active.py: the stack of active runs, its default in new threads, and the table of autologging."""
    done = project().python("-c", CHECKS)
    assert "as before" == done.stdout.strip(), done.stderr[-2000:]
