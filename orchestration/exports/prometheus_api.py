"""A live Prometheus: its metrics of accelerators and pods, asked for in pieces of some hours.

A piece that is over is asked for once; the one that is running is asked for again at every landing.
Each answer is written beside and renamed when it is complete, so that landing never sees half.
"""

from __future__ import annotations

import json
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from orchestration.exports.errors import RefusedDelivery

#: The token of the Authorization header; never in exports.yml or in the data folder.
TOKEN = "AI_FINOPS_PROMETHEUS_TOKEN"
#: Metrics that are asked for where exports.yml names none: accelerators, pods and model servers.
METRICS = (
    r"DCGM_FI_(DEV|PROF)_.*|nvidia_smi_.*|kube_(node_info|pod_info|pod_status_phase)"
    r"|kube_pod_container_resource_requests"
    r"|vllm:((prompt|generation)_tokens|prefix_cache_hits|request_success)_total"
    r"|vllm:e2e_request_latency_seconds_sum"
    r"|tgi_request_(count|failure)(_total)?"
    r"|tgi_request_(input_length|generated_tokens|duration)_sum"
    r"|nv_inference_request_(success|failure|duration_us)"
)
#: One request covers this much; Prometheus gives 11,000 points per series at most.
PIECE = timedelta(hours=6)
MOST_POINTS = 11_000
STEP_SECONDS = 30
#: How far back a first landing looks where exports.yml does not say.
LOOK_BACK = timedelta(days=7)
TRIES = 4
TIMEOUT_SECONDS = 120
CHUNK = 1024 * 1024


def check_step(value: str) -> tuple[str, str] | None:
    """What is wrong with a step; None where nothing is."""
    if value.isdigit() and 2 <= int(value) <= 3600:
        return None
    return "is no number of seconds from 2 to 3600.", "Take the scrape interval, such as 30."


def ask_prometheus(location: str, folder: Path, options: Mapping[str, str]) -> None:
    """Write the answers of the server at `location` into `folder`, a file per metric and piece.

    Raises RefusedDelivery where it does not answer; what was written before stays.
    """
    server = _Server(location)
    step = int(options.get("step", STEP_SECONDS))
    now = datetime.now(UTC)
    since = _day(options.get("since")) or now - LOOK_BACK
    wanted = re.compile(options.get("metrics", METRICS))
    names = [name for name in server.metric_names() if wanted.fullmatch(name)]
    if not names:
        raise RefusedDelivery(
            f"{location} has no metric that matches {wanted.pattern!r}.",
            "Name others with `options: {metrics: ...}`, or point at the server that scrapes the "
            "accelerators.",
            transient=True,
        )
    length = min(PIECE, timedelta(seconds=step * (MOST_POINTS - 1)))
    for start, end in _pieces(since, now, length):
        for name in names:
            target = folder / f"{start:%Y-%m-%d}" / f"{name}.{start:%H%M}.json"
            answered = [file for file in (target, _empty_mark(target)) if file.exists()]
            if answered and not _is_running(answered[0], end):
                continue
            # The sample at the end belongs to the next piece.
            last = min(end - timedelta(seconds=step), now)
            server.write_range(name, start, last, step, target)


class _Server:
    """A Prometheus HTTP API that is asked with patience."""

    def __init__(self, location: str) -> None:
        self.url = location.rstrip("/")
        token = os.environ.get(TOKEN)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def metric_names(self) -> list[str]:
        """Names of all metrics that the server has."""
        with self._open("/api/v1/label/__name__/values", {}) as answer:
            return list(json.load(answer)["data"])

    def write_range(
        self, name: str, start: datetime, end: datetime, step: int, target: Path
    ) -> None:
        """One range query into a file; none where nothing was measured."""
        asked = {
            "query": name,
            "start": f"{start.timestamp():.0f}",
            "end": f"{end.timestamp():.0f}",
            "step": str(step),
        }
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.part")
        with self._open("/api/v1/query_range", asked) as answer, beside.open("wb") as file:
            while chunk := answer.read(CHUNK):
                file.write(chunk)
        if _is_empty(beside):
            os.replace(beside, _empty_mark(target))
        elif target.exists() and target.read_bytes() == beside.read_bytes():
            # Asked for again after its end, or nothing new: the file's time tells that it is whole.
            beside.unlink()
            target.touch()
        else:
            os.replace(beside, target)

    def _open(self, path: str, asked: Mapping[str, str]) -> Any:
        address = f"{self.url}{path}?{urllib.parse.urlencode(asked)}"
        request = urllib.request.Request(address, headers=self.headers)
        for tried in range(1, TRIES + 1):
            try:
                return urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)
            except urllib.error.HTTPError as error:
                # 4xx: asking again changes nothing, but for too many requests.
                if tried == TRIES or (error.code < 500 and error.code != 429):
                    raise self._refusal(f"HTTP {error.code}: {_reason(error)}") from error
            except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
                if tried == TRIES:
                    raise self._refusal(getattr(error, "reason", error)) from error
            time.sleep(_pause(tried))
        raise AssertionError("every try answers or raises")

    def _refusal(self, reason: object) -> RefusedDelivery:
        return RefusedDelivery(
            f"{self.url} does not answer: {str(reason).rstrip('.')}.",
            f"Check the address, the network and the token in {TOKEN}.",
            transient=True,
        )


def _pieces(
    since: datetime, now: datetime, length: timedelta
) -> Iterator[tuple[datetime, datetime]]:
    """Pieces from midnight of the first day to now, of one length and never over midnight."""
    start = since.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    while start < now:
        midnight = start.replace(hour=0, minute=0) + timedelta(days=1)
        end = min(start + length, midnight)
        yield start, end
        start = end


def _is_running(file: Path, end: datetime) -> bool:
    """Whether a file was written before its piece was over, with time for late samples."""
    return file.stat().st_mtime < (end + timedelta(minutes=5)).timestamp()


def _empty_mark(target: Path) -> Path:
    """Where an answer without samples is kept: a name with a dot is no delivery."""
    return target.with_name(f".{target.name}.empty")


def _is_empty(file: Path) -> bool:
    with file.open("rb") as answer:
        return b'"result":[]' in answer.read(4096)


def _day(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["error"])
    except (ValueError, KeyError, TypeError):
        return str(error.reason)


def _pause(tried: int) -> float:
    """Seconds before the next try: longer each time."""
    return 0.5 * 2 ** (tried - 1)
