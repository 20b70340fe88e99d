"""Which names an output may have: those that every artifact store keeps as they are.

MLflow cuts or renames some names without a word when they travel over HTTP, so they are refused before anything runs.
"""

from __future__ import annotations

from daicho.errors import DeclarationError

_REFUSED = "#?%\\"
_LONGEST = 200


def check_artifact_name(name: str) -> None:
    """See that a name can be an artifact's name, at the root of a run or (with `/`) in folders below it.

    Raises:
        DeclarationError: If a store could lose or change it, or if it is in daicho's own folder.
    """
    fault = _fault(name)
    if fault is not None:
        raise DeclarationError(
            f"{name!r} cannot be the name of an output: {fault}",
            hints=("use letters, digits, `-`, `_` and `.`, for example `scores.csv`",),
        )


def _fault(name: str) -> str | None:
    parts = name.split("/")
    if not name or not all(parts):
        return "it is empty, or has an empty part"
    if any(part in (".", "..") for part in parts):
        return "`.` and `..` lead out of the run"
    if any(part != part.strip() for part in parts):
        return "it begins or ends with a blank"
    bad = next((sign for sign in name if sign in _REFUSED or not sign.isprintable()), None)
    if bad is not None:
        return f"the sign {bad!r} is lost or changed on its way to a server"
    if any(len(part.encode()) > _LONGEST for part in parts):
        return f"it is longer than {_LONGEST} bytes"
    if parts[0] == "daicho" or parts[0].startswith(".daicho"):
        return "`daicho/` is daicho's own folder"
    return None
