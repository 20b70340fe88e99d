"""Values whose names look like a secret's: masked in all that is written down. The task itself sees them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from daicho.provenance.masking import MASK, mask_url

_NAMES = re.compile(
    r"password|passwd|passphrase|pwd|secret|token|credential|api_?key|access_?key|private_?key|auth",
    re.IGNORECASE,
)
_LINE = re.compile(r"^(?P<name>\s*[\w.\-\"']+\s*=\s*)(?P<value>.*)$")
_HEADER = re.compile(r"^\s*\[+\s*(?P<name>[^\]]*)\]")
_INLINE = re.compile(
    rf"(?<![\w.?&#;/\-])(?P<name>[\w.\-\"']{{0,99}}?(?:{_NAMES.pattern})[\w.\-\"']{{0,99}}\s*=\s*)"
    r"(?:\"(?:[^\"\\]|\\.)*\"?|'[^']*'?|\[[^\]]*\]?|\{[^}]*\}?|[^\s,}\]]+)",
    re.IGNORECASE,
)


def looks_secret(name: str) -> bool:
    """Whether a name is one that secrets have."""
    return _NAMES.search(name) is not None and not name.lower().startswith("author")


def mask_arguments(arguments: Iterable[str]) -> list[str]:
    """A command line with the values of such parameters, and credentials in URLs, replaced by `***`."""
    masked: list[str] = []
    for argument in arguments:
        name, equals, _ = argument.partition("=")
        masked.append(f"{name}={MASK}" if equals and looks_secret(name) else mask_url(argument))
    return masked


def mask_value(value: Any) -> Any:
    """A value with what lies below such names in it, and credentials in URLs, replaced by `***`."""
    if isinstance(value, str):
        return mask_url(value)
    if isinstance(value, Mapping):
        return {
            key: MASK if isinstance(key, str) and looks_secret(key) else mask_value(item)
            for key, item in value.items()
        }
    return [mask_value(item) for item in value] if isinstance(value, list) else value


def mask_settings(text: str) -> str:
    """A TOML file with the values of such keys, and credentials in URLs, replaced by `***`.

    All values of a table with such a name are masked, too. A value that goes on over several lines is masked up to
    the line that closes it.
    """
    masked: list[str] = []
    until: str | None = None
    table = ""
    for line in text.splitlines():
        if until is not None:
            until = None if until in line else until
            continue
        header = _HEADER.match(line)
        table = header["name"] if header is not None else table
        found = _LINE.match(line) if header is None else None
        if found is None or not (looks_secret(found["name"]) or looks_secret(table)):
            masked.append(mask_url(_INLINE.sub(_masked, line)))
            continue
        masked.append(f'{found["name"]}"{MASK}"')
        until = _closing(found["value"].strip())
    return "\n".join(masked) + ("\n" if text.endswith("\n") else "")


def _masked(match: re.Match[str]) -> str:
    return f'{match["name"]}"{MASK}"' if looks_secret(match["name"]) else match[0]


def _closing(value: str) -> str | None:
    """What ends a value that does not end on its own line."""
    for opening, closing in (('"""', '"""'), ("'''", "'''"), ("[", "]"), ("{", "}")):
        if value.startswith(opening):
            return None if closing in value[len(opening) :] else closing
    return None
