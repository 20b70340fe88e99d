"""A task of plain Luigi: whether it is complete is all that it says of itself, and its content is what can be seen."""

from __future__ import annotations

import os

from daicho.digest import of_bytes, of_value
from daicho.plan.needed import complete
from daicho.plan.plan import Decision
from daicho.plan.reasons import Reason
from daicho.remembered import Digests
from daicho.task import plain
from daicho.task.graph import Node


def decided_plainly(node: Node, digests: Digests) -> Decision:
    """Decide a plain task.

    Raises:
        UsageError: If it cannot say whether it is complete.
    """
    if not complete(node.task):
        return Decision("run", (Reason("missing", "not complete"),))
    content = plain_content(node.task, digests)
    if content is None:
        reason = Reason("unseen", "its content cannot be seen: what depends on it always runs")
        return Decision("reuse", (reason,), content=unseen(node.task_id))
    return Decision("reuse", (), content=content)


def plain_content(task: object, digests: Digests) -> str | None:
    """The content of a plain Luigi task: its `fingerprint()`, or the bytes of its local targets; None if unseen."""
    fingerprint = plain.own_fingerprint(task)
    if fingerprint is not None:
        return of_value(("fingerprint", fingerprint))
    targets = plain.local_targets(task)
    if not targets or not all(path.exists() for path in targets):
        return None
    return of_value([digests.of(path) for path in targets])


def unseen(task_id: str) -> str:
    """A content that equals no other, not even its own next time: so the dependants always run."""
    return of_bytes(task_id.encode() + os.urandom(16))
