"""TOML that is not TOML, and settings that cannot be: every message as a person reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from daicho.config.own import DESCRIPTIONS
from daicho.config.project import Project
from daicho.config.settings import compose
from daicho.config.toml import read
from daicho.errors import ConfigurationError

MESSAGES = [
    pytest.param(
        "[RunConfig]\ntask = Prediction\n",
        "`luigi.toml` is not valid TOML: there is no value, or one that TOML does not know\n  at luigi.toml:2\n"
        'hint: a text stands in quotes: name = "value"',
        id="a text without quotes",
    ),
    pytest.param(
        "[RunConfig\ntask = 'Prediction'\n",
        "`luigi.toml` is not valid TOML: expected ']' at the end of a table declaration\n  at luigi.toml:1",
        id="a header that is open",
    ),
    pytest.param(
        '[Trainer]\nname = "a\n\nseed = 1\n',
        "`luigi.toml` is not valid TOML: a text does not end on its line\n  at luigi.toml:2",
        id="a text that is open",
    ),
    pytest.param(
        "[Trainer]\nseed = 1\nseed = 2\n",
        "`luigi.toml` is not valid TOML: a key or a table is there twice\n  at luigi.toml:3",
        id="a key twice",
    ),
    pytest.param(
        "\n[Trainer]\ncolumns = [1,\n",
        "`luigi.toml` is not valid TOML: there is no value, or one that TOML does not know\n  at luigi.toml:3\n"
        "hint: is a list or an inline table left open?",
        id="a list that is open at the end",
    ),
    pytest.param(
        b"[Trainer]\nname = '\xff'\n",
        "`luigi.toml` is not UTF-8 text: invalid start byte\n  at luigi.toml:2\nhint: save it as UTF-8",
        id="not UTF-8",
    ),
    pytest.param(
        "[RunConfig]\nexperiment_name = 'x'\ntsk = 'Prediction'\n",
        "`[RunConfig]` has no key `tsk`\n  at luigi.toml:3 (RunConfig.tsk)\nhint: did you mean `task`?",
        id="a key of ours misspelt",
    ),
    pytest.param(
        "[daicho]\nzzz = 1\n",
        "`[daicho]` has no key `zzz`\n  at luigi.toml:2 (daicho.zzz)\n"
        "hint: there are: " + ", ".join(f"`{key}`" for key in sorted(DESCRIPTIONS["daicho"])),
        id="a key of ours that is like no other",
    ),
    pytest.param(
        "[RunConfig]\ntask = 3\n",
        "`[RunConfig] task` is 3, but must be a text that is not empty\n  at luigi.toml:2 (RunConfig.task)",
        id="a text that is a number",
    ),
    pytest.param(
        "[RunConfig]\ntask = '  '\n",
        "`[RunConfig] task` is '  ', but must be a text that is not empty\n  at luigi.toml:2 (RunConfig.task)",
        id="a text that is empty",
    ),
    pytest.param(
        "[daicho]\n\ntasks = ['a', 1]\n",
        "`[daicho] tasks` is ['a', 1], but must be a list of texts\n  at luigi.toml:3 (daicho.tasks)",
        id="a list with a number",
    ),
    pytest.param(
        "[daicho]\nwal = 'true'\n",
        "`[daicho] wal` is 'true', but must be true or false\n  at luigi.toml:2 (daicho.wal)",
        id="a yes that is a text",
    ),
    pytest.param(
        "RunConfig = 3\n",
        "`RunConfig` is not a table\n  at luigi.toml:1 (RunConfig)",
        id="a table of ours that is none",
    ),
    pytest.param(
        '[daicho]\nenvironment = "package"\n',
        '`[daicho] environment` is \'package\', but must be "record" or "python" or "packages"\n'
        "  at luigi.toml:2 (daicho.environment)",
        id="a policy that there is not",
    ),
    pytest.param(
        "# ours\nseed = 3\n[Trainer]\nrate = 0.1\n",
        "`seed` stands outside of any table\n  at luigi.toml:2 (seed)\n"
        "hint: put it below the name of its task: [TaskName]",
        id="a value outside of any table",
    ),
]


@pytest.mark.parametrize(("text", "message"), MESSAGES)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str | bytes, message: str) -> None:
    """A mistake in the file is one message with file, line and key, and a hint where there is one to give."""
    file = tmp_path / "luigi.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigurationError) as caught:
        compose(Project(tmp_path, file), environment={})
    assert message == str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[tool.daicho]\ntsks = ['a']\n",
            "`[daicho]` has no key `tsks`\n  at pyproject.toml:2 (tool.daicho.tsks)\nhint: did you mean `tasks`?",
        ),
        (
            "[project]\nname = 'x'\n[tool.daicho.RunConfig]\ntask = 1\n",
            (
                "`[RunConfig] task` is 1, but must be a text that is not empty\n"
                "  at pyproject.toml:4 (tool.daicho.RunConfig.task)"
            ),
        ),
        ("[tool]\ndaicho = 3\n", "`tool.daicho` is not a table\n  at pyproject.toml:2 (tool.daicho)"),
    ],
)
def test_what_is_wrong_in_pyproject_is_said_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    """In `pyproject.toml` keys are named as they stand there, below `tool.daicho`."""
    file = tmp_path / "pyproject.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        compose(Project(tmp_path, file), environment={})
    assert message == str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A file that cannot be opened is an error that says why."""
    with pytest.raises(ConfigurationError, match=r"luigi.toml` cannot be read: Is a directory"):
        (tmp_path / "luigi.toml").mkdir()
        read(tmp_path / "luigi.toml")


TEXT = """\
top = 1
# [Trainer] in a comment
["Trainer"]
seed = 1
  "rate" = 2
model.depth = 3
inline = { width = 4 }

[ my . ns.Task ]
seed = 5

[Empty]
[After]
seed = 6
"""


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("top",), 1),
        (("Trainer",), 3),
        (("Trainer", "seed"), 4),
        (("Trainer", "rate"), 5),
        (("Trainer", "model", "depth"), 6),
        (("Trainer", "inline", "width"), 7),
        (("my", "ns", "Task", "seed"), 10),
        (("Empty", "seed"), 12),
        (("After", "seed"), 14),
        (("Nowhere", "seed"), None),
    ],
)
def test_keys_are_found_in_the_text(tmp_path: Path, keys: tuple[str, ...], line: int | None) -> None:
    """The line of a key is that on which it stands, or else that of its table."""
    file = tmp_path / "luigi.toml"
    file.write_text(TEXT)
    where = read(file).where(*keys)
    assert ("luigi.toml", line, ".".join(keys)) == (where.file, where.line, where.key)


def test_windows_line_ends_are_taken(tmp_path: Path) -> None:
    """A file with the line ends of Windows is the same file, to the line."""
    file = tmp_path / "luigi.toml"
    file.write_bytes(b"[Trainer]\r\nseed = 3\r\n")
    found = read(file)
    assert {"Trainer": {"seed": 3}} == found.data
    assert 2 == found.where("Trainer", "seed").line
