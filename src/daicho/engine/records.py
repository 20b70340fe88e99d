"""The record of a task that has run: what was known before, and what its manifest says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from daicho.plan.plan import Decision
from daicho.plan.planner import Planner
from daicho.record import Manifest, Record


def draft_of(planner: Planner, task_id: str, decision: Decision, provenance: Mapping[str, Any]) -> Record:
    """What is known when a task starts.

    Args:
        planner: What is known of the task and of what it reads.
        task_id: The task.
        decision: Why it runs, under which key, in the place of what.
        provenance: Where results of this launch come from.
    """
    return replace(
        planner.draft(task_id),
        key=decision.key if planner.graph.nodes[task_id].task.cache else None,
        supersedes=decision.supersedes,
        reasons=tuple(reason.text for reason in decision.reasons),
        provenance=provenance,
    )


def complete(draft: Record, manifest: Manifest) -> Record:
    """The record to be published."""
    return replace(
        draft,
        outputs=manifest.outputs,
        extra=manifest.extra,
        notes=manifest.notes,
        started=manifest.started,
        ended=manifest.ended,
    )
