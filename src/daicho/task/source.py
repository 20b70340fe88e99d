"""Sources: files and folders from outside the pipeline. Their identity is their content."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Literal

from daicho import formats
from daicho.errors import DeclarationError, ParameterError, SourceError, Where
from daicho.runtime import current
from daicho.task.annotation import Origin
from daicho.task.field import Field


@dataclass(frozen=True)
class Source:
    """A file or folder from outside: `place` is a path relative to the project's folder, or a URI with a version.

    `keep` says that its bytes are kept in the store however many they are.
    """

    place: str
    format: str | None = None
    version: str | None = None
    keep: bool = False

    @property
    def remote(self) -> bool:
        """Whether it lies elsewhere: then its identity is its `version`."""
        return "://" in self.place

    @property
    def path(self) -> Path:
        """Where it lies.

        Raises:
            SourceError: If it lies elsewhere: then the task's own code has to fetch it.
        """
        if self.remote:
            raise SourceError(
                f"`{self.place}` is no local file: read it by its `place`",
                hints=("daicho knows it by its version alone and does not fetch it",),
            )
        return current().root / self.place

    def load(self) -> Any:
        """The content, by its format (by suffix unless `format` says otherwise).

        Raises:
            FormatError: If the file is not of that format.
            SourceError: If it lies elsewhere.
        """
        return formats.for_file(self.place, self.format).load(self.path)

    def open(self, mode: Literal["r", "rb"] = "r", encoding: str | None = None) -> IO[Any]:
        """The file, opened for reading (UTF-8 unless `encoding` says otherwise)."""
        if mode not in ("r", "rb"):
            raise ValueError(f'a source is only read: mode "r" or "rb", not "{mode}"')
        return self.path.open(mode, encoding=None if "b" in mode else encoding or "utf-8")

    def __canonical__(self) -> object:
        return {"place": self.place, "format": self.format, "version": self.version}

    def __str__(self) -> str:
        return self.place


class SourceField(Field):
    """A source as a Luigi parameter: the place can be configured, format and version stay as declared."""

    def __init__(self, declared: Source) -> None:
        super().__init__(declared)
        self.declared = declared

    @property
    def default(self) -> Source:
        """The source as declared."""
        return self.declared

    def check(self, family: str, value: Any, origin: Origin, where: Where | None = None) -> Source:
        """A source at the given place.

        Raises:
            ParameterError: If the value is neither a path nor a source.
        """
        if isinstance(value, Source):
            return value
        if not isinstance(value, str | Path) or not str(value):
            raise ParameterError(f"`{family}.{self.name}` is {value!r}, but a source is a path", where=where)
        return replace(self.declared, place=str(value))


def source(
    place: str,
    *,
    format: str | None = None,  # noqa: A002
    version: str | None = None,
    keep: bool = False,
    init: Literal[False] = False,
) -> Any:
    """Declare a source of a task.

        raw: Source = source("input/train.csv")

    Args:
        place: A file or folder, relative to the project's folder; or a URI, then `version` says which content.
        format: The name of the format for `load()`, where the suffix does not tell.
        version: What a source that lies elsewhere is as good as. Local sources are known by content instead.
        keep: Keep its bytes in the store even if it is larger than `[daicho] keep` says (10 MB by default).
        init: Tells type checkers that constructors do not ask for it; `configured(raw=…)` sets another place.

    Raises:
        DeclarationError: If a URI has no version, a local file has one, or the format is unknown.
    """
    declared = Source(place, format, version, keep)
    if declared.remote and version is None:
        raise DeclarationError(
            f"`source({place!r})` lies elsewhere, so daicho cannot see its content",
            hints=('say which version it is: source(uri, version="2024-05-01")',),
        )
    if not declared.remote and version is not None:
        raise DeclarationError(
            f"`source({place!r})` is a local file, known by its content: it takes no version"
        )
    if declared.remote and keep:
        raise DeclarationError(
            f"`source({place!r})` lies elsewhere: daicho does not fetch it, so it cannot keep it"
        )
    if format is not None:
        formats.by_name(format)
    return SourceField(declared)
