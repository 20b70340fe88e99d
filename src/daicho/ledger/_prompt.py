"""Answers that come in two pieces, head and body, without a pause of 40 ms between them.

A server that does not switch off Nagle's algorithm (`mlflow server` with several workers, its default) sends the second
piece when the first is acknowledged, and Linux puts an acknowledgement off for 40 ms. Here it is asked not to, for each
answer anew, as the system forgets it (tcp(7), TCP_QUICKACK). Elsewhere than on Linux nothing is done.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

_OPTION: int | None = getattr(socket, "TCP_QUICKACK", None)


def acknowledge_at_once(connection: Any) -> None:
    """Have the next thing that arrives acknowledged at once.

    Args:
        connection: A connection of `http.client` or urllib3 whose request was sent.
    """
    if _OPTION is not None:
        with suppress(OSError, AttributeError):  # what is no plain TCP does without
            connection.sock.setsockopt(socket.IPPROTO_TCP, _OPTION, 1)


def hasten_urllib3() -> None:
    """Do so for each request that urllib3 sends in this process, which must be ours alone."""
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    class Prompt(HTTPConnection):
        def getresponse(self) -> Any:
            acknowledge_at_once(self)
            return super().getresponse()

    class PromptSecure(HTTPSConnection):
        def getresponse(self) -> Any:
            acknowledge_at_once(self)
            return super().getresponse()

    HTTPConnectionPool.ConnectionCls = Prompt
    HTTPSConnectionPool.ConnectionCls = PromptSecure
