"""A small check of documents against the JSON Schemas that daicho ships: the words that these use, no more."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict, "array": list, "string": str, "number": (int, float), "integer": int, "boolean": bool,
    "null": type(None),
}  # fmt: skip
_WORDS = {
    "$defs", "$id", "$ref", "$schema", "additionalProperties", "anyOf", "const", "description", "enum", "items",
    "minimum", "properties", "required", "title", "type",
}  # fmt: skip


def schema(name: str) -> dict[str, Any]:
    """The schema of a document: `plan`, `run`, …"""
    text = (files("daicho.cli") / "schemas" / f"{name}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def check(name: str, document: Any) -> None:
    """Fail unless the document is as its schema says, with no key that the schema does not know."""
    whole = schema(name)
    assert f"daicho.{name}/1" == document["schema"]
    assert "schema" == next(iter(document))
    _check(whole, document, whole, name)


def _check(part: dict[str, Any], value: Any, whole: dict[str, Any], at: str) -> None:
    assert set(part) <= _WORDS, f"{at}: the check does not know {set(part) - _WORDS}"
    if "$ref" in part:
        _check(whole["$defs"][part["$ref"].removeprefix("#/$defs/")], value, whole, at)
    if "anyOf" in part:
        assert any(_fits(each, value, whole, at) for each in part["anyOf"]), f"{at}: {value!r} fits none"
    if "type" in part:
        names = part["type"] if isinstance(part["type"], list) else [part["type"]]
        fits = any(isinstance(value, _TYPES[each]) for each in names)
        assert fits and (not isinstance(value, bool) or "boolean" in names), f"{at}: {value!r} is no {names}"
    assert value in part.get("enum", [value]), f"{at}: {value!r} is none of {part.get('enum')}"
    assert value == part.get("const", value), at
    if "minimum" in part:
        assert value >= part["minimum"], f"{at}: {value!r} is too small"
    if isinstance(value, dict):
        _check_object(part, value, whole, at)
    if isinstance(value, list) and "items" in part:
        for place, item in enumerate(value):
            _check(part["items"], item, whole, f"{at}[{place}]")


def _check_object(part: dict[str, Any], value: dict[str, Any], whole: dict[str, Any], at: str) -> None:
    known = part.get("properties", {})
    assert set(part.get("required", ())) <= set(value), f"{at}: lacks {set(part['required']) - set(value)}"
    for name, item in value.items():
        inner = known.get(name, part.get("additionalProperties"))
        if inner is not None:
            _check(inner, item, whole, f"{at}.{name}")
        else:
            assert not known, f"{at}: {name} is not described"


def _fits(part: dict[str, Any], value: Any, whole: dict[str, Any], at: str) -> bool:
    try:
        _check(part, value, whole, at)
    except AssertionError:
        return False
    return True


def check_line(name: str, line: Any) -> None:
    """Fail unless an object of a stream is as its schema says, with no key that the schema does not know."""
    whole = schema(name)
    (kind,) = [
        each["$ref"]
        for each in whole["anyOf"]
        if whole["$defs"][each["$ref"].removeprefix("#/$defs/")]["properties"]["event"]["const"]
        == line["event"]
    ]
    _check({"$ref": kind}, line, whole, line["event"])
