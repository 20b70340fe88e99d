"""A secret: a value that only the task's own code sees. Not in keys, records, logs, errors; not in files."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterable, Iterator, Mapping
from multiprocessing.reduction import ForkingPickler
from typing import Any, Final, NoReturn

from daicho.provenance import MASK

_SALT: Final = os.urandom(16)
_SHORTEST: Final = 4


class Secret:
    """A text such as a token or a password, as a parameter: `token: Secret`.

    It comes from the environment (`DAICHO_Loader__token`), from `.env`, from the command line or from the caller,
    never from a file of configuration. `reveal()` gives the text; everything else shows `***`.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __str__(self) -> str:
        return MASK

    def __repr__(self) -> str:
        return f"Secret('{MASK}')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a `Secret` cannot be pickled: what is pickled ends up in files")

    def __canonical__(self) -> str:
        """Tells two apart within this process; means nothing to any other, so that nothing can be guessed from it."""
        return hashlib.blake2b(self._text.encode(), key=_SALT).hexdigest()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> Any:
        """Pydantic's hook: a secret, or a text."""
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(cls._validated)

    @classmethod
    def _validated(cls, value: object) -> Secret:
        if isinstance(value, Secret):
            return value
        if isinstance(value, str) and value:
            return cls(value)
        raise ValueError("must be a text that is not empty")


def secrets_in(values: Iterable[Any]) -> Iterator[Secret]:
    """The secrets among some values, and in lists and dictionaries of them."""
    for value in values:
        if isinstance(value, Secret):
            yield value
        elif isinstance(value, Mapping):
            yield from secrets_in(value.values())
        elif isinstance(value, list | tuple | set):
            yield from secrets_in(value)


def hide(text: str, secrets: Iterable[Secret]) -> str:
    """A text with stars in the place of secrets, as long as it was; what is too short to be one is left alone."""
    for secret in secrets:
        revealed = secret.reveal()
        if len(revealed) >= _SHORTEST:
            text = text.replace(revealed, "*" * len(revealed))
    return text


# To a worker process it goes through a pipe, which is no file.
ForkingPickler.register(Secret, lambda secret: (Secret, (secret.reveal(),)))
