"""What the suite must know of a tool: what to install, what a project of it looks like, what to type."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from jobs import Job


@dataclass(frozen=True)
class Tool:
    """A tool as its own documentation would have it used.

    Attributes:
        name: What the table calls it.
        packages: What is installed into its environment, beside pandas and scikit-learn.
        files: Its project's files for a job.
        command: What is typed for a job and a mode; None where it has no word for that mode.
        workloads: Those that it has.
        prepare: What is typed once in a new project, before anything counts.
        forget: What is deleted for the mode `clone`.
        note: What must be said beside its figures.
        serves: Whether it can keep its records on a tracking server.
        version_of: The package whose version is that of the tool.
        lives_with: The tool whose environment it shares.
    """

    name: str
    packages: Sequence[str]
    files: Callable[[Job], Mapping[str, str]]
    command: Callable[[Job, str], Sequence[str] | None]
    workloads: Sequence[str] = ("wide", "chain", "titanic")
    prepare: Sequence[Sequence[str]] = ()
    forget: Sequence[str] = ()
    note: str = ""
    serves: bool = False
    version_of: str = ""
    lives_with: str = ""
