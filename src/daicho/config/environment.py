"""Values from outside the files: environment variables, and the `.env` at the project's root below them.

`DAICHO_Trainer__seed=3` is the parameter `seed` of `Trainer`, `DAICHO_my__ns__Trainer__seed=3` that of
`my.ns.Trainer`: the parts of the name stand apart by two underscores. Such a value is text, read by the
parameter's declared type. Reading changes nothing in this process's environment.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from daicho.errors import ConfigurationError, DaichoError, Where
from daicho.runtime import Setting

FILE = ".env"
_PREFIX = "DAICHO_"
_BETWEEN = "__"


@dataclass(frozen=True)
class Variables:
    """The variables that hold for a project.

    Attributes:
        real: Those of the environment itself.
        own: What only `.env` says.
        problems: What of `.env` cannot be understood.
    """

    real: Mapping[str, str] = field(default_factory=dict, repr=False)
    own: Mapping[str, str] = field(default_factory=dict, repr=False)
    problems: tuple[DaichoError, ...] = ()
    _lines: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Path, real: Mapping[str, str]) -> Variables:
        """The environment, and below it what `.env` says."""
        path = root / FILE
        if not path.is_file():  # some keep a virtual environment there
            return cls(real)
        try:
            values, lines = _read(path)
        except ConfigurationError as error:
            return cls(real, problems=(error,))
        own = {name: value for name, value in values.items() if name not in real}
        return cls(real, own, (), lines)

    def get(self, name: str) -> str | None:
        """The value of a variable; None where it is not set, or empty."""
        return self.real.get(name) or self.own.get(name) or None

    def where(self, name: str) -> Where:
        """Where a variable's value is from."""
        if name in self.real:
            return Where("environment", key=name)
        return Where(FILE, self._lines.get(name), name)

    def settings(self) -> Iterator[tuple[str, str, Setting]]:
        """What they say of tasks: section, key and value."""
        for name, text in {**self.own, **self.real}.items():
            path = name.removeprefix(_PREFIX)
            if path == name or _BETWEEN not in path.strip("_"):
                continue
            family, _, key = path.rpartition(_BETWEEN)
            yield family.replace(_BETWEEN, "."), key, Setting(text, self.where(name), "text")


def variable(family: str, key: str) -> str:
    """The name of the environment variable for a parameter."""
    return f"{_PREFIX}{family.replace('.', _BETWEEN)}{_BETWEEN}{key}"


@contextmanager
def exported(variables: Mapping[str, str], over: Mapping[str, str] = {}) -> Iterator[None]:
    """For the length of a block, the variables that only `.env` has are those of this process and its children.

    Args:
        variables: They hold where this process has none of that name.
        over: They hold whatever this process has.
    """
    before = {name: os.environ.get(name) for name in (*variables, *over)}
    added = {name: value for name, value in variables.items() if before[name] is None} | dict(over)
    os.environ.update(added)
    try:
        yield
    finally:
        for name, value in added.items():
            if os.environ.get(name) == value:  # what was set meanwhile stays
                _restore(name, before[name])


def _restore(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def of_worker(uri: str) -> dict[str, str]:
    """What a worker finds in its environment whatever it is in this process's.

    Args:
        uri: The address of the store that tasks log to.
    """
    return {
        "MLFLOW_TRACKING_URI": uri,
        "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MPLBACKEND": "agg",  # a worker has no screen
    }


def _read(path: Path) -> tuple[dict[str, str], dict[str, int]]:
    """The values of a `.env`, and their lines."""
    from dotenv import dotenv_values
    from dotenv.parser import parse_stream

    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigurationError(f"`{FILE}` cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigurationError(
            f"`{FILE}` is not UTF-8 text: {error.reason}",
            where=Where(FILE, line),
            hints=("save it as UTF-8",),
        ) from error
    lines: dict[str, int] = {}
    for binding in parse_stream(io.StringIO(text)):
        # The text of a line is not shown: it may be a secret.
        if binding.error or "\0" in binding.original.string:
            raise ConfigurationError(
                f"a line of `{FILE}` cannot be understood",
                where=Where(FILE, _first(binding.original.string, binding.original.line)),
                hints=("write NAME=value, one on a line; a value with spaces or `#` stands in quotes",),
            )
        if binding.key is not None:
            lines[binding.key] = _first(binding.original.string, binding.original.line)
    values = dotenv_values(stream=io.StringIO(text))
    return {name: value for name, value in values.items() if value is not None}, lines


def _first(text: str, line: int) -> int:
    """The line on which a statement really begins, behind empty ones."""
    return line + text[: len(text) - len(text.lstrip())].count("\n")
