"""skops: a scikit-learn model, in a file that runs no code when it is loaded, and whose bytes repeat.

Before a model is written it is loaded again and dumped again: what skops would lose, and what it would refuse
to load later, is an error now and not when somebody needs the model.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from daicho._lazy import need
from daicho.formats._files import write
from daicho.formats._refusals import not_exact, not_readable, wrong_kind
from daicho.formats._skops_bytes import canonical
from daicho.formats._skops_trusted import TRUSTED

_PICKLE = 'or save it with `format="pickle"`: loading it then runs code that the file holds'
_OWN = "use functions and classes of scikit-learn, numpy or scipy instead of your own"


class Skops:
    """Saves a scikit-learn model."""

    name = "skops"
    suffixes: tuple[str, ...] = (".skops",)
    folder = False
    runs_code = False
    repeats = True

    def save(self, value: Any, path: Path) -> None:
        """Write a model, fitted or not."""
        write(path, model_bytes(value, path))

    def load(self, path: Path) -> Any:
        """Give the model back; a file that asks for types not known to be safe is refused."""
        skops = _skops()
        data = path.read_bytes()
        try:
            return skops.loads(data, trusted=TRUSTED)
        except Exception as error:  # a broken file breaks skops' reader anywhere
            unsafe = _unsafe(skops, data, error)
            fit = "scikit-learn and skops must be of versions that fit those which wrote it"
            raise not_readable("skops", path, unsafe or error, _OWN if unsafe else fit) from error


def model_bytes(value: Any, path: Path) -> bytes:
    """The file of a model, the same for the same model.

    Raises:
        FormatError: If it is no scikit-learn model, or would not come back as it is.
    """
    skops = _skops()
    base = need("sklearn.base", extra="sklearn", why="the skops format")
    if not isinstance(value, base.BaseEstimator):
        hint = "put several models into a scikit-learn Pipeline, or each into an output of its own"
        raise wrong_kind("skops", "a scikit-learn model", value, path, hint)
    data = _dump(skops, value, path)
    try:
        again = skops.loads(data, trusted=TRUSTED)
    except Exception as error:  # whatever the classes in it raise
        unsafe = _unsafe(skops, data, error)
        why = unsafe or f"it could not be loaded again: {error}"
        raise not_exact("skops", why, path, *([_OWN] if unsafe else []), _PICKLE) from error
    if data != _dump(skops, again, path):
        raise not_exact("skops", "it would not come back as it is", path, _PICKLE)
    return data


def _skops() -> Any:
    return need("skops.io", extra="sklearn", why="the skops format")


def _dump(skops: Any, model: Any, path: Path) -> bytes:
    try:
        return canonical(skops.dumps(model))
    except Exception as error:  # skops refuses a type with any of several errors
        why = "it holds itself" if isinstance(error, RecursionError) else str(error).rstrip(".")
        raise not_exact("skops", why, path, "leave out what cannot be kept", _PICKLE) from error


def _unsafe(skops: Any, data: bytes, error: Exception) -> str | None:
    """The sentence for a file that was refused for its types, or None if the error is another one."""
    if not isinstance(error, skops.exceptions.UntrustedTypesFoundException):
        return None
    names = [name for name in skops.get_untrusted_types(data=data) if name not in TRUSTED]
    return f"it needs types that are not known to be safe to load: {', '.join(names)}"
