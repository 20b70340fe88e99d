"""The reader of a tracking server: its REST API over one kept connection, without importing MLflow.

Whatever is unusual about the way to the server (a proxy, client certificates, plug-ins that log in) is a `Surprise`.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from daicho.ledger import _errors
from daicho.ledger import _filters as filters
from daicho.ledger._http import Answer, Connection, logs_in_otherwise, unusual
from daicho.ledger._marks import CONTEXT, PROJECT
from daicho.ledger._rows import Experiment, Mark, Row, Surprise, with_mark
from daicho.ledger.store import Store

_API = "/api/2.0/mlflow"
_PROXIED = "/api/2.0/mlflow-artifacts/artifacts"
_PAGE = 1_000


class RestReader:
    """Answers from a tracking server."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._connection: Connection | None = None

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __del__(self) -> None:
        self.close()

    def experiments(self) -> list[Experiment]:
        """All living experiments."""
        found = []
        for page in self._pages("/experiments/search", {"max_results": _PAGE}):
            for item in page.get("experiments", ()):
                found.append(Experiment(item["experiment_id"], item["name"], _pairs(item).get(PROJECT)))
        return found

    def marked(self, experiments: Sequence[str], kind: str, digests: Collection[str]) -> list[Row]:
        """Living runs of these experiments with daicho's mark of that kind and one of these short digests."""
        rows = [
            row for text in filters.digests(digests) for row in self._search(experiments, text, filters.MOST)
        ]
        return with_mark(rows, kind, digests)

    def latest(
        self, experiments: Sequence[str], kind: str, digests: Collection[str], limit: int
    ) -> list[Row]:
        """The newest living runs of these experiments with daicho's mark of that kind and one of a few digests."""
        rows = [row for text in filters.digests(digests) for row in self._search(experiments, text, limit)]
        return with_mark(rows, kind, digests)

    def newest(
        self, experiments: Sequence[str], tag: str, value: str, *, kind: str | None, limit: int
    ) -> list[Row]:
        """Living runs of these experiments whose tag has that value (and that bear a mark), the newest first."""
        return self._search(experiments, filters.tagged(tag, value, kind), limit)

    def like(
        self, experiments: Sequence[str], attribute: Literal["run_id", "run_name"], pattern: str, limit: int
    ) -> list[Row]:
        """Living runs of these experiments whose id or name fits a pattern of SQL's LIKE, the newest first."""
        return self._search(experiments, filters.like(attribute, pattern), limit)

    def holding(
        self, experiments: Sequence[str], tag: str, pattern: str, *, since: int, limit: int
    ) -> list[Row]:
        """Living runs of these experiments whose tag fits a pattern of SQL's LIKE, with all that is known of each."""
        return self._search(experiments, filters.holding(tag, pattern, since), limit)

    def reading(self, experiments: Sequence[str], digest: str) -> list[Row]:
        """Living runs of these experiments that read something with this short digest of an input."""
        return [
            row for text in filters.digests([digest]) for row in self._search(experiments, text, filters.MOST)
        ]

    def run(self, run_id: str) -> Row | None:
        """One run by its id, with parameters, metrics and all tags, deleted or not; None if there is none."""
        response = self._ask("GET", f"{_API}/runs/get?run_id={quote(run_id)}", None)
        if response.status == 404 and b"RESOURCE_DOES_NOT_EXIST" in response.read():
            return None
        return _row(self._answer(response)["run"])

    def runs(self, experiments: Sequence[str], run_ids: Collection[str]) -> list[Row]:
        """Living runs of these experiments by id, with their metrics."""
        return [
            row for text in filters.run_ids(run_ids) for row in self._search(experiments, text, filters.MOST)
        ]

    def download(self, uri: str, name: str, target: Path) -> bool:
        """Bring one artifact of a run here, if the server hands it out itself; whether it was there."""
        parts = urlsplit(uri)
        if parts.scheme != "mlflow-artifacts" or parts.netloc:
            raise Surprise("artifacts that the tracking server does not hand out")
        path = f"{_PROXIED}/{quote(parts.path.strip('/') + '/' + name)}"
        with self._connected() as connection:
            response = connection.send("GET", path, None)
        if response.status == 404:
            response.read()
            return False
        if response.status != 200:
            raise self._surprise(response)
        with target.open("wb") as file:
            shutil.copyfileobj(response, file)
        length = response.getheader("Content-Length")
        if length is not None and int(length) != target.stat().st_size:
            raise Surprise("an artifact that came only in part")
        return True

    def _search(self, experiments: Sequence[str], text: str, limit: int) -> list[Row]:
        question = {"experiment_ids": list(experiments), "filter": text, "max_results": limit}
        found: list[Row] = []
        for page in self._pages("/runs/search", question):
            found += [_row(run) for run in page.get("runs", ())]
            if len(found) >= limit:
                break
        return found[:limit]

    def _pages(self, path: str, question: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        token = None
        while True:
            page = self._post(path, question if token is None else {**question, "page_token": token})
            yield page
            token = page.get("next_page_token")
            if not token:
                return

    def _post(self, path: str, question: Mapping[str, Any]) -> dict[str, Any]:
        return self._answer(self._ask("POST", _API + path, json.dumps(question).encode()))

    def _answer(self, response: Answer) -> dict[str, Any]:
        if response.status != 200:
            raise self._surprise(response)
        try:
            answer = json.loads(response.read())
        except ValueError as error:
            raise Surprise("an answer that is not JSON") from error
        if not isinstance(answer, dict):
            raise Surprise("an answer that is not an object")
        return answer

    def _ask(self, method: str, path: str, body: bytes | None) -> Answer:
        with self._connected() as connection:
            return connection.ask(method, path, body)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        reason = unusual(self._store.uri)
        if reason is not None:
            raise Surprise(reason)
        try:
            if self._connection is None:
                self._connection = Connection(self._store.uri)
            yield self._connection
        except (OSError, HTTPException) as error:
            self.close()
            detail = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
            raise _errors.unreachable(self._store, detail) from error

    def _surprise(self, response: HTTPResponse | Answer) -> Exception:
        text = response.read(4_000).decode("utf-8", "replace")
        if response.status == 403 and "Invalid Host header" in text:
            return _errors.foreign_host(self._store)
        if response.status in (401, 403):
            return (
                Surprise("a login of another kind") if logs_in_otherwise() else _errors.no_entry(self._store)
            )
        if response.status == 404 and "error_code" not in text:
            return _errors.no_server(self._store)
        return Surprise(f"status {response.status}")


def _pairs(data: Mapping[str, Any]) -> dict[str, str]:
    return {item["key"]: item.get("value", "") for item in data.get("tags", ())}


def _row(run: Mapping[str, Any]) -> Row:
    info, data = run["info"], run.get("data", {})
    return Row(
        run_id=info["run_id"],
        experiment_id=info["experiment_id"],
        name=info.get("run_name", ""),
        status=info.get("status", ""),
        living=info.get("lifecycle_stage", "active") == "active",
        started=int(info.get("start_time", 0)),
        ended=int(info.get("end_time", 0)),
        artifact_uri=info.get("artifact_uri", ""),
        tags=_pairs(data),
        marks=tuple(_mark(item) for item in run.get("inputs", {}).get("dataset_inputs", ())),
        metrics={item["key"]: float(item["value"]) for item in data.get("metrics", ()) if "value" in item},
        params={item["key"]: item.get("value", "") for item in data.get("params", ())},
    )


def _mark(item: Mapping[str, Any]) -> Mark:
    dataset = item["dataset"]
    return Mark(dataset["name"], dataset["digest"], _pairs(item).get(CONTEXT), dataset.get("profile"))
