"""Tasks of a module whose annotations are texts, one name ahead of its class."""

from __future__ import annotations

import enum
from typing import ClassVar, Optional

import daicho
from daicho import Output, Source, Task, output, param, source


class Color(enum.Enum):
    RED = "red"


class Early(Task):
    later: Later
    color: Color = Color.RED
    name: Optional[str] = None  # noqa: UP045  # as users still write it
    threads: int = param(default=4, significant=False)
    raw: Source = source("raw.csv")
    table: Output[str] = output("table.csv")
    other: daicho.Output[str] = output("other.csv")
    LIMIT: ClassVar[int] = 3


class Later(Task):
    seed: int = 0
