"""Where all printing happens: what was chosen about it, the two screens, and the one document of `--json`."""

from __future__ import annotations

import io
import json
import math
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TextIO

from daicho.cli.line import Line, line, wrap
from daicho.cli.recall import Said
from daicho.cli.text import to_ascii

if TYPE_CHECKING:
    from daicho.plan.grounds import Grounds

When = Literal["auto", "always", "never"]


@dataclass(frozen=True)
class Choices:
    """What a person chose about printing."""

    json: bool = False
    quiet: bool = False
    verbose: bool = False
    debug: bool = False
    color: When = "auto"


@dataclass(frozen=True)
class Answer:
    """What a command has to say.

    Attributes:
        document: The document of `--json`.
        draw: Gives the lines for people.
        exit_status: The status that the command ends with.
        next: The command to go on with.
        warnings: Sentences that belong beside the result.
        chatty: Whether the lines for people are a report that `-q` leaves out.
        afterwards: What is still to be done once all is said.
        grounds: Looks up what the answer rests on, so that it may be given again.
        took: The seconds that it says it took.
    """

    document: Mapping[str, Any]
    draw: Callable[[Screen], Iterable[Line]]
    exit_status: int = 0
    next: str | None = None
    warnings: tuple[str, ...] = ()
    chatty: bool = False
    afterwards: Callable[[], None] | None = None
    grounds: Callable[[], Grounds | None] | None = None
    took: float | None = None


@dataclass
class Screen:
    """A stream with what is known of it.

    Attributes:
        color: Whether to write the codes of styles.
        width: The terminal's width in columns; None where it is no terminal: nothing is wrapped then.
        live: Whether it can be drawn over.
        said: What was written to it, if somebody wants to know: a list that screens may share, and this one's number.
    """

    stream: TextIO
    color: bool = False
    width: int | None = None
    live: bool = False
    said: tuple[Said, int] | None = None

    @classmethod
    def of(cls, stream: TextIO | None, color: When) -> Screen:
        """What is known of a stream; None for one that is closed."""
        if stream is None:
            stream = io.StringIO()  # goes nowhere
        terminal = stream.isatty()
        dumb = os.environ.get("TERM", "") == "dumb"
        width = _columns(stream) if terminal else None
        live = terminal and not dumb and not os.environ.get("CI")
        return cls(stream, _colored(color, terminal=terminal and not dumb), width, live)

    @property
    def ascii(self) -> bool:
        """Whether its encoding lacks our signs."""
        try:
            "✓✗↻·–…→⠋├└─×".encode(self.stream.encoding or "utf-8")
        except (LookupError, UnicodeEncodeError):
            return True
        return False

    def put(self, lines: Iterable[Line]) -> None:
        """Write lines."""
        self.write("".join(f"{each.colored if self.color else each.plain}\n" for each in lines))

    def put_wrapped(self, lines: Iterable[Line]) -> None:
        """Write sentences: on a terminal broken at spaces."""
        whole = self.width is None
        self.put(
            part
            for each in lines
            for part in ([each] if whole else list(wrap(each, self.width or 80)) or [each])
        )

    def write(self, text: str) -> None:
        """Write a text that is known to be safe. Whoever closed the other end does not want to hear of it."""
        text = self._encodable(text)
        if self.said is not None:
            self.said[0].append((self.said[1], text))
        try:
            self.stream.write(text)
            self.stream.flush()
        except BrokenPipeError:
            _silence(self.stream)
            self.stream = io.StringIO()  # goes nowhere

    def _encodable(self, text: str) -> str:
        encoding = self.stream.encoding or "utf-8"
        shown = to_ascii(text) if self.ascii else text
        return shown.encode(encoding, "backslashreplace").decode(encoding)


@dataclass
class Printer:
    """The two screens of a command: results go to `out`, everything else to `err`."""

    choices: Choices
    out: Screen
    err: Screen
    _said: bool = field(default=False, repr=False)

    @classmethod
    def of(cls, choices: Choices) -> Printer:
        """The printer of this process."""
        return cls(choices, Screen.of(sys.stdout, choices.color), Screen.of(sys.stderr, choices.color))

    def listen(self) -> Said:
        """From here on, what is said is kept as well."""
        said: Said = []
        self.out.said, self.err.said = (said, 1), (said, 2)
        return said

    def answer(self, answer: Answer) -> None:
        """Print an answer: the document, or the lines for people, then what goes beside it."""
        quiet = self.choices.quiet
        if self.choices.json:
            self.document(answer.document)
        elif not (quiet and answer.chatty):
            self.out.put(answer.draw(self.out))
        self.err.put_wrapped(line(("warning: ", "warn"), warning) for warning in answer.warnings)
        if answer.next and not quiet and not self.choices.json:
            self.err.put([line(("next: ", "dim"), (answer.next, "name"))])

    def document(self, document: Mapping[str, Any]) -> None:
        """Print the one JSON document."""
        self.out.write(
            json.dumps(portable(document), indent=2, ensure_ascii=self.out.ascii, default=str) + "\n"
        )


def portable(value: Any) -> Any:
    """A JSON value in which numbers that JSON lacks are texts (`NaN`, `Infinity`), as in MLflow's own documents."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode() if not value.isascii() else value
    if isinstance(value, Mapping):
        return {str(key): portable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [portable(item) for item in value]
    return value


def _colored(color: When, *, terminal: bool) -> bool:
    if color != "auto":
        return color == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return True if os.environ.get("FORCE_COLOR") else terminal


def _columns(stream: TextIO) -> int:
    asked = os.environ.get("COLUMNS", "")
    if asked.isdigit() and int(asked):
        return int(asked)
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def _silence(stream: TextIO) -> None:
    """Let what is still in the stream's buffer go nowhere when the process ends."""
    try:
        descriptor = os.open(os.devnull, os.O_WRONLY)
        os.dup2(descriptor, stream.fileno())
        os.close(descriptor)
    except (OSError, ValueError):
        return
