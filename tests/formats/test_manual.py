"""The manual of formats says what is so: its table, and its example of a format of one's own."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

from daicho import check_format
from daicho.formats import _own, by_name, names

ROOT = Path(__file__).parents[2]
MANUAL = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")


def test_the_table_is_right() -> None:
    """All formats, in the order of help, with the ends of names, what repeats, what runs code, and an extra that there is."""
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in MANUAL.splitlines()
        if line.startswith("| `")
    ]
    assert list(names()) == [row[0].strip("`") for row in rows]
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    for name, ends, _, _, same, runs, extra in rows:
        shown = by_name(name.strip("`"))
        if not ends.startswith("by name") and not shown.folder:
            assert [end for end in shown.suffixes if end != ".jpeg"] == re.findall(r"`([^`]+)`", ends)
        assert (shown.repeats, shown.runs_code) == (same == "yes", runs == "**yes**"), name
        assert [] == [each for each in re.findall(r"`([^`]+)`", extra) if each not in extras]


def test_the_example_is_a_right_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It passes the check that the manual shows beside it."""
    found = re.search(r"```python\n# sounds\.py\n(.*?)```", MANUAL, re.DOTALL)
    assert found is not None
    (tmp_path / "sounds.py").write_text(found[1], encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    spec = importlib.util.spec_from_file_location("sounds", tmp_path / "sounds.py")
    assert spec is not None
    assert spec.loader is not None
    sounds = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(importlib.import_module("sys").modules, "sounds", sounds)
    before = dict(_own._registered)
    try:
        spec.loader.exec_module(sounds)
        assert "sound" in names()
        check_format(sounds.Sound(), [[0, 1, -1], []])
    finally:
        _own._registered.clear()
        _own._registered.update(before)
