"""Answers are acknowledged at once, by each way in which a server is asked."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from daicho.ledger._prompt import acknowledge_at_once
from tests.support.project import _SOURCES

pytestmark = pytest.mark.skipif(not hasattr(socket, "TCP_QUICKACK"), reason="only Linux can be asked for it")


class _Short(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # the name that the library looks for
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Short) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_the_system_is_asked(port: int) -> None:
    """The connection puts nothing off from then on; one that is closed is left alone."""
    with closing(HTTPConnection("127.0.0.1", port)) as connection:
        acknowledge_at_once(connection)
        connection.request("GET", "/")
        assert connection.sock is not None
        option = socket.IPPROTO_TCP, socket.TCP_QUICKACK
        connection.sock.setsockopt(*option, 0)
        acknowledge_at_once(connection)
        assert 1 == connection.sock.getsockopt(*option)
        assert b"ok" == connection.getresponse().read()


def test_what_mlflow_sends(port: int) -> None:
    """Requests of MLflow's client go through urllib3, which asks for each answer."""
    program = f"""
import requests, urllib3
from daicho.ledger import _prompt
_prompt.hasten_urllib3()
asked, before = [], _prompt.acknowledge_at_once
_prompt.acknowledge_at_once = lambda connection: (asked.append(connection.sock is not None), before(connection))
with requests.Session() as session:
    print([session.get("http://127.0.0.1:{port}/").text for _ in range(2)], asked)
print(urllib3.HTTPSConnectionPool.ConnectionCls.__mro__[1].__name__)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": _SOURCES},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    expected = "['ok', 'ok'] [True, True]\nHTTPSConnection\n"
    assert (expected, "") == (done.stdout, done.stderr)
