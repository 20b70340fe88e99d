"""A project whose tasks save in a dozen formats, one of them its own: all is reused, until a format's code changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys.launching import launch
from tests.support.project import Project

TASKS = """
    import numpy
    import polars
    from daicho import Task, output

    ROWS = {"n": [1, None, 3], "é": ["a", "", "c"]}

    class Tables(Task):
        feather = output("table.feather")
        parquet = output("table.parquet", format="polars")
        arrow = output("arrow.feather", format="arrow")

        def run(self):
            import pandas
            table = polars.DataFrame(ROWS)
            self.feather.save(pandas.DataFrame({"n": [1, 2]}, index=["x", "y"]))
            self.parquet.save(table)
            self.arrow.save(table.select("n").to_arrow())

    class Texts(Task):
        tables: Tables
        lines = output("rows.jsonl")
        toml = output("rows.toml")
        yaml = output("rows.yaml")
        page = output("page.html")

        def run(self):
            rows = self.tables.parquet.load().to_dicts()
            self.lines.save(rows)
            self.toml.save({"rows": rows[2:]})
            self.yaml.save({"rows": rows})
            self.page.save(f"<p>{rows}</p>")

    class Arrays(Task):
        tables: Tables
        npz = output("arrays.npz")
        weights = output("weights.safetensors")
        joblib = output("anything.joblib", format="joblib")
        sound = output("tone.sound")

        def run(self):
            numbers = self.tables.feather.load()["n"].to_numpy()
            self.npz.save({"n": numbers})
            self.weights.save({"n": numbers.astype("float32")})
            self.joblib.save({"n": numbers})
            self.sound.save([1, 2, 3])

    class Model(Task):
        arrays: Arrays
        model = output("model", format="mlflow")

        def run(self):
            from sklearn.linear_model import LogisticRegression
            numbers = self.arrays.npz.load()["n"].reshape(-1, 1)
            self.model.save(LogisticRegression().fit(numbers, [0, 1]))

    class Report(Task):
        texts: Texts
        arrays: Arrays
        model: Model
        summary = output("summary.json")

        def run(self):
            self.summary.save({
                "rows": self.texts.lines.load() == self.texts.yaml.load()["rows"],
                "sound": self.arrays.sound.load(),
                "joblib": self.arrays.joblib.load()["n"].tolist(),
                "weights": self.arrays.weights.load()["n"].tolist(),
                "says": self.model.model.load().predict([[2]]).tolist(),
            })
"""

CONFIG = """
    [RunConfig]
    task = "Report"
    [daicho]
    tasks = ["sounds", "tasks"]
"""

SOUNDS = """
    import daicho
    from daicho.errors import FormatError

    class Sound:
        name = "sound"
        suffixes = (".sound",)
        folder = False
        runs_code = False
        repeats = True

        def save(self, value, path):
            path.write_bytes(bytes(value))

        def load(self, path):
            return list(path.read_bytes())

    daicho.register_format(Sound())
"""

LOADS = """
import daicho, mlflow.pyfunc
model = mlflow.pyfunc.load_model(str(daicho.load("Model").model.path))
print(daicho.load("Report").summary.load(), model.predict([[2]]).tolist())
"""


@pytest.mark.slow
def test_a_project_of_many_formats(project: Callable[..., Project]) -> None:
    """Everything comes back as it was saved, in other processes; then nothing has to run, then what must."""
    made = project(TASKS, CONFIG, {"sounds.py": SOUNDS}, name="formats")
    first = launch(made)
    assert 0 == first.exit_status, first.told
    assert {"ran"} == set(first.outcomes.values())
    loaded = made.python("-W", "ignore", "-c", LOADS)
    expected = (
        "{'joblib': [1, 2], 'rows': True, 'says': [1], 'sound': [1, 2, 3], 'weights': [1.0, 2.0]} [1]\n"
    )
    assert expected == loaded.stdout, loaded.stderr

    again = launch(made)
    assert {"reused"} == set(again.outcomes.values())
    assert "up to date" == again.document["status"]

    # How a sound is read counts for the task that declares one, and for the task that has read one.
    made.write("sounds.py", SOUNDS.replace("return list(", "return sorted("))
    changed = launch(made)
    assert {"Arrays", "Report"} == {name for name, outcome in changed.outcomes.items() if outcome == "ran"}
    assert ["code: Sound changed (sounds.py:5)"] == changed.reasons("Arrays")
    assert "code: Sound in sounds changed (it was seen to run)" in changed.reasons("Report")
