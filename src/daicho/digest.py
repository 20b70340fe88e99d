"""Digests: of bytes, of a file, of a folder, and of a plain value by its canonical encoding.

A digest is the SHA-256 in lower-case hexadecimal. The encoding of values is tagged by type and prefixed by
length, so that no two different values share one encoding; the order of dictionaries and sets does not matter.
It is part of every key: whoever changes it must raise `SCHEME`.
"""

from __future__ import annotations

import hashlib
import os
import struct
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache, singledispatch
from pathlib import Path, PurePath
from typing import Any
from uuid import UUID

from daicho.errors import ParameterError, SourceError

SCHEME = 1
"""The version of what a key is made of. Raising it makes every earlier result unfindable."""


def of_bytes(data: bytes) -> str:
    """The digest of some bytes."""
    return hashlib.sha256(data).hexdigest()


def of_file(path: Path) -> str:
    """The digest of a file's bytes.

    Raises:
        OSError: If it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def of_names(digests: Mapping[str, str]) -> str:
    """The digest of a folder, given the digests of its files by relative name (with `/`)."""
    # A list, not a dictionary: two names may become one, and none may be lost.
    return of_value(
        {"folder": sorted((unicodedata.normalize("NFC", name), digests[name]) for name in digests)}
    )


def walk(folder: Path) -> Iterator[tuple[str, Path]]:
    """All files of a folder with their relative names, sorted; links are followed inside, refused outward.

    Raises:
        SourceError: If a link leads outside the folder, back to a folder around it, or to nothing.
        OSError: If a folder in it cannot be read.
    """
    top = os.path.realpath(folder)
    for path in sorted(map(Path, _files(top, top, (top,)))):
        yield path.relative_to(top).as_posix(), path


def _files(folder: str, top: str, around: tuple[str, ...]) -> Iterator[str]:
    """The files below a folder; `around` are the real folders that it lies in, so that no link leads in circles."""
    with os.scandir(folder) as found:
        entries = list(found)
    for entry in entries:
        real = os.path.realpath(entry.path) if entry.is_symlink() else entry.path
        if entry.is_symlink() and not (Path(real).is_relative_to(top) and os.path.exists(real)):
            raise SourceError(
                f"`{entry.path}` is a link that leads out of its folder, or to nothing",
                hints=("copy the file into the folder, or name its real place as a source",),
            )
        if entry.is_file():
            yield entry.path
        elif entry.is_dir() and real in around:
            raise SourceError(
                f"`{entry.path}` is a link that leads back to a folder that it lies in",
                hints=("take the link away, or name the folder that holds the files as a source",),
            )
        elif entry.is_dir():
            yield from _files(entry.path, top, (*around, real))


def of_value(value: object) -> str:
    """The digest of a plain value: equal for equal values, different for different ones.

    Raises:
        ParameterError: If the value is of a type that has no canonical encoding.
    """
    return of_bytes(encode(value))


def encode(value: object) -> bytes:
    """The canonical encoding of a plain value.

    Raises:
        ParameterError: If the value is of a type that has no canonical encoding.
    """
    # Members of an IntEnum or a StrEnum are numbers and texts, too; here they are members.
    return _encode_member(value) if isinstance(value, Enum) else _encode(value)


def teach(kind: type, canonical: Callable[[Any], object]) -> None:
    """Say by which plain value another library's type is encoded."""

    def encode_foreign(value: Any) -> bytes:
        return _tag("object", _class_name(value), encode(canonical(value)))

    _encode.register(kind, encode_foreign)


def _encode_member(value: Enum) -> bytes:
    return _tag("enum", _class_name(value), str(value.name).encode(), encode(value.value))


def _tag(name: str, *parts: bytes) -> bytes:
    chunks = [_head(name, len(parts))]
    for part in parts:
        chunks += (_length(len(part)), part)
    return b"".join(chunks)


@lru_cache(maxsize=1_000)
def _head(name: str, parts: int) -> bytes:
    head = name.encode()
    return struct.pack(">BQ", len(head), parts) + head


_length = struct.Struct(">Q").pack


def _class_name(value: object) -> bytes:
    return type(value).__qualname__.encode()


@singledispatch
def _encode(value: Any) -> bytes:
    canonical = getattr(type(value), "__canonical__", None)
    if canonical is not None:
        return _tag("object", _class_name(value), encode(canonical(value)))
    if hasattr(type(value), "model_fields"):  # a pydantic model, without importing pydantic
        items = {name: getattr(value, name) for name in type(value).model_fields}
        items |= value.__pydantic_extra__ or {}
        return _tag("model", _class_name(value), encode(items))
    if is_dataclass(value) and not isinstance(value, type):
        items = {field.name: getattr(value, field.name) for field in fields(value)}
        return _tag("model", _class_name(value), encode(items))
    raise ParameterError(
        f"a value of type `{type(value).__qualname__}` cannot be part of a key",
        hints=("use plain values, dates, paths, enums, pydantic models or frozen dataclasses as parameters",),
    )


@_encode.register
def _(value: None) -> bytes:
    return _tag("none")


@_encode.register
def _(value: bool) -> bytes:
    return _tag("bool", b"1" if value else b"0")


@_encode.register
def _(value: int) -> bytes:
    return _tag("int", b"%d" % value)


@_encode.register
def _(value: float) -> bytes:
    # One NaN; -0.0 and 0.0 differ, for dividing by them does.
    return _tag("float", b"nan" if value != value else struct.pack(">d", value))


@_encode.register
def _(value: complex) -> bytes:
    return _tag("complex", encode(value.real), encode(value.imag))


@_encode.register
def _(value: str) -> bytes:
    return _tag("str", value.encode("utf-8", "surrogatepass"))


@_encode.register(bytes)
@_encode.register(bytearray)
def _(value: bytes) -> bytes:
    return _tag("bytes", bytes(value))


@_encode.register
def _(value: list) -> bytes:  # type: ignore[type-arg]  # singledispatch wants the bare class
    return _tag("list", *map(encode, value))


@_encode.register
def _(value: tuple) -> bytes:  # type: ignore[type-arg]  # singledispatch wants the bare class
    return _tag("tuple", *map(encode, value))


@_encode.register(set)
@_encode.register(frozenset)
def _(value: Any) -> bytes:
    return _tag("set", *sorted(map(encode, value)))


@_encode.register
def _(value: Mapping) -> bytes:  # type: ignore[type-arg]  # singledispatch wants the bare class
    return _tag("dict", *sorted(_tag("item", encode(key), encode(item)) for key, item in value.items()))


@_encode.register
def _(value: PurePath) -> bytes:
    return _tag("path", value.as_posix().encode("utf-8", "surrogatepass"))


@_encode.register
def _(value: datetime) -> bytes:
    return _tag("datetime", value.isoformat().encode())


@_encode.register
def _(value: date) -> bytes:
    return _tag("date", value.isoformat().encode())


@_encode.register
def _(value: time) -> bytes:
    return _tag("time", value.isoformat().encode())


@_encode.register
def _(value: timedelta) -> bytes:
    return _tag("timedelta", b"%d" % (value // timedelta(microseconds=1)))


@_encode.register
def _(value: Decimal) -> bytes:
    return _tag("decimal", str(value).encode())


@_encode.register
def _(value: UUID) -> bytes:
    return _tag("uuid", value.bytes)
