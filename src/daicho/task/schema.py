"""A JSON Schema of `luigi.toml`, made from the project's own task classes: editors complete and check by it.

Draft 7, which the TOML tools of editors know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import luigi

from daicho.config.own import DESCRIPTIONS, FLAGS, LISTS, POLICIES
from daicho.config.settings import LUIGI_SECTIONS, SHARED
from daicho.errors import DaichoError
from daicho.provenance import looks_secret
from daicho.task.annotation import Kind
from daicho.task.check import families_of
from daicho.task.field import Field
from daicho.task.source import SourceField
from daicho.task.task import Task

_DRAFT = "http://json-schema.org/draft-07/schema#"
_ANY: dict[str, Any] = {"type": "object"}


def schema_of(tasks: Iterable[type[luigi.Task]]) -> dict[str, Any]:
    """The schema of a configuration for some tasks."""
    families = {family: kind for task in tasks for family, kind in families_of(task)}
    definitions: dict[str, Any] = {}
    parameters = {family: _parameters(family, kind, definitions) for family, kind in families.items()}
    root = _table({section: _own(section, list(families)) for section in DESCRIPTIONS})
    root["properties"]["PathConfig"] = {
        "type": "object",
        "description": "Where files lie: prefixes of paths, and the folders of tasks that are pinned.",
        "additionalProperties": {"type": "string"},
    }
    root["properties"] |= dict.fromkeys(LUIGI_SECTIONS, _ANY)
    root["properties"][SHARED] = _shared(parameters.values())
    for family in sorted(families):
        _put(root, family, _section(families[family], parameters[family]))
    return {"$schema": _DRAFT, "title": "luigi.toml", **root, "definitions": definitions}


def _table(properties: dict[str, Any], description: str = "") -> dict[str, Any]:
    """A table that has these keys and no others."""
    told = {"description": description} if description else {}
    return {"type": "object", **told, "properties": properties, "additionalProperties": False}


def _own(section: str, families: list[str]) -> dict[str, Any]:
    """One of our own tables."""
    found: dict[str, Any] = {}
    for key, description in DESCRIPTIONS[section].items():
        kind: dict[str, Any] = {"type": "string", "minLength": 1}
        if key == "environment":
            kind = {"enum": list(POLICIES)}
        elif key in FLAGS:
            kind = {"type": "boolean"}
        elif key in LISTS:
            kind = {"anyOf": [kind, {"type": "array", "items": kind}]}
        elif key == "task":
            kind = {"anyOf": [{"enum": sorted(families)}, {"type": "string", "pattern": r"\."}]}
        found[key] = {**kind, "description": description}
    return _table(found)


def _section(kind: type[luigi.Task], parameters: dict[str, Any]) -> dict[str, Any]:
    """The table of a task, and those of its further configurations in it."""
    about = (kind.__doc__ or "").strip().partition("\n")[0] if "__doc__" in vars(kind) else ""
    made = _table(parameters, about)
    if getattr(kind, "free_section", False) or not issubclass(kind, Task):
        return {**made, "additionalProperties": True}
    return {
        **made,
        "additionalProperties": _table(parameters, f"A further configuration of {kind.__name__}."),
    }


def _put(root: dict[str, Any], family: str, section: dict[str, Any]) -> None:
    """Put a task's table where its namespace lies; also under its whole name in quotes."""
    root["properties"][family] = section
    *spaces, name = family.split(".")
    for space in spaces:
        root = root["properties"].setdefault(space, _table({}))
    root["properties"][name] = section


def _shared(all_parameters: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The values for all tasks: of each name what any of them takes."""
    found: dict[str, list[Any]] = {}
    for parameters in all_parameters:
        for name, kind in parameters.items():
            bare = {key: value for key, value in kind.items() if key not in ("default", "description")}
            if bare not in found.setdefault(name, []):
                found[name].append(bare)
    kinds = {name: each[0] if len(each) == 1 else {"anyOf": each} for name, each in found.items()}
    return _table(kinds, "Values for every task that has such a parameter and no value of its own.")


def _parameters(family: str, kind: type[luigi.Task], definitions: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, parameter in kind.get_params():
        if isinstance(parameter, Field) and parameter.kind.secret:
            continue  # never in a file
        told = {"description": parameter.description} if parameter.description else {}
        found[name] = {**_type_of(family, name, parameter, definitions), **told, **_default(name, parameter)}
    return found


def _default(name: str, parameter: luigi.Parameter[Any]) -> dict[str, Any]:
    """The class's own value, where it can stand in a file."""
    if not isinstance(parameter, Field) or not parameter.has_default or looks_secret(name):
        return {}
    try:
        value = parameter.default
    except DaichoError:
        return {}
    plain = isinstance(value, bool | int | float | str)
    return {"default": value} if plain else {}


def _type_of(
    family: str, name: str, parameter: luigi.Parameter[Any], definitions: dict[str, Any]
) -> dict[str, Any]:
    """What a file may say of a parameter."""
    if isinstance(parameter, SourceField):
        return {"type": "string"}
    if not isinstance(parameter, Field):
        return {}
    if parameter.kind.holds_tasks:
        return {"type": "string"} if parameter.kind.dependency is not None else {}
    return _of_pydantic(parameter.kind, f"{family}.{name}", definitions)


def _of_pydantic(kind: Kind, prefix: str, definitions: dict[str, Any]) -> dict[str, Any]:
    from pydantic import TypeAdapter
    from pydantic.errors import PydanticUserError

    try:
        found = TypeAdapter(kind.type).json_schema(ref_template=f"#/definitions/{prefix}.{{model}}")
    except PydanticUserError:
        return {}  # whatever it takes, JSON has no word for it
    definitions |= {f"{prefix}.{model}": each for model, each in found.pop("$defs", {}).items()}
    return found
