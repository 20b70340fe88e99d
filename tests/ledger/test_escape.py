"""Names inside a folder come back from every store as they were."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from daicho.ledger._escape import escaped, unescaped
from tests.ledger.scene import Scene

NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="/") | st.sampled_from("=x#?%23AF "),
    min_size=1,
    max_size=12,
)


@given(NAMES)
@example("=x23")
@example("==x23")
@example("=x2#")
@example("a=1.csv")
@example(" é ")
def test_there_and_back(name: str) -> None:
    """Every name comes back, and on its way it has no sign that a server loses."""
    stored = escaped(name)
    assert name == unescaped(stored)
    assert not set("#?%\\") & set(stored)


def test_ordinary_names_look_the_same() -> None:
    """What every store keeps is not escaped: years of partitions stay readable on MLflow's page."""
    for name in ("part=1/year=2024/größe a.csv", "x=ab", "a=b=c"):
        assert name == escaped(name)


def test_a_folder_of_odd_names(scene: Scene) -> None:
    """A folder with names that servers lose is stored whole and fetched whole."""
    content = {"a#b.txt": b"1", "100%/what?.txt": b"2", "=x23": b"3", " blank ": b"4", "ordinary/ü.txt": b"5"}
    scene.open()
    record = scene.publish(outputs={"plots": content})
    place = scene.ledger().fetch(record, record.outputs[0])
    assert content == {name: (place / name).read_bytes() for name in content}
    assert 5 == sum(path.is_file() for path in place.rglob("*"))
