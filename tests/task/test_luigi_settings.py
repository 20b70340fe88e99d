"""Tasks of plain Luigi find their values in our configuration."""

from __future__ import annotations

import datetime as dt
from typing import Any

import luigi

from daicho.task.luigi_settings import for_luigi
from tests.task.conftest import Configure


class Plain(luigi.Task):
    number = luigi.IntParameter(default=1)
    tags = luigi.ListParameter(default=())
    day = luigi.DateParameter(default=dt.date(2026, 1, 1))
    fast = luigi.BoolParameter(default=False)
    options: luigi.DictParameter = luigi.DictParameter(default={})
    text = luigi.Parameter(default="")


class Database(luigi.Config):
    host = luigi.Parameter(default="nowhere")


plain: Any = Plain  # Luigi's constructors are not annotated
database: Any = Database


TOML = """
[Plain]
number = 3
tags = ["a", "b"]
day = 2026-02-03
fast = true
options = { a = 1 }
text = "100 % of it"

[Database]
host = "here"
"""


def test_plain_tasks_have_their_values(configure: Configure) -> None:
    """Each kind of value is read by Luigi's own parameter, for as long as the block lasts."""
    settings = configure(TOML, overrides=("Plain.number=4",)).settings
    with for_luigi(settings):
        task = plain()
        assert (4, ("a", "b"), dt.date(2026, 2, 3)) == (task.number, task.tags, task.day)
        assert (True, {"a": 1}, "100 % of it") == (task.fast, dict(task.options), task.text)
        assert ("here", 9) == (database().host, plain(number=9).number)
    assert (1, "", "nowhere") == (plain().number, plain().text, database().host)


def test_what_luigi_was_told_stays(configure: Configure) -> None:
    """Its own configuration lies below ours, and is afterwards what it was."""
    parser = luigi.configuration.get_config()
    parser.set("Plain", "number", "7")
    parser.set("Plain", "text", "own")
    try:
        with for_luigi(configure("[Plain]\nnumber = 3\n").settings):
            assert (3, "own") == (plain().number, plain().text)
        assert (7, "own") == (plain().number, plain().text)
    finally:
        parser.remove_section("Plain")
