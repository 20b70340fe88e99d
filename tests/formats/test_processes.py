"""The same value gives the same bytes in other processes, where hashes and addresses are others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import hashlib, pathlib, sys, tempfile
import numpy, pandas
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
for file, value in values.items():
    for_file(file).save(value, folder / file)
"""


def test_other_hashes_and_addresses_give_the_same_bytes(tmp_path: Path) -> None:
    """Two processes with other hash seeds write the same files, of all formats."""
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
    assert 10 == len(first)
    assert [] == [name for name in first if first[name] != second[name]]
