"""What the configuration says of tasks and `Config`s of plain Luigi, where Luigi looks for it.

That is a configuration of its own, one for the process, in which every value is text.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import luigi
from luigi.configuration import LuigiConfigParser

from daicho.config.settings import Settings


@contextmanager
def for_luigi(settings: Settings) -> Iterator[None]:
    """For the length of a `with` block, plain Luigi finds what is configured here; its own files lie below it."""
    parser = luigi.configuration.get_config()
    if not isinstance(parser, LuigiConfigParser):  # Luigi was told to read TOML by itself
        yield
        return
    before = {family: dict(parser.items(family, raw=True)) for family in parser.sections()}
    for family, section in settings.sections.items():
        for key, setting in section.items():
            parser.set(family, key, _text(setting.value))
    try:
        yield
    finally:
        for family in parser.sections():
            parser.remove_section(family)
        for family, options in before.items():
            for key, text in options.items():
                parser.set(family, key, text)


def _text(value: Any) -> str:
    """A value as Luigi's parameters parse it."""
    if isinstance(value, dt.date | dt.time):
        value = value.isoformat()
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text.replace("%", "%%")
