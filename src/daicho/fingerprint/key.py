"""The key: a digest over the parts of a task and the content of what it depends on directly."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from daicho.digest import SCHEME, of_value
from daicho.fingerprint.parts import Parts
from daicho.record import OutputRecord


def key_of(parts: Parts, inputs: Mapping[str, str]) -> str:
    """What a task's result is found by.

    Args:
        parts: All that does not depend on other tasks.
        inputs: The digest of the content of each direct dependency, by role.

    Returns:
        64 hexadecimal digits. Equal for everyone who would get the same result: no path, time, host, user or
        run id goes into it.
    """
    return of_value(
        {
            "scheme": SCHEME,
            "task": parts.task,
            "parameters": parts.parameters,
            "code": parts.code,
            "sources": {source.role: source.digest for source in parts.sources},
            "inputs": inputs,
            "outputs": parts.outputs,
            "version": parts.version,
            "settings": parts.settings,
        }
    )


def content_of(outputs: Iterable[OutputRecord], reads: Collection[str] | None = None) -> str:
    """The digest of what a task gives to those that depend on it: role, name, format and bytes of its outputs.

    Args:
        outputs: All its outputs.
        reads: Those that count; None for all.
    """
    return of_value(
        {
            output.role: (output.name, output.format, output.digest)
            for output in outputs
            if reads is None or output.role in reads
        }
    )


def content_of_wrapper(contents: Mapping[str, str]) -> str:
    """The digest of what a wrapper stands for: the contents of what it needs, by role."""
    return of_value({"wrapper": contents})
