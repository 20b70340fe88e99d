"""Credentials in URLs: replaced wherever a URL stands in a text."""

from __future__ import annotations

import re

MASK = "***"

# What no URL may hold unescaped, so that it ends one in a text. `'` is legal in a password and so is no end.
_END = r"\s\"<>`"

# What stands between `://` and `@`. After a colon that no port follows comes a password: it may hold a bare
# `@`, `/`, `?` or `#`, so it reaches to the last `@` of the URL, though this may hide a host too. Otherwise
# it reaches to the last `@` before the path. Bounded: a megabyte of text must not take quadratic time.
_USER = re.compile(
    rf"://(?P<user>[^{_END}/?#@:\[]*:(?!\d*(?:[{_END}/?#]|$))[^{_END}]{{0,1024}}|[^{_END}/?#]*)@",
)

_URL = re.compile(rf"://[^{_END}]+")

# The query's parameters whose names tell that their value is secret; what closes a quotation in code is kept.
_TELLING = r"(?:token|pass(?!eng)|pwd|secret|key(?!word)|sig|auth(?!or)|cred|code)"
_QUERY = re.compile(
    rf"(?P<name>[?&#;][^{_END}=&?#;]{{0,64}}?{_TELLING}[^{_END}=&?#;]{{0,64}}=)"
    rf"[^{_END}&]+?(?P<tail>['),;\]}}.]{{0,8}}(?=[{_END}&]|$))",
    re.IGNORECASE,
)


def mask_url(text: str) -> str:
    """Replace the credentials in every URL of a text by `***`.

    Credentials are the user and password before the host (a bare user of an ssh address is kept, since it is
    no secret) and the values of query parameters whose names speak of a token, password, key, signature or
    the like. Addresses such as `git@host:path` hold none and stay as they are.
    """
    if "://" not in text:
        return text
    return _URL.sub(_masked_query, _USER.sub(_masked_user, text))


def _masked_user(match: re.Match[str]) -> str:
    scheme = match.string[max(0, match.start() - 3) : match.start()].lower()
    if scheme == "ssh" and ":" not in match["user"]:
        return match[0]
    return f"://{MASK}@"


def _masked_query(match: re.Match[str]) -> str:
    return _QUERY.sub(lambda found: f"{found['name']}{MASK}{found['tail']}", match[0])
