"""One kept connection to a tracking server, with the credentials that MLflow takes from the environment."""

from __future__ import annotations

import base64
import os
import ssl
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

_PATIENCE = 5.0
_LONG_PATIENCE = 60.0
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


class Connection:
    """A connection that is opened at the first request and once more where the server has closed it."""

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        self._prefix = parts.path.rstrip("/")
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

    def send(self, method: str, path: str, body: bytes | None) -> HTTPResponse:
        """Send one request; the answer must be read to its end before the next.

        Raises:
            OSError, HTTPException: If the server does not answer, also not at a second attempt.
        """
        fresh = self._connection.sock is None
        try:
            return self._once(method, path, body)
        except (OSError, HTTPException):
            self._connection.close()
            if fresh:
                raise
            return self._once(method, path, body)  # the server had closed the kept connection

    def _once(self, method: str, path: str, body: bytes | None) -> HTTPResponse:
        if self._connection.sock is None:
            self._connection.connect()
            socket: Any = self._connection.sock
            socket.settimeout(_LONG_PATIENCE)
        self._connection.request(method, self._prefix + path, body=body, headers=self._headers)
        return self._connection.getresponse()


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
