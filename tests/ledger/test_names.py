"""Names of outputs: what every artifact store keeps as it is passes, all else is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.errors import DeclarationError
from daicho.ledger import check_artifact_name


@pytest.mark.parametrize(
    "name", ["scores.csv", "model", "deep/er/é.txt", "a b.txt", "x+y&z=[1],(2)@!~.txt", ".hidden"]
)
def test_good_names(name: str) -> None:
    """Names that travel well are accepted."""
    check_artifact_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a#b",
        "a?b",
        "50%",
        "a\nb",
        "a\\b",
        " a",
        "a ",
        "../a",
        "a/../b",
        ".",
        "/a",
        "a/",
        "a//b",
        "daicho/x",
        "daicho",
        ".daicho-x",
        "x" * 201,
        "é" * 101,
        "a/ b",
    ],
)
def test_bad_names(name: str) -> None:
    """Names that a store would lose, change or mistake are refused, and the message shows them."""
    with pytest.raises(DeclarationError) as caught:
        check_artifact_name(name)
    assert repr(name) in caught.value.message


@given(st.text(alphabet=st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=50))
def test_letters_and_digits_pass(name: str) -> None:
    """Any letters and digits are a name, but for daicho's own."""
    if name != "daicho":
        check_artifact_name(name)
