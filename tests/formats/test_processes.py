"""The same value gives the same bytes in other processes, where hashes and addresses are others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import hashlib, pathlib, sys, tempfile
import numpy, pandas, plotly.graph_objects, polars, pyarrow
from matplotlib.figure import Figure
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import make_pipeline
from daicho.formats import for_file

clutter = [object() for _ in range(int(sys.argv[2]))]  # moves what comes after it
folder = pathlib.Path(sys.argv[1])
words = ["alpha", "beta", "gamma", "delta"]
texts = ["alpha beta", "gamma delta", "alpha gamma", "beta delta"]
model = make_pipeline(CountVectorizer(stop_words=["the", "a"]), RandomForestClassifier(3, random_state=0))
model.fit(texts, [0, 1, 0, 1])
model.words_ = set(words)
figure = Figure(figsize=(2, 2))
axes = figure.subplots()
axes.scatter([1, 2], [2, 3])
axes.fill_between([0, 1], [1, 2], hatch="/")
axes.set_title("loss")
table = pandas.DataFrame({"word": words, "x": [0.1, 0.2, 0.3, 0.4]})
values = {
    "a.csv": table, "a.parquet": table.astype({"word": "category"}), "a.json": {w: 1 for w in set(words)},
    "a.txt": "text", "a.npy": numpy.arange(3), "a.skops": model,
    "a.png": figure, "a.svg": figure, "a.pdf": figure, "a.jpg": figure,
}
plain = {w: [w, 1.5] for w in set(words)}
values |= {
    "a.feather": table.astype({"word": "category"}), "a.jsonl": [plain], "a.toml": plain,
    "a.yaml": {**plain, "set": set(words)}, "a.html": "<p>", "a.npz": {w: numpy.arange(3) for w in set(words)},
    "a.safetensors": {w: numpy.ones(len(w)) for w in set(words)},
    "a.plotly.json": plotly.graph_objects.Figure(plotly.graph_objects.Bar(x=words, y=[1, 2, 3, 4])),
}
for file, value in values.items():
    for_file(file).save(value, folder / file)
polars.Series([str(len(clutter))], dtype=polars.Categorical)  # what was a category before is not written
frame = polars.DataFrame({"word": polars.Series(words, dtype=polars.Categorical), "x": [0.1, None, 0.3, 0.4]})
for end in ("parquet", "feather"):
    for_file(f"polars.{end}", "polars").save(frame, folder / f"polars.{end}")
    for_file(f"arrow.{end}", "arrow").save(pyarrow.table({"word": words}), folder / f"arrow.{end}")
for_file("polars.csv", "polars").save(frame.select("x"), folder / "polars.csv")
"""


def test_other_hashes_and_addresses_give_the_same_bytes(tmp_path: Path) -> None:
    """Two processes with other hash seeds write the same files, of all formats that repeat."""
    running = []
    for seed in ("1", "2"):
        (tmp_path / seed).mkdir()
        command = [sys.executable, "-c", SCRIPT, str(tmp_path / seed), f"{seed}000"]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        running.append(subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True))
    errors = [process.communicate(timeout=120)[1] for process in running]
    assert [0, 0] == [process.returncode for process in running], errors
    first, second = (
        {item.name: item.read_bytes() for item in (tmp_path / seed).iterdir()} for seed in ("1", "2")
    )
    assert 23 == len(first)
    assert [] == [name for name in first if first[name] != second[name]]
