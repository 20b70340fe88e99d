"""A skops file with the same bytes for the same model, in any process and at any time.

A skops file is a zip of `schema.json`, a tree of nodes, and of one member for each array. Several things in it
differ each time although the model does not: the times in the zip; the names of the members and the `__id__` of
each node, which are addresses in memory; and the order of sets, which goes by hashes. An `__id__` is needed
where two places hold one object, so that they hold one again when it is loaded; whether two places share a
*constant* (a string, a number, a tuple) is chance, and nobody can tell. So:

- ids are kept only where an object that can change occurs twice, and are counted 1, 2, 3 as they occur;
- members are numbered in that order too, and equal ones are one member;
- the nodes of a set are sorted;
- an address that scikit-learn itself keeps in a model is set to 0, which is no address;
- the zip has no times and is not compressed (what a compressor writes depends on its version).
"""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from daicho._lazy import need
from daicho.formats._npy import without_gaps
from daicho.formats._zips import add

_CONSTANT = frozenset(
    ("JsonNode", "TupleNode", "TypeNode", "FunctionNode", "DTypeNode", "SliceNode", "BytesNode", "MethodNode")
)
_ADDRESS = "_stop_words_id"  # of the stop words that a text vectorizer has checked; else it checks again


def canonical(dump: bytes) -> bytes:
    """Rewrite the bytes that `skops.io.dumps` gave."""
    with zipfile.ZipFile(io.BytesIO(dump)) as source:
        schema = json.loads(source.read("schema.json"))
        _forget_addresses(schema)
        _sort_sets(schema)
        _number_ids(schema)
        members = _number_members(schema, source)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, data in members.items():
            add(target, name, data)
        add(target, "schema.json", json.dumps(schema, separators=(",", ":")).encode())
    return buffer.getvalue()


def _nodes(part: Any) -> Iterator[dict[str, Any]]:
    """All nodes of the tree, each before those below it; a dict of attributes by name is not a node."""
    if isinstance(part, dict):
        if isinstance(part.get("__loader__"), str):
            yield part
        for child in part.values():
            yield from _nodes(child)
    elif isinstance(part, list):
        for child in part:
            yield from _nodes(child)


def _forget_addresses(schema: Any) -> None:
    for node in _nodes(schema):
        if node["__loader__"] == "DictNode" and _ADDRESS in node["content"]:
            node["content"][_ADDRESS]["content"] = "0"


def _sort_sets(schema: Any) -> None:
    for node in _nodes(schema):
        if node["__loader__"] == "SetNode":
            node["content"].sort(key=_without_addresses)


def _without_addresses(part: Any) -> str:
    def strip(inner: Any) -> Any:
        if isinstance(inner, dict):
            return {key: strip(value) for key, value in inner.items() if key not in ("__id__", "file")}
        return [strip(value) for value in inner] if isinstance(inner, list) else inner

    return json.dumps(strip(part))


def _number_ids(schema: Any) -> None:
    times = Counter(node.get("__id__") for node in _nodes(schema))
    numbers: dict[int, int] = {}
    for node in _nodes(schema):
        address = node.pop("__id__", None)
        if times[address] > 1 and not _is_constant(node):
            node["__id__"] = numbers.setdefault(address, len(numbers) + 1)


def _is_constant(node: dict[str, Any]) -> bool:
    number = node["__loader__"] == "NdArrayNode" and node["__class__"] != "ndarray"  # a numpy scalar
    return number or node["__loader__"] in _CONSTANT


def _number_members(schema: Any, source: zipfile.ZipFile) -> dict[str, bytes]:
    """Give the members new names in the tree, and return them by those names."""
    names: dict[tuple[str, bytes], str] = {}
    seen: dict[str, str] = {}
    for node in _nodes(schema):
        old = node.get("file")
        if not isinstance(old, str):
            continue
        if old not in seen:
            end = PurePosixPath(old).suffix
            data = _clean(end, source.read(old))
            seen[old] = names.setdefault((end, data), f"{len(names)}{end}")
        node["file"] = seen[old]
    return {name: data for (_, data), name in names.items()}


def _clean(end: str, data: bytes) -> bytes:
    """The bytes of a member, without what lay in memory between the fields of a structured array."""
    if end != ".npy":
        return data
    numpy = need("numpy", extra="sklearn", why="the skops format")
    array = numpy.load(io.BytesIO(data), allow_pickle=False)
    if array.dtype.names is None:
        return data
    buffer = io.BytesIO()
    numpy.save(buffer, without_gaps(array), allow_pickle=False)
    return buffer.getvalue()
