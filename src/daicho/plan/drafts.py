"""What is known of a task's record before it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from daicho.fingerprint.parts import Parts
from daicho.record import InputRecord, OutputRecord, Record
from daicho.task.graph import Graph


def draft_of(task_id: str, parts: Parts, key: str | None, inputs: Iterable[InputRecord]) -> Record:
    """The record as far as it is known."""
    return Record(
        task=parts.task,
        task_id=task_id,
        key=key,
        parameters=parts.shown,
        code=parts.code,
        sources=parts.sources,
        inputs=tuple(inputs),
        version=parts.version,
        settings=parts.settings,
    )


def inputs_of(
    graph: Graph,
    task_id: str,
    outputs: Mapping[str, Sequence[OutputRecord]],
    run_of: Callable[[str], str | None],
) -> Iterator[InputRecord]:
    """What a task may read, of what is there.

    Args:
        graph: The tasks.
        task_id: The task.
        outputs: The outputs of those that are done.
        run_of: Gives the run that holds them.
    """
    for edge in graph.reads(task_id):
        node = graph.nodes[edge.task_id]
        for output in outputs.get(edge.task_id, ()):
            if edge.reads is not None and output.role not in edge.reads:
                continue
            yield InputRecord(
                role=f"{edge.role}.{output.role}",
                name=output.name,
                format=output.format,
                digest=output.digest,
                task=node.family,
                run_id=run_of(edge.task_id),
            )
