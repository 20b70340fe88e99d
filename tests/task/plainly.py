"""Tasks of a module whose annotations are evaluated as it is read, one name ahead of its class."""

import enum
from typing import ClassVar, Optional

from daicho import Source, Task, output, param, source


class Color(enum.Enum):
    RED = "red"


class Early(Task):
    later: "Later"
    color: Color = Color.RED
    name: Optional[str] = None  # noqa: UP045  # as users still write it
    threads: int = param(default=4, significant=False)
    raw: Source = source("raw.csv")
    table = output("table.csv")
    LIMIT: ClassVar[int] = 3


class Later(Task):
    seed: int = 0
