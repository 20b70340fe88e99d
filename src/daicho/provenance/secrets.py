"""Values whose names look like a secret's: masked in all that is written down. The task itself sees them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from daicho.provenance.masking import MASK, mask_url

_NAMES = re.compile(
    r"password|passwd|passphrase|pwd|secret|token|credential|api_?key|access_?key|private_?key|auth",
    re.IGNORECASE,
)
_LINE = re.compile(r"^(?P<name>\s*[\w.\-\"']+\s*=\s*)(?P<value>.*)$")


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


def mask_settings(text: str) -> str:
    """A TOML file with the values of such keys, and credentials in URLs, replaced by `***`.

    A value that goes on over several lines is masked up to the line that closes it.
    """
    masked: list[str] = []
    until: str | None = None
    for line in text.splitlines():
        if until is not None:
            until = None if until in line else until
            continue
        found = _LINE.match(line)
        if found is None or not looks_secret(found["name"]):
            masked.append(mask_url(line))
            continue
        masked.append(f'{found["name"]}"{MASK}"')
        until = _closing(found["value"].strip())
    return "\n".join(masked) + ("\n" if text.endswith("\n") else "")


def _closing(value: str) -> str | None:
    """What ends a value that does not end on its own line."""
    for opening, closing in (('"""', '"""'), ("'''", "'''"), ("[", "]"), ("{", "}")):
        if value.startswith(opening):
            return None if closing in value[len(opening) :] else closing
    return None
