"""Values that look like secrets are masked in what is written down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.provenance import looks_secret, mask_arguments, mask_settings


@pytest.mark.parametrize(
    "name", ["password", "DB_PASSWORD", "api_key", "apiKey", "secret", "auth_token", "access_key"]
)
def test_names_of_secrets_are_known(name: str) -> None:
    """A name that a secret would have is one."""
    assert looks_secret(name)


@pytest.mark.parametrize("name", ["seed", "author", "authors", "columns", "passengers", "keyboard"])
def test_other_names_are_left_alone(name: str) -> None:
    """A name that only resembles one is none."""
    assert not looks_secret(name)


def test_settings_keep_their_shape() -> None:
    """Only the values of such keys are gone; tables, comments and other keys stay as they stand."""
    text = '[Db]\nhost = "h"  # a comment\npassword = "hunter2"\nport = 1\n'

    assert '[Db]\nhost = "h"  # a comment\npassword = "***"\nport = 1\n' == mask_settings(text)


@pytest.mark.parametrize(
    "value", ['"""\nhunter2\nmore\n"""', "[\n  'hunter2',\n]", "{ a = 'hunter2' }", "'hunter2' # hunter2"]
)
def test_values_over_several_lines_are_gone_whole(value: str) -> None:
    """A value that goes on over lines is masked to its end, and what follows stays."""
    masked = mask_settings(f"token = {value}\nafter = 1\n")

    assert 'token = "***"\nafter = 1\n' == masked


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=6))
def test_no_password_of_the_command_line_survives(word: str) -> None:
    """A value for such a parameter is not in the command line that is recorded."""
    masked = mask_arguments(["run", f"Load.password=zq{word}", "--check", f"https://u:zq{word}@host/x"])

    assert "zq" not in " ".join(masked)
    assert "Load.password=***" == masked[1]
