"""Outputs: the files and folders that a task declares and writes, saved and loaded by format."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Generic, Self, TypeVar

from daicho import formats
from daicho.errors import DeclarationError, FormatError
from daicho.runtime import Runtime, current

T = TypeVar("T")

RUNTIME = "_daicho_runtime"
"""The instance attribute that holds the runtime of a task that was loaded."""

UNFORMATTED = "file"
"""The format of a file that its task writes by its own code, and whose name does not say how it is read."""

_UNSTORABLE = re.compile(r"[\x00-\x1f\x7f#?%\\:*\"<>|]")


@dataclass(frozen=True)
class Output(Generic[T]):
    """A declared output. On the class it is the declaration, on an instance the file of that task's result.

    Annotate it to tell type checkers what `load()` gives: `train: Output[pd.DataFrame] = output("train.csv")`.

    Attributes:
        name: The file's name, an artifact of the task's MLflow run.
        format: The name of its format.
        role: The attribute that declares it.
    """

    name: str
    format: str
    folder: bool = False
    role: str = ""
    task: Any = field(default=None, repr=False, compare=False)

    def __set_name__(self, owner: type, role: str) -> None:
        object.__setattr__(self, "role", role)

    def __get__(self, instance: object | None, owner: type) -> Self:
        return self if instance is None else replace(self, task=instance)

    @property
    def path(self) -> Path:
        """Where the file lies: to be written there while its own task runs, to be read afterwards.

        Raises:
            InputError: If the task that runs now does not depend on this output.
            NotFoundError: If there is no result.
        """
        return self._runtime.output_path(self._bound, self.role)

    def load(self) -> T:
        """The value, by its format.

        Raises:
            FormatError: If the file is not of its format.
            InputError, NotFoundError: As for `path`.
        """
        loaded: T = self._known_format.load(self.path)
        return loaded

    def save(self, value: T) -> None:
        """Save a value by the output's format; only inside `run()` of its own task.

        Raises:
            FormatError: If the value does not fit the format.
            InputError: If it is not the running task's own output.
        """
        path = self._runtime.writable_path(self._bound, self.role)
        try:
            self._known_format.save(value, path)
        except OSError as error:
            if error.filename is None:  # a write that fails, unlike an opening, does not say of which file
                error.filename = str(path)
            raise

    def open(self, mode: str = "r", encoding: str | None = None) -> IO[Any]:
        """The file, opened (UTF-8 unless `encoding` says otherwise); for writing only inside its own `run()`."""
        writing = set(mode) & set("wax+")
        locate = self._runtime.writable_path if writing else self._runtime.output_path
        path = locate(self._bound, self.role)
        return path.open(mode, encoding=None if "b" in mode else encoding or "utf-8")

    @property
    def _known_format(self) -> formats.Format:
        if self.format == UNFORMATTED:
            raise FormatError(
                f"nothing says how `{self.name}` is read: its task writes it by its own code",
                hints=("read it as it was written, from its `.path`",),
            )
        return formats.by_name(self.format)

    @property
    def _runtime(self) -> Runtime:
        """A task that was loaded knows where its result lies; any other asks what runs it."""
        own: Runtime | None = vars(self._bound).get(RUNTIME)
        return own if own is not None else current()

    @property
    def _bound(self) -> Any:
        if self.task is None:
            raise DeclarationError(
                f"`{self.role or self.name}` is only a declaration here: take it from a task's instance",
                hints=(f'for example: daicho.load("TaskName").{self.role or "output"}.load()',),
            )
        return self.task


def output(name: str, *, format: str | None = None) -> Output[Any]:  # noqa: A002
    """Declare an output of a task.

        train = output("train.csv")
        plots = output("plots/")

    Args:
        name: The file's name. A name that ends in `/` is a folder.
        format: The name of the format, where the suffix does not tell (`format="pickle"`, for example).

    Raises:
        DeclarationError: If no store could hold that name, or no format is known for it.
    """
    plain = name.removesuffix("/")
    reason = objection(plain)
    if reason is not None:
        raise DeclarationError(
            f"`output({name!r})` cannot be stored: {reason}",
            hints=("use letters, digits, `-`, `_`, `.` and perhaps `/` between folders",),
        )
    chosen = formats.for_file(name, format)
    return Output(plain, chosen.name, folder=chosen.folder)


def objection(name: str) -> str | None:
    """Why no store could hold an output of that name, if so."""
    parts = name.split("/")
    if not name or len(name.encode()) > 200:
        return "a name has 1 to 200 bytes"
    if _UNSTORABLE.search(name) or not name.isprintable():
        return "it has a character that some stores cut or refuse"
    if any(part in ("", ".", "..") or part != part.strip() for part in parts):
        return "it is no plain relative name"
    if parts[0] in ("daicho", "manifest.json") or parts[0].startswith(".daicho"):
        return f"`{parts[0]}` is a name that daicho keeps for itself"
    return None
