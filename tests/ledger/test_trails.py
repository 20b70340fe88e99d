"""What a launch leaves for the next, on every store: found by its deep digests, the newest first, as long as it lives."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlflow import MlflowClient

from daicho.ledger import Trail
from daicho.ledger._client import ClientReader
from daicho.ledger._marks import LONGEST_PROFILE
from daicho.ledger._trails import packed, unpacked
from tests.ledger.scene import Scene, new_key
from tests.strategies import HEX


def _leave(scene: Scene, *deep: str, keys: dict[str, str], **details: Any) -> tuple[str, str]:
    """A launch that ends and leaves keys; its run and its digest."""
    launch = new_key()
    run_id = scene.open(**details)
    scene.close(launch=launch, deep=deep, keys=keys)
    return run_id, launch


def _by_client(scene: Scene) -> Callable[..., list[Trail]]:
    """The same question, by MLflow's own client."""
    ledger = scene.ledger()
    ledger._reader = ClientReader(scene.store)
    return ledger.launched


def test_what_is_left_is_found(scene: Scene) -> None:
    """The newest launches that bear one of the digests come with their own digest and the keys of their results."""
    same, like = new_key(), new_key()
    first, second, third = ({new_key(): new_key() for _ in range(3)} for _ in range(3))
    one = _leave(scene, same, like, keys=first)
    two = _leave(scene, new_key(), like, keys=second)
    three = _leave(scene, same, like, keys=third)
    for launched in (scene.ledger().launched, _by_client(scene)):
        found = launched((same, like), 5)
        assert [three, two, one] == [(trail.launch.run_id, trail.digest) for trail in found]
        assert [True, False, True] == [trail.bears(same) for trail in found]
        for trail, keys in zip(found, (third, second, first), strict=True):
            assert list(keys.values()) == [trail.key(deep) for deep in keys]
            assert None is trail.key(new_key())
        assert [three[0], two[0]] == [trail.launch.run_id for trail in launched((same, like), 2)]
        assert [three[0], one[0]] == [trail.launch.run_id for trail in launched((same,), 5)]
        assert [] == launched((new_key(),), 5)
    assert three[0] == getattr(scene.ledger().launch(three[1]), "run_id", None)


def test_what_is_gone_or_elsewhere_is_not_found(scene: Scene) -> None:
    """A deleted launch, and one of another project, have left nothing."""
    deep = new_key()
    run_id, _ = _leave(scene, deep, keys={new_key(): new_key()})
    apart = scene.ledger(project="planes", experiment="planes")
    assert [] == apart.launched((deep,), 5)
    assert 1 == len(
        scene.ledger(project="planes", experiment="planes", share=("ships",)).launched((deep,), 5)
    )
    MlflowClient(scene.store.uri).delete_run(run_id)
    assert [] == scene.ledger().launched((deep,), 5)


def test_only_what_is_done_leaves_anything(scene: Scene) -> None:
    """A launch that failed leaves nothing, nor does one that ends in somebody's own run, or has too many keys."""
    deep = new_key()
    scene.open()
    scene.close(deep=(deep,), keys={new_key(): new_key()})
    client = MlflowClient(scene.store.uri)
    theirs = client.get_run(scene.open()).info.experiment_id
    scene.close()
    own = client.create_run(theirs, run_name="mine").info.run_id
    _leave(scene, deep, keys={new_key(): new_key()}, adopt=own)
    many = {f"{number:012x}{number:052x}": f"{number:064x}" for number in range(LONGEST_PROFILE // 50)}
    _, launch = _leave(scene, deep, keys=many)
    assert None is not scene.ledger().launch(launch)
    assert [] == scene.ledger().launched((deep,), 5)


def test_none_where_there_is_no_store(own: Scene) -> None:
    """Looking makes no store."""
    assert [] == own.ledger().launched((new_key(),), 5)
    assert own.store.new


@given(st.dictionaries(HEX, HEX, max_size=40))
def test_keys_come_back(keys: dict[str, str]) -> None:
    """What is kept of deep keys and keys is found again, but for deep keys that begin alike."""
    first = {deep[:12]: key for deep, key in keys.items()}
    found = unpacked(packed(keys))
    assert set(first) == set(found)
    assert set(found.items()) <= {(deep[:12], key) for deep, key in keys.items()}


def test_too_many_are_not_kept() -> None:
    """What would be longer than a profile may be is not kept at all; 15,000 tasks are not too many."""
    keys = {f"{number:012x}{number:052x}": f"{number:064x}" for number in range(LONGEST_PROFILE // 50)}
    assert None is packed(keys)
    assert packed(dict(list(keys.items())[:15_000])) is not None


@pytest.mark.parametrize("text", [None, "", "[]", "{", "3", '{"keys": 3}', '{"keys": "?"}', '{"rows": 5}'])
def test_what_is_not_ours_holds_no_keys(text: str | None) -> None:
    """A profile that somebody else has written is read as nothing."""
    assert {} == unpacked(text)


def test_half_a_line_is_none() -> None:
    """What is left of a text that was cut is read as far as it is whole."""
    whole = json.loads(packed({"a" * 64: "b" * 64, "c" * 64: "d" * 64}) or "")["keys"]
    assert {"a" * 12: "b" * 64} == unpacked(json.dumps({"keys": whole[:-8]}))
