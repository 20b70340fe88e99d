"""yaml: plain Python values; exactly or not at all.

Only plain YAML is written and read (no tags that make objects), by the same code on every machine: never by
libyaml, whose lines may break elsewhere. Keys are sorted, and a value that stands in two places is written twice,
since whether two equal values are one object is chance. What was written is read back at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from daicho._lazy import need
from daicho.errors import FormatError
from daicho.formats._files import write
from daicho.formats._plain import difference
from daicho.formats._refusals import not_exact, not_readable

_TYPES = "use dicts with str keys, lists, str, int, float, bool, None, bytes, sets, dates and datetimes"


class Yaml:
    """Saves dicts with str keys, lists, str, int, float, bool, None, bytes, sets, dates and datetimes."""

    name = "yaml"
    suffixes: tuple[str, ...] = (".yaml", ".yml")
    folder = False
    runs_code = False
    repeats = True

    def save(self, value: Any, path: Path) -> None:
        """Write a plain value, after a look at what would come back."""
        yaml = _yaml()
        try:
            _check_keys(value, path)
            data = _text(yaml, value).encode("utf-8")
            why = difference(value, yaml.load(data, Loader=yaml.SafeLoader))
        except RecursionError as error:
            raise not_exact("yaml", "it is nested too deeply, or holds itself", path) from error
        except FormatError:
            raise
        except (yaml.YAMLError, ValueError, TypeError, AttributeError) as error:
            raise not_exact("yaml", _said(error), path, _TYPES) from error
        if why is not None:
            raise not_exact("yaml", why, path, _TYPES)
        write(path, data)

    def load(self, path: Path) -> Any:
        """Give the value back; a file with tags that make objects is refused."""
        yaml = _yaml()
        data = path.read_bytes()
        try:
            return yaml.load(data, Loader=yaml.SafeLoader)
        except (yaml.YAMLError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise not_readable("yaml", path, " ".join(str(error).split())) from error


def _yaml() -> Any:
    return need("yaml", extra="yaml", why="the yaml format")


def _text(yaml: Any, value: Any) -> str:
    dumper: Any = type("_Dumper", (yaml.SafeDumper,), {"ignore_aliases": lambda self, data: True})
    for kind in (dict, list):  # subclasses of them as what they are
        dumper.add_multi_representer(kind, yaml.SafeDumper.yaml_representers[kind])
    text: str = yaml.dump(value, Dumper=dumper, allow_unicode=True, sort_keys=True)
    return text


def _check_keys(value: Any, path: Path) -> None:
    if isinstance(value, dict):
        for key in value:
            if type(key) is not str:
                why = f"{key!r} is a key of type `{type(key).__name__}`, and keys of several types have no order"
                raise not_exact("yaml", why, path, "turn the keys into str")
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            _check_keys(item, path)


def _said(error: Exception) -> str:
    if len(error.args) == 2:  # what, and the object that it is about
        return f"{error.args[0]} of type `{type(error.args[1]).__name__}`"
    return " ".join(str(error).split()).rstrip(".")
