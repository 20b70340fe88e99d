"""One kept connection to a tracking server, with the credentials that MLflow takes from the environment."""

from __future__ import annotations

import base64
import os
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from socket import gaierror
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from daicho.ledger._prompt import acknowledge_at_once

_PATIENCE = 5.0  # seconds for a connection
_FIRST = 15.0  # seconds for the first answer: who waits for it does not know yet that anybody is there
_LONG = "60"  # seconds for every other, unless the user has said otherwise
_BUSY = (429, 502, 503, 504)
_PAUSES = (0.3, 0.6, 1.2)
_UNUSUAL = (
    "MLFLOW_TRACKING_AUTH",
    "MLFLOW_TRACKING_AWS_SIGV4",
    "MLFLOW_TRACKING_CLIENT_CERT_PATH",
    "MLFLOW_WORKSPACE",
)
_BUNDLES = ("MLFLOW_TRACKING_SERVER_CERT_PATH", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def unusual(uri: str) -> str | None:
    """Why this server must be asked through MLflow's client; None if plain HTTP will do."""
    for name in _UNUSUAL:
        if os.environ.get(name):
            return f"{name} is set"
    parts = urlsplit(uri)
    proxies = (f"{parts.scheme}_proxy", f"{parts.scheme}_proxy".upper(), "all_proxy", "ALL_PROXY")
    at_home = parts.hostname in ("localhost", "127.0.0.1", "::1")
    return "a proxy is set" if not at_home and any(map(os.environ.get, proxies)) else None


def logs_in_otherwise() -> bool:
    """Whether MLflow's client may know credentials that we don't: a file, or a plug-in."""
    from importlib.metadata import entry_points  # dear, and only needed where a login failed

    home = Path.home()
    files = (home / ".mlflow" / "credentials", home / ".netrc", home / "_netrc")
    plugins = entry_points(group="mlflow.request_header_provider")
    return any(file.exists() for file in files) or bool(plugins)


@dataclass(frozen=True)
class Answer:
    """An answer that has come whole."""

    status: int
    body: bytes

    def read(self, most: int | None = None) -> bytes:
        """Its body, or the beginning of that."""
        return self.body[:most]


R = TypeVar("R", HTTPResponse, Answer)


class Connection:
    """A connection that is opened at the first request and once more where the server has closed it."""

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        self._prefix = parts.path.rstrip("/")
        self._answered = False
        self._headers = {"Content-Type": "application/json", **_credentials(uri)}
        host = parts.hostname or "localhost"
        if parts.scheme == "https":
            self._connection: HTTPConnection = HTTPSConnection(
                host, parts.port, timeout=_PATIENCE, context=_context()
            )
        else:
            self._connection = HTTPConnection(host, parts.port, timeout=_PATIENCE)

    def close(self) -> None:
        """Close it."""
        self._connection.close()

    def ask(self, method: str, path: str, body: bytes | None) -> Answer:
        """Send one question and take the whole answer; asked again, a few seconds long, as `send` does.

        Raises:
            OSError, HTTPException: If no answer comes.
        """

        def attempt() -> Answer:
            response = self._once(method, path, body)
            return Answer(response.status, response.read())

        return self._until(attempt)

    def send(self, method: str, path: str, body: bytes | None) -> HTTPResponse:
        """Send one question; the answer must be read to its end before the next.

        A server that is busy, or that hangs up, is asked again, a few seconds long.

        Raises:
            OSError, HTTPException: If no answer begins.
        """
        return self._until(lambda: self._once(method, path, body))

    def _until(self, attempt: Callable[[], R]) -> R:
        kept = self._connection.sock is not None
        for pause in (
            (0.0, *_PAUSES) if kept else _PAUSES
        ):  # the server may just have closed a kept connection
            try:
                response = attempt()
                if response.status not in _BUSY:
                    return response
                response.read()
            except (OSError, HTTPException) as error:
                self._connection.close()
                if not _may_pass(error):
                    raise
            time.sleep(pause)
        return attempt()

    def _once(self, method: str, path: str, body: bytes | None) -> HTTPResponse:
        if self._connection.sock is None:
            self._connection.connect()
            self._wait_for(_long() if self._answered else min(_FIRST, _long()))
        self._connection.request(method, self._prefix + path, body=body, headers=self._headers)
        acknowledge_at_once(self._connection)
        response = self._connection.getresponse()
        if not self._answered:
            self._answered = True
            self._wait_for(_long())
        return response

    def _wait_for(self, seconds: float) -> None:
        socket: Any = self._connection.sock
        if socket is not None:  # an answer that ends the connection has taken it along
            socket.settimeout(seconds)


def _long() -> float:
    return float(os.environ.get("MLFLOW_HTTP_REQUEST_TIMEOUT") or _LONG)


def _may_pass(error: Exception) -> bool:
    """Whether another attempt may help: not where we have waited, nor with another name, nor another certificate."""
    return not isinstance(error, TimeoutError | gaierror | ssl.SSLError)


def _credentials(uri: str) -> dict[str, str]:
    parts = urlsplit(uri)
    user = os.environ.get("MLFLOW_TRACKING_USERNAME") or unquote(parts.username or "")
    password = os.environ.get("MLFLOW_TRACKING_PASSWORD") or unquote(parts.password or "")
    if user and password:
        pair = base64.b64encode(f"{user}:{password}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    return {"Authorization": f"Bearer {token}"} if token else {}


def _context() -> ssl.SSLContext:
    if os.environ.get("MLFLOW_TRACKING_INSECURE_TLS", "").lower() in ("true", "1"):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    bundle = next((os.environ[name] for name in _BUNDLES if os.environ.get(name)), None)
    if bundle is None:
        return ssl.create_default_context()
    folder = os.path.isdir(bundle)
    return ssl.create_default_context(cafile=None if folder else bundle, capath=bundle if folder else None)
