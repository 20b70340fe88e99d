"""The published layout: what a task's two dictionaries of paths say of its files, asked before anything runs.

They are asked with folders that stand for tasks (`.daicho/pending/<Task>/`): a path below its own is an output, one
below another's is an output of that task that is read, and any other path is a source.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from daicho import formats
from daicho.errors import DeclarationError, SourceError
from daicho.task.declare import refuse_shared_files
from daicho.task.output import UNFORMATTED, Output, objection
from daicho.task.source import Source

_PENDING: Final = (".daicho", "pending")


@dataclass(frozen=True)
class Read:
    """A file of another task that is read: under which name, of which task, and which; `file` is "" for all of them."""

    name: str
    task: str
    file: str


@dataclass(frozen=True)
class Layout:
    """The files of a task: its outputs and sources by name, and what it reads of other tasks."""

    outputs: Mapping[str, Output[Any]]
    sources: Mapping[str, Source]
    reads: tuple[Read, ...]


def pending(root: Path, *task: str) -> Path:
    """The folder that stands for a task's files as long as nobody knows where they are."""
    return root.joinpath(*_PENDING, *task)


def read_layout(family: str, given: object, root: Path) -> Layout:
    """What the two dictionaries say that were made with folders that stand for tasks.

    Args:
        family: Whose they are.
        given: What `build_input_output_path_dicts()` gave.
        root: The project's folder.

    Raises:
        DeclarationError: If they are no two dictionaries of names to paths, or an output does not lie in its task's
            own folder.
        SourceError: If an input lies where daicho cannot see it.
    """
    inputs, outputs = _two(family, given)
    reads: list[Read] = []
    sources: dict[str, Source] = {}
    for name, path in _paths(family, inputs):
        of = _below_pending(path, root)
        if of is not None:
            reads.append(Read(name, *of))
        else:
            sources[name] = _source(family, name, path, root)
    declared = {name: _output(family, name, path, root) for name, path in _paths(family, outputs)}
    refuse_shared_files(family, declared)
    return Layout(declared, sources, tuple(reads))


def absolute(path: Any, root: Path) -> str:
    """A path as the task's own code can open it from any folder; an address stays as it is."""
    text = str(os.fspath(path))
    if "://" in text:
        return text
    slash = "/" if text.endswith("/") else ""
    return os.path.normpath(root / text).rstrip("/") + slash


def _two(family: str, given: object) -> tuple[Mapping[Any, Any], Mapping[Any, Any]]:
    pair = given if isinstance(given, tuple | list) else ()
    if len(pair) == 2 and all(isinstance(each, Mapping) for each in pair):
        return pair[0], pair[1]
    raise DeclarationError(
        f"`{family}.build_input_output_path_dicts()` gives {_short(given)}, not two dictionaries",
        hints=("return inputs and outputs, each a dictionary of names to paths",),
    )


def _paths(family: str, found: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    for name, path in found.items():
        if not isinstance(name, str) or not isinstance(path, str | os.PathLike) or not os.fspath(path):
            raise DeclarationError(
                f"`{family}.build_input_output_path_dicts()` gives {_short(name)}: {_short(path)}, "
                "which is no name with a path",
                hints=("give each file a name of its own",),
            )
        yield name, os.fspath(path)


def _below_pending(path: str, root: Path) -> tuple[str, str] | None:
    """The task whose folder a path lies in, and the file there (with a `/` at its end for a folder)."""
    top = f"{pending(root)}/"
    whole = absolute(path, root)
    if not whole.startswith(top):
        return None
    task, _, file = whole.removeprefix(top).partition("/")
    return task, file


def _output(family: str, name: str, path: str, root: Path) -> Output[Any]:
    of = _below_pending(path, root)
    short = family.rpartition(".")[2]
    if of is None or of[0].casefold() not in (family.casefold(), short.casefold()) or not of[1].strip("/"):
        raise DeclarationError(
            f"the output `{family}.{name}` does not lie in the task's own folder (`{_shown(path, root)}`)",
            hints=(f"write f\"{{self.path_config['{short}']}}{os.path.basename(path) or name}\"",),
        )
    file = of[1]
    plain = file.rstrip("/")
    reason = objection(plain)
    if reason is not None:
        raise DeclarationError(
            f"the output `{family}.{name}`, `{file}`, cannot be stored: {reason}",
            hints=("use letters, digits, `-`, `_`, `.` and perhaps `/` between folders",),
        )
    return Output(plain, _format(file), folder=file.endswith("/"), role=name)


def _format(file: str) -> str:
    """The format that a name's end says, by which others may load the file; the task itself writes it as it likes."""
    try:
        return formats.for_file(file).name
    except DeclarationError:
        return UNFORMATTED


def _source(family: str, name: str, path: str, root: Path) -> Source:
    if "://" in path:
        raise SourceError(
            f"the input `{family}.{name}` lies elsewhere (`{path}`), so daicho cannot see its content",
            hints=('as a Task it can be declared with a version: source(uri, version="2024-05-01")',),
        )
    whole = Path(absolute(path, root))
    return Source(whole.relative_to(root).as_posix() if whole.is_relative_to(root) else str(whole))


def _shown(path: str, root: Path) -> str:
    return os.path.relpath(path, root) if os.path.isabs(path) and Path(path).is_relative_to(root) else path


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
