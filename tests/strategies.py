"""The home of Hypothesis strategies: values as they come in parameters, records as they are kept."""

from __future__ import annotations

import string
from datetime import timedelta, timezone
from pathlib import PurePosixPath
from typing import Any

from hypothesis import strategies as st

from daicho.record import Failure, InputRecord, Manifest, OutputRecord, Record, SourceRecord

NAMES = st.text(string.ascii_lowercase + "_", min_size=1, max_size=8)
"""Names of parameters, attributes, files."""

HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
"""Digests."""

ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
"""Time zones at a fixed distance from UTC."""

JSON_SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)

JSON = st.recursive(
    JSON_SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
"""Values that JSON gives back as they were."""

HASHABLE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.dates()
    | st.datetimes(timezones=st.none() | ZONES)
    | st.times()
    | st.timedeltas()
    | st.decimals(allow_nan=False)
    | st.uuids()
    | st.text("ab/", min_size=1, max_size=5).map(PurePosixPath),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.frozensets(inner, max_size=3),
    max_leaves=5,
)
"""Plain values that can be keys of a dictionary."""

PLAIN: st.SearchStrategy[Any] = st.recursive(
    HASHABLE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(HASHABLE, inner, max_size=3),
    max_leaves=8,
)
"""Plain values of every kind that has a canonical encoding."""

_SIZES = st.integers(0, 2**62)
_TIMES = st.floats(0, 4e9)

OUTPUTS = st.builds(OutputRecord, NAMES, NAMES, NAMES, HEX, _SIZES, st.booleans())

RECORDS = st.builds(
    Record,
    task=NAMES,
    task_id=NAMES,
    key=st.none() | HEX,
    parameters=st.dictionaries(NAMES, JSON, max_size=3),
    code=st.dictionaries(NAMES, HEX, max_size=3),
    sources=st.lists(st.builds(SourceRecord, NAMES, st.text(), HEX, _SIZES), max_size=2).map(tuple),
    inputs=st.lists(st.builds(InputRecord, NAMES, NAMES, NAMES, HEX, NAMES, st.none() | HEX), max_size=2).map(
        tuple
    ),
    outputs=st.lists(OUTPUTS, max_size=2).map(tuple),
    version=st.text(max_size=5),
    settings=st.dictionaries(NAMES, st.text(max_size=5), max_size=2),
    extra=st.dictionaries(NAMES, st.text(max_size=5), max_size=2),
    supersedes=st.lists(HEX, max_size=2).map(tuple),
    reasons=st.lists(st.text(), max_size=2).map(tuple),
    provenance=st.dictionaries(NAMES, JSON, max_size=2),
    started=_TIMES,
    ended=_TIMES,
    run_id=st.none() | HEX,
    experiment_id=st.none() | NAMES,
    artifact_uri=st.none() | NAMES,
)
"""Records with everything in them."""

_FAILURES = st.builds(
    Failure,
    st.text(),
    st.text(),
    st.lists(st.text(), max_size=2).map(tuple),
    st.text(),
    st.lists(st.text(), max_size=2).map(tuple),
)

MANIFESTS = st.builds(
    Manifest,
    task_id=NAMES,
    outcome=st.sampled_from(["ran", "failed", "interrupted"]),
    started=_TIMES,
    ended=_TIMES,
    outputs=st.lists(OUTPUTS, max_size=2).map(tuple),
    extra=st.dictionaries(NAMES, st.text(), max_size=2),
    failure=st.none() | _FAILURES,
)
"""What workers leave behind."""
