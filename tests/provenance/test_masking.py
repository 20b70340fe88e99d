"""No password in an address survives, and what is none stays."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.provenance import mask_url

# All that a URL may hold where a password stands, and what people put there though it may not.
_LETTERS = "abcXYZ019-._~%!$&'()*+,;=:@"
_USERS = st.text("abcXYZ019-._~%", max_size=8)
_PASSWORDS = st.text(_LETTERS, min_size=1, max_size=20)
_ODD_PASSWORDS = st.text(_LETTERS + "/?#é", min_size=1, max_size=20).map(lambda text: "p" + text)
_SCHEMES = st.sampled_from(
    ["https", "http", "git+https", "ssh", "git+ssh", "postgresql", "s3", "HTTPS", "ftp"]
)
_AROUND = st.sampled_from(["", " ", "\n", '"', "url = <", "+  see `"])


@given(_SCHEMES, _USERS, _PASSWORDS | _ODD_PASSWORDS, _AROUND, _AROUND)
def test_no_password_survives(scheme: str, user: str, password: str, before: str, after: str) -> None:
    """User and password before a host are replaced as a whole, whatever the password holds."""
    text = f"{before}{scheme}://{user}:{password}@host:80/a/b{after and ' ' + after}"
    assert f"{before}{scheme}://***@host:80/a/b{after and ' ' + after}" == mask_url(text)


@given(st.sampled_from(["https", "http", "git+https"]), st.text("abcXYZ019-._~%!$&()*+,;=", min_size=1))
def test_no_token_before_the_host_survives(scheme: str, token: str) -> None:
    """What stands alone before the host is a token, outside ssh."""
    assert f"{scheme}://***@host/a" == mask_url(f"{scheme}://{token}@host/a")


@given(
    st.sampled_from(
        ["token", "access_token", "private-token", "PASSWORD", "api_key", "X-Amz-Signature", "sig", "pwd"]
    ),
    st.text("abcXYZ019-._~%!$()*+,;:@/?#=", min_size=1).map(lambda text: text + "z"),
    st.sampled_from(["", "&page=2", " and more", '"', "\n"]),
)
def test_no_secret_of_a_query_survives(name: str, secret: str, after: str) -> None:
    """The value of a telling parameter is replaced, up to the next parameter or the end of the address."""
    masked = mask_url(f"see https://host/a?page=1&{name}={secret}{after}")
    assert masked.endswith(f"***{after}")
    assert secret not in masked.removesuffix(after) or len(secret) < 3


@given(
    st.text()
    | st.lists(st.sampled_from(["https://", "a", ":", "@", "/", "?token=", "&", "'", "\n"])).map("".join)
)
def test_masking_twice_is_masking_once(text: str) -> None:
    """What is masked stays as it is."""
    assert mask_url(text) == mask_url(mask_url(text))


@pytest.mark.parametrize(
    "text",
    [
        "git@github.com:ada/engine.git",
        "ssh://git@github.com/ada/engine.git",
        "git+ssh://git@github.com/ada/engine.git",
        "https://example.org/a?page=1&passengers=3#top",
        "http://localhost:5000/@scope/name",
        "http://[::1]:5000/@scope",
        "https://medium.com/@ada/post",
        "ada@example.org and x: y@z",
        "f = lambda a: a ? token=1",
        "https://example.org, ada@example.org",
    ],
)
def test_what_holds_no_secret_stays(text: str) -> None:
    """Addresses without credentials, and text that is no address, are left alone."""
    assert text == mask_url(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("get('https://h/x?token=abc')", "get('https://h/x?token=***')"),
        ("['https://a:b@c/','http://d']", "['https://***@c/','http://d']"),
        ("https://proxy/https://a:b@c/", "https://proxy/https://***@c/"),
        ("https://u:12@h", "https://***@h"),
        ("https://:pw@h", "https://***@h"),
        ("https://h/?a=1&amp;token=abc&amp;b=2", "https://h/?a=1&amp;token=***&amp;b=2"),
        ("https://h/#access_token=abc", "https://h/#access_token=***"),
    ],
)
def test_in_its_surroundings(text: str, expected: str) -> None:
    """In code and markup the credentials go and the rest stays."""
    assert expected == mask_url(text)


@pytest.mark.parametrize(
    "part", ["a", "://", "://a:b/", "https://h?token=", "?token=)", "://a:b@", "&key=''"]
)
def test_a_long_line_takes_moments(part: str) -> None:
    """No line, however odd, takes time that grows with its square."""
    text = "https://" + part * (250_000 // len(part))
    start = time.process_time()
    mask_url(text)
    assert time.process_time() - start < 3
