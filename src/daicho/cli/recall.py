"""Answers that were given before: printed again as long as all that they rest on is as it was.

Nothing of daicho is loaded for that but this file. An answer lies in `.daicho/answers`, one file each, and may be
deleted at any time: lines that say what it is, what a server must say to a question, and one for each file or folder
that it rests on; then what was printed.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time

from daicho._signature import signature
from daicho._version import __version__

TYPE_CHECKING = False  # `typing` itself costs 6 ms
if TYPE_CHECKING:
    from daicho.plan.grounds import Grounds

_FORMAT = "daicho-answer/1"
_FOLDER = os.path.join(".daicho", "answers")
_CHANGING = ("_", "OLDPWD", "SHLVL")  # what a shell says of itself, new with each command or shell
TOOK = "\x00"
"""What stands in a kept text for the seconds that giving it takes, as `0.0`."""
_KEPT = 40

Said = list[tuple[int, str]]
"""What was printed, in order: the stream's number, 1 or 2, and the text."""


def question(arguments: list[str]) -> str | None:
    """Which question this is: the same words, said in the same place and surroundings, by the same program.

    To be asked before anything is imported: libraries change the environment of their process. None for a question
    whose answer is never kept.
    """
    if not arguments or arguments[0] not in ("run", "status"):
        return None
    variables = sorted(item for item in os.environb.items() if os.fsdecode(item[0]) not in _CHANGING)
    streams = [_screen(number) for number in (1, 2)]
    asked = (
        __version__,
        sys.version,
        sys.executable,
        arguments,
        os.getcwd(),
        os.geteuid(),
        streams,
        variables,
    )
    return hashlib.sha256(repr(asked).encode("utf-8", "backslashreplace")).hexdigest()


def recalled(arguments: list[str], asked: str | None) -> int | None:
    """Print what was said to the same question before, and return its exit status; None if it must be asked anew."""
    if asked is None:
        return None
    began = time.monotonic()
    lines, data = _found(_start(arguments), asked)
    if lines[:2] != [_FORMAT, asked]:
        return None
    try:
        if not all(_stands(line) for line in lines[4:]) or not _stands_there(lines[3]):
            return None
        _print(data, f"{time.monotonic() - began:.1f}")
        return int(lines[2])
    except (ValueError, IndexError):
        return None  # not a file of ours


def remember(
    asked: str, grounds: Grounds, said: Said, status: int, took: tuple[tuple[str, str], ...] = ()
) -> None:
    """Keep an answer. Failing to is no error: it costs time, later.

    Args:
        asked: The question: see `question`.
        grounds: What the answer rests on.
        said: What was printed.
        status: The exit status.
        took: The texts in it that say how long it took, each with what stands for it.
    """
    if any("\n" in path for path in grounds.files) or any(TOOK in text for _, text in said):
        return
    there = grounds.standing
    server = f"{there.answer} {there.server} {there.question}" if there is not None else "-"
    head = [_FORMAT, asked, str(status), server, *(f"{seen} {path}" for path, seen in grounds.files.items())]
    body = "".join(f"{stream}{len(text)}\n{text}" for stream, text in _untimed(said, took))
    folder = os.path.join(grounds.root, _FOLDER)
    place = os.path.join(folder, asked[:32])
    try:
        os.makedirs(folder, exist_ok=True)
        with open(
            f"{place}.{os.getpid()}", "w", encoding="utf-8", errors="surrogateescape", newline=""
        ) as file:
            file.write("\n".join(head) + "\n\n" + body)
        os.replace(f"{place}.{os.getpid()}", place)
        _forget_old(folder)
    except (OSError, UnicodeError):
        return


def _untimed(said: Said, took: tuple[tuple[str, str], ...]) -> Said:
    for text, without in took:
        said = [(stream, each.replace(text, without)) for stream, each in said]
    return said


def _screen(number: int) -> str:
    try:
        return str(os.get_terminal_size(number).columns) if os.isatty(number) else ""
    except OSError:
        return ""


def _start(arguments: list[str]) -> str:
    """Where the project is looked for."""
    given = [arguments[place + 1] for place, word in enumerate(arguments[:-1]) if word == "-C"]
    return os.path.abspath(given[-1]) if given else os.getcwd()


def _found(folder: str, asked: str) -> tuple[list[str], str]:
    while True:
        try:
            with open(
                os.path.join(folder, _FOLDER, asked[:32]),
                encoding="utf-8",
                errors="surrogateescape",
                newline="",
            ) as file:
                head, _, body = file.read().partition("\n\n")
            return head.split("\n"), body
        except (OSError, UnicodeError):
            above = os.path.dirname(folder)
        if above == folder:
            return [], ""
        folder = above


def _stands(line: str) -> bool:
    seen, _, path = line.partition(" ")
    return signature(path) == seen


def _stands_there(line: str) -> bool:
    if line == "-":
        return True
    from daicho.ledger.standing import answered  # 20 ms that other stores need not pay

    answer, server, question = line.split(" ", 2)
    return answered(server, question) == answer


def _print(data: str, took: str) -> None:
    while data:
        stream, (length, _, rest) = data[0], data[1:].partition("\n")
        text, data = rest[: int(length)], rest[int(length) :]
        screen = sys.stdout if stream == "1" else sys.stderr
        if screen is not None:
            try:
                screen.write(text.replace(TOOK, took))
                screen.flush()
            except BrokenPipeError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), screen.fileno())


def _forget_old(folder: str) -> None:
    names = [os.path.join(folder, name) for name in os.listdir(folder)]
    for path in sorted(names, key=os.path.getmtime)[:-_KEPT]:
        os.unlink(path)
