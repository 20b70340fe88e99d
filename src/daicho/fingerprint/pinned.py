"""What lies in the folder that a task is pinned to: its outputs, by content."""

from __future__ import annotations

import os
from pathlib import Path

from daicho.digest import walk
from daicho.errors import SourceError
from daicho.record import OutputRecord
from daicho.remembered import Digests
from daicho.task.graph import Graph, Node


def pinned_outputs(graph: Graph, digests: Digests) -> dict[str, tuple[OutputRecord, ...]]:
    """The outputs of the pinned tasks, by task id.

    Raises:
        SourceError: If one is not there, or cannot be read.
    """
    return {
        task_id: tuple(
            _record(node, role, output.name, output.format, node.pin / output.name, digests)
            for role, output in node.outputs.items()
        )
        for task_id, node in graph.nodes.items()
        if node.pin is not None
    }


def _record(node: Node, role: str, name: str, form: str, path: Path, digests: Digests) -> OutputRecord:
    try:
        folder = path.is_dir()
        size = sum(os.path.getsize(each) for _, each in walk(path)) if folder else path.stat().st_size
        return OutputRecord(role, name, form, digests.of(path), size, folder=folder)
    except FileNotFoundError as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(
            f"`{node.family}` is pinned to `{node.pinned_to}`, where `{name}` is not",
            hints=(
                f"looked for `{path}`",
                f"take `{node.family}` out of `[PathConfig]`: daicho finds its results by itself, or runs it",
            ),
        ) from error
    except OSError as error:
        raise SourceError(f"`{path}`, which `{node.family}` is pinned to, cannot be read: {error}") from error
