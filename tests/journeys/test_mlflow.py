"""What tasks log with MLflow lands in their own run, from wherever, and not in the next one's."""

from __future__ import annotations

from collections.abc import Callable

from tests.journeys.launching import launch, stored
from tests.support.project import Project

TASKS = """
    import os, sys, threading
    from daicho import Task, output

    class Never(Task):
        out = output("out.json")

        def run(self):
            self.out.save(sorted(name for name in sys.modules if name.split(".")[0] == "mlflow"))

    class Logs(Task):
        never: Never
        out = output("out.json")

        def run(self):
            import mlflow
            import mlflow.sklearn
            from sklearn.linear_model import LinearRegression
            mlflow.log_metric("own", 1)
            thread = threading.Thread(target=lambda: mlflow.log_metric("by_thread", 2))
            thread.start()
            thread.join()
            mlflow.log_text("hello", "notes/hello.txt")
            mlflow.set_tag("mine", "yes")
            mlflow.sklearn.autolog(log_models=False, log_datasets=False)
            mlflow.autolog(log_models=False, log_datasets=False)
            LinearRegression(positive=True).fit([[0], [1]], [0, 1])
            with mlflow.start_run(nested=True, run_name="inner"):
                mlflow.log_metric("inner", 3)
            self.out.save([mlflow.active_run().info.run_id, os.getpid()])

    class After(Task):
        logs: Logs
        out = output("out.json")

        def run(self):
            import mlflow
            from sklearn.linear_model import LinearRegression
            LinearRegression().fit([[0], [1]], [0, 1])
            mlflow.log_metric("after", 4)
            run_id = mlflow.active_run().info.run_id
            mlflow.end_run()
            self.out.save([run_id, os.getpid(), self.logs.out.load()])

    class Quiet(Task):
        after: After
        out = output("out.json")

        def run(self):
            self.out.save(0)
"""
CHECK = """
import daicho
quiet = daicho.load("Quiet")
print(quiet.after.logs.never.out.load(), *quiet.after.out.load()[:2], *quiet.after.logs.out.load(), sep="\\n")
"""


def test_everything_lands_in_its_own_run(project: Callable[..., Project]) -> None:
    """Metrics, threads, artifacts, autologging, nested and ended runs: in the task's run, for as long as it runs."""
    made = project(TASKS)
    done = launch(made, "Quiet")
    assert 0 == done.exit_status, done
    runs = {run.name: run for run in stored(made)}
    logs, after, quiet = runs["Logs"], runs["After"], runs["Quiet"]
    assert {"own": 1.0, "by_thread": 2.0} == {name: logs.metrics[name] for name in ("own", "by_thread")}
    assert "hello" == (logs.artifacts / "notes/hello.txt").read_text()
    assert "yes" == logs.tags["mine"]
    assert "True" == logs.params["positive"]  # by autologging
    assert logs.run_id == runs["inner"].parent
    assert {"inner": 3.0} == dict(runs["inner"].metrics)
    assert ({"after": 4.0}, {}) == (dict(after.metrics), dict(after.params))
    assert ({}, {}) == (dict(quiet.metrics), dict(quiet.params))
    assert {"FINISHED"} == {run.status for run in runs.values()}
    assert {"own": 1.0, "by_thread": 2.0}.items() <= done.task("Logs")["metrics"].items()
    loaded = made.python("-c", CHECK)
    assert 0 == loaded.returncode, loaded.stderr
    never, after_run, one, logs_run, two = loaded.stdout.splitlines()
    assert "[]" == never  # a task that does not use MLflow has not imported it
    assert (after.run_id, logs.run_id) == (after_run, logs_run)
    assert one == two  # the same warm process
    assert "up to date" == launch(made, "Quiet").document["status"]
