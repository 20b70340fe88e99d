"""Edits that do not count: what is different in the files of a task's code, though its code is the same."""

from __future__ import annotations

import difflib
import io
import tokenize
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from daicho.fingerprint.code.definition import definitions, documentation
from daicho.plan.snapshots import Files

What = Literal["comment", "docstring", "layout", "other definition"]


@dataclass(frozen=True)
class Neutral:
    """Edits of one kind in one file: how many, and on which line the first is."""

    what: What
    file: str
    line: int
    count: int = 1

    @property
    def text(self) -> str:
        """`1 comment edited in tasks.py:31, which does not count`."""
        if self.what == "layout":
            return f"layout changed in {self.file}, which does not count"
        plural, many = ("s", "do") if self.count > 1 else ("", "does")
        which = "it does not use" if self.what == "other definition" else f"{many} not count"
        return f"{self.count} {self.what}{plural} edited in {self.file}:{self.line}, which {which}"

    def to_json(self) -> dict[str, Any]:
        """The value as JSON takes it."""
        return {**asdict(self), "text": self.text}


def neutral_edits(
    root: Path, code: Collection[tuple[str, str]], elsewhere: Collection[tuple[str, str]], then: Files
) -> tuple[Neutral, ...]:
    """What was edited since in the files of a task's code and does not count for it.

    Args:
        root: The project's folder.
        code: File and name of each definition that counts.
        elsewhere: Those that count for a task that it needs, of which it would be wrong to say that they do not.
        then: The project's files as they were.
    """
    found: list[Neutral] = []
    for file in dict.fromkeys(file for file, _ in code):
        before = then.get(file)
        try:
            after = (root / file).read_bytes()
        except OSError:
            continue
        if before is not None and before != after:
            used = {name.partition(".")[0] for each, name in (*code, *elsewhere) if each == file}
            found.extend(_in_file(file, before, after, used))
    return tuple(found)


def _in_file(file: str, before: bytes, after: bytes, used: Collection[str]) -> Iterator[Neutral]:
    kinds: dict[What, tuple[int, ...]] = {
        "comment": _changed(_comments, before, after),
        "docstring": _changed(_docstrings, before, after),
        "other definition": tuple(_others(before, after, used)),
    }
    for what, lines in kinds.items():
        if lines:
            yield Neutral(what, file, lines[0], len(lines))
    if not any(kinds.values()) and _code(before) == _code(after):
        yield Neutral("layout", file, 1)


def _changed(
    read: Callable[[bytes], Sequence[tuple[str, int]]], before: bytes, after: bytes
) -> tuple[int, ...]:
    """The lines of what is new, changed or gone, where that is seen now."""
    old, new = read(before), read(after)
    matcher = difflib.SequenceMatcher(
        None, [text for text, _ in old], [text for text, _ in new], autojunk=False
    )
    lines = []
    for tag, first, last, start, end in matcher.get_opcodes():
        if tag != "equal":
            lines += [line for _, line in new[start:end]]
            lines += [line for _, line in old[first:last]][end - start :]
    return tuple(lines)


def _comments(source: bytes) -> list[tuple[str, int]]:
    found = []
    try:
        for token in tokenize.tokenize(io.BytesIO(source).readline):
            if token.type == tokenize.COMMENT:
                found.append((token.string, token.start[0]))
    except (tokenize.TokenError, SyntaxError):
        return []
    return found


def _docstrings(source: bytes) -> list[tuple[str, int]]:
    return [(f"{each.name} {each.text}", each.line) for each in documentation(source)]


def _others(before: bytes, after: bytes, used: Collection[str]) -> Iterator[int]:
    old, new = definitions(before), definitions(after)
    for name in {**new, **old}:
        then, now = old.get(name, ()), new.get(name, ())
        if (
            name not in used
            and not name.startswith("<")
            and [each.code for each in then] != [each.code for each in now]
        ):
            yield (now or then)[0].start


def _code(source: bytes) -> dict[str, list[str]]:
    return {name: [each.code for each in found] for name, found in definitions(source).items()}
