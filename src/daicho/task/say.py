"""The user's say: what a task class declares to count beside what is seen, or not to count though it is seen.

Three plain tuples on the class, and those of its bases with them:

    uses = ("sql/query.sql", "mylib.rules:limit", helper)    counts as its code
    ignores = ("mylib.log",)                                 is left out of its code
    environment = ("LANG",)                                  variables whose values count
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import PurePosixPath
from types import ModuleType
from typing import Any, Final

import luigi

from daicho.errors import DeclarationError
from daicho.task import patience

NAMES: Final = ("uses", "ignores", "environment")

_EXAMPLES: Final = {
    "uses": 'uses = ("sql/query.sql", "mylib.rules:limit")',
    "ignores": 'ignores = ("mylib.log:setup",)',
    "environment": 'environment = ("LANG",)',
}
_VARIABLE: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def uses_of(kind: type) -> tuple[object, ...]:
    """What counts as a class's code: objects, `module:name`, modules, and files of the project."""
    return _gathered(kind, "uses")


def ignores_of(kind: type) -> tuple[str, ...]:
    """What is left out of a class's code: modules and `module:name`."""
    return tuple(str(each) for each in _gathered(kind, "ignores"))


def environment_of(kind: type) -> tuple[str, ...]:
    """The environment variables whose values count."""
    return tuple(str(each) for each in _gathered(kind, "environment"))


def leaves_out(kind: type, seen: str) -> bool:
    """Whether a class ignores a piece of code that was seen to run, `code:package.module:name`."""
    module, _, name = seen.removeprefix("code:").removesuffix("+docs").partition(":")
    for each in ignores_of(kind):
        where, colon, what = each.partition(":")
        if colon and (where, what) == (module, name.partition(".")[0]):
            return True
        if not colon and (module == where or module.startswith(f"{where}.")):
            return True
    return False


def check(kind: type) -> None:
    """Check what a class that was just made says.

    Raises:
        DeclarationError: If it is no tuple, an item can't be meant, or what it says of its patience.
    """
    patience.check(kind)
    for name in NAMES:
        value = vars(kind).get(name, ())
        if not isinstance(value, tuple | list | luigi.Parameter | property):
            raise DeclarationError(
                f"`{kind.__name__}.{name}` is {_short(value)}, but must be a tuple",
                hints=(f"write {_EXAMPLES[name]} (with the comma)",),
            )
        for item in value if isinstance(value, tuple | list) else ():
            fault = _FAULTS[name](item)
            if fault is not None:
                raise DeclarationError(
                    f"`{kind.__name__}.{name}` holds {_short(item)}: {fault}",
                    hints=(f"for example: {_EXAMPLES[name]}",),
                )


def is_symbol(text: str) -> bool:
    """Whether a text can be `package.module` or `package.module:name`."""
    module, colon, name = text.partition(":")
    return _is_dotted(module) and (_is_dotted(name) or not colon)


def _gathered(kind: type, name: str) -> tuple[Any, ...]:
    """What a class and its bases say: a method that is inherited reads what its own class declared."""
    said = (vars(base).get(name) for base in kind.__mro__)
    return tuple(item for value in said if isinstance(value, tuple | list) for item in value)


def _fault_of_use(item: object) -> str | None:
    if not isinstance(item, str):
        named = hasattr(item, "__module__") and hasattr(item, "__qualname__")
        known = isinstance(item, ModuleType | partial | staticmethod | classmethod)
        return None if named or known else "neither a function, a class, a module nor a text"
    if not item:
        return "an empty text"
    if ":" in item:
        return None if is_symbol(item) else "not of the form `package.module:name`"
    path = PurePosixPath(item)
    if path.is_absolute() or ".." in path.parts:
        return "a file outside of the project (declare it as a source instead)"
    return None


def _fault_of_ignored(item: object) -> str | None:
    if not isinstance(item, str) or not is_symbol(item):
        return "not of the form `package.module` or `package.module:name`"
    if "." in item.partition(":")[2]:
        return "a part of a definition: only whole ones can be left out"
    return None


def _fault_of_variable(item: object) -> str | None:
    named = isinstance(item, str) and _VARIABLE.fullmatch(item)
    return None if named else "not the name of an environment variable"


_FAULTS: Final = {"uses": _fault_of_use, "ignores": _fault_of_ignored, "environment": _fault_of_variable}


def _is_dotted(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))


def _short(value: object) -> str:
    """A value for a message: what follows a `=` may be a secret that stands in the wrong place."""
    text = re.sub(r"=.*", "=…", repr(value), flags=re.DOTALL)
    return text if len(text) <= 60 else text[:57] + "..."
