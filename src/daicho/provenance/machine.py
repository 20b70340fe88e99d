"""The machine that made a result, and whose account it was."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Machine:
    """Where and as whom the code ran.

    Args:
        host: The machine's name.
        user: The account's name.
        cpus: How many processors this process may use.
        memory: The physical memory in bytes; 0 where the system does not say.
    """

    host: str
    user: str
    cpus: int
    memory: int

    def to_json(self) -> dict[str, object]:
        """Return the value as JSON takes it."""
        return {"host": self.host, "user": self.user, "cpus": self.cpus, "memory": self.memory}


def read_machine() -> Machine:
    """Describe the machine and the account of this process. Never raises."""
    import platform

    return Machine(host=platform.node() or "unknown", user=_user(), cpus=_cpus(), memory=_memory())


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return f"uid-{os.getuid()}"  # in a container, an account often has a number but no name


def _cpus() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory() -> int:
    try:
        return max(0, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (OSError, ValueError):
        return 0
