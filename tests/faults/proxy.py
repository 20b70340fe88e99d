"""A way to a server that spoils answers, as networks and servers do, and counts what was asked."""

from __future__ import annotations

import http.client
import re
import socket
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self
from urllib.parse import urlsplit

Kind = Literal["status", "drop", "lose", "cut", "hang", "delay"]


@dataclass(frozen=True)
class Fault:
    """What is done to requests.

    Attributes:
        kind: `drop` does not pass the request on, `lose` passes it on and hangs up, `cut` hangs up in the middle of
            the answer, `hang` never answers.
        times: How often for each method and path; None for good.
        of: Only requests in whose method and path this pattern is found.
        status: What `status` answers.
    """

    kind: Kind
    times: int | None = 1
    of: str = ""
    status: int = 503


@dataclass
class Proxy:
    """Passes all requests on to a server, but for what a fault does to them."""

    server: str
    fault: Fault | None = None
    asked: list[str] = field(default_factory=list)
    spoilt: Counter[str] = field(default_factory=Counter)
    ended: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _listening: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"way": self})
        self._listening = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self._listening.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        assert self._listening is not None
        self._listening.shutdown()
        self._listening.server_close()

    @property
    def uri(self) -> str:
        """Where it listens."""
        assert self._listening is not None
        return f"http://127.0.0.1:{self._listening.server_port}"

    def spoil(self, fault: Fault | None) -> None:
        """From now on, do this to requests."""
        with self._lock:
            self.fault = fault
            self.spoilt.clear()

    def meant(self, what: str) -> Fault | None:
        """Note a request; the fault that is meant for it."""
        with self._lock:
            self.asked.append(what)
            fault = self.fault
            if fault is None or not re.search(fault.of, what):
                return None
            if fault.times is not None and self.spoilt[what] >= fault.times:
                return None
            self.spoilt[what] += 1
            return fault

    def downloads(self) -> list[str]:
        """The artifacts that were fetched, by the paths that the server knows."""
        mark = "GET /api/2.0/mlflow-artifacts/artifacts/"
        return sorted(what.removeprefix(mark) for what in self.asked if what.startswith(mark))


_PER_HOP = ("Host", "Transfer-Encoding", "Content-Length", "Connection")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    way: Proxy
    _server: http.client.HTTPConnection | None = None

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def handle(self) -> None:
        """Serve one connection; who hangs up is no error."""
        with suppress(ConnectionError):
            super().handle()

    def finish(self) -> None:
        """End the connection to the server with that of the client."""
        with suppress(OSError):
            super().finish()
        if self._server is not None:
            self._server.close()

    def _pass_on(self) -> None:
        body = self._body()
        fault = self.way.meant(f"{self.command} {self.path.partition('?')[0]}")
        kind = fault.kind if fault is not None else None
        if kind == "status":
            assert fault is not None
            self._answer(fault.status, {}, b"no")
            return
        if kind == "hang":
            self.way.ended.wait()
        if kind in ("hang", "drop"):
            self._hang_up()
            return
        if kind == "delay":
            self.way.ended.wait(0.1)
        status, headers, content = self._asked(body)
        if kind == "lose":
            self._hang_up()
        elif kind == "cut":
            self._answer(status, headers, content, whole=False)
            self._hang_up()
        else:
            self._answer(status, headers, content)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _asked(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        place = urlsplit(self.way.server)
        if self._server is None:
            self._server = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name not in _PER_HOP}
        try:
            self._server.request(self.command, self.path, body, headers)
            answer = self._server.getresponse()
        except (http.client.HTTPException, ConnectionError):  # the server had closed the kept connection
            self._server.close()
            self._server.request(self.command, self.path, body, headers)
            answer = self._server.getresponse()
        left_out = ("content-length", "transfer-encoding", "connection")
        kept = {name: value for name, value in answer.getheaders() if name.lower() not in left_out}
        return answer.status, kept, answer.read()

    def _answer(self, status: int, headers: dict[str, str], content: bytes, *, whole: bool = True) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content if whole else content[: len(content) // 2])
        self.wfile.flush()

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _pass_on
