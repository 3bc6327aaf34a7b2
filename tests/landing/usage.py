"""Logs, metrics and spans of requests in the shapes of the systems that write them."""

from __future__ import annotations

import gzip
import json
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from sample_estate.usage.gateway import TABLE
from tests.landing.inventories import write

#: What was asked and answered; it must be found nowhere after landing.
SECRET = "how ill is Ada Byron"
NANO = 1_000_000_000
MIDNIGHT = 1780704000  # 2026-06-06 00:00 UTC


def bedrock(number: int, **fields: Any) -> dict[str, Any]:
    """A record of a model invocation log, an hour after midnight."""
    question = {"messages": [{"role": "user", "content": [{"text": SECRET}]}]}
    record = {
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
        "timestamp": "2026-06-06T01:10:00Z",
        "accountId": "111122223333",
        "region": "us-east-1",
        "requestId": f"r{number}",
        "operation": "Converse",
        "modelId": "anthropic.claude-haiku-4-5-20251001-v1:0",
        "identity": {"arn": "arn:aws:sts::111122223333:assumed-role/chat/amy"},
        "requestMetadata": {"team": "assistant", "project": "chat"},
        "input": {
            "inputContentType": "application/json",
            "inputBodyJson": question,
            "inputTokenCount": 100,
            "cacheReadInputTokenCount": 40,
            "cacheWriteInputTokenCount": 7,
        },
        "output": {
            "outputContentType": "application/json",
            "outputBodyJson": {"output": {"message": {"content": [{"text": SECRET}]}}},
            "outputTokenCount": 20,
        },
    }
    return record | fields


def throttled(number: int) -> dict[str, Any]:
    """A call that failed: its record has no answer and no tokens."""
    record = bedrock(number, errorCode="ThrottlingException")
    del record["output"], record["input"]["inputTokenCount"]
    del record["input"]["cacheReadInputTokenCount"], record["input"]["cacheWriteInputTokenCount"]
    return record


def litellm_store(path: Path, calls: list[dict[str, Any]]) -> Path:
    """A gateway's store with these calls."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as store:
        store.execute(TABLE)
        for number, call in enumerate(calls):
            columns = {
                "request_id": f"c{number}",
                "call_type": "acompletion",
                "api_key": "88dc28",
                "spend": 0.5,
                "prompt_tokens": 1000,
                "completion_tokens": 200,
                "total_tokens": 1200,
                "startTime": "2026-06-06 01:30:00.250",
                "endTime": "2026-06-06 01:30:02.250",
                "model": "gpt-5.4",
                "custom_llm_provider": "openai",
                "request_tags": '["project:chat", "User-Agent: curl"]',
                "metadata": {"user_api_key_team_alias": "assistant"},
                "messages": json.dumps([{"role": "user", "content": SECRET}]),
                "response": json.dumps({"content": SECRET}),
                "proxy_server_request": json.dumps({"body": SECRET}),
                "status": "success",
            } | call
            columns["metadata"] = json.dumps(columns["metadata"] | {"requester": SECRET})
            names = ", ".join(f'"{name}"' for name in columns)
            marks = ", ".join(f":{name}" for name in columns)
            store.execute(f'insert into "LiteLLM_SpendLogs" ({names}) values ({marks})', columns)
        store.commit()
    return path


#: The columns of the store in the types that Prisma gives them in Postgres.
POSTGRES_TYPES = {
    '"startTime" text': '"startTime" timestamp(3)',
    '"endTime" text': '"endTime" timestamp(3)',
    "spend real": "spend double precision",
    "metadata text": "metadata jsonb",
    "request_tags text": "request_tags jsonb",
    "messages text": "messages jsonb",
    "response text": "response jsonb",
}


def copy_calls_to_postgres(store: Path, address: str) -> None:
    """The same calls in Postgres as in a SQLite store."""
    table = TABLE
    for text, typed in POSTGRES_TYPES.items():
        assert text in table
        table = table.replace(text, typed)
    with closing(sqlite3.connect(store)) as origin:
        lines = [line for line in origin.iterdump() if line.startswith("INSERT")]
    subprocess.run(
        ["psql", "--no-psqlrc", "--quiet", "--dbname", address, "-v", "ON_ERROR_STOP=1"],
        input="\n".join([f"{table};", *lines]),
        text=True,
        check=True,
    )


def attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    """Attributes as OTLP writes them; whole numbers are text there."""
    return [
        {
            "key": key,
            "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value},
        }
        for key, value in values.items()
    ]


def spans(*found: dict[str, Any]) -> dict[str, Any]:
    """A batch of spans; each has attributes, and `failed` where it did."""
    written = [
        {
            "traceId": "a" * 32,
            "spanId": f"{number:016x}",
            "name": "chat",
            "kind": 3,
            "startTimeUnixNano": str((MIDNIGHT + 3600) * NANO),
            "endTimeUnixNano": str((MIDNIGHT + 3602) * NANO),
            "attributes": attributes({key: v for key, v in span.items() if key != "failed"}),
            "events": [{"name": "gen_ai.content.prompt", "attributes": attributes({"p": SECRET})}],
            "status": {"code": 2} if span.get("failed") else {},
        }
        for number, span in enumerate(found)
    ]
    resource = {"attributes": attributes({"service.name": "chat-api"})}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": written}]}]}


def token_metrics(
    points: list[tuple[int, dict[str, str], int]], *, delta: bool, names: dict[str, str]
) -> dict[str, Any]:
    """Histograms of gen_ai.client.token.usage: (second after midnight, attributes, sum)."""
    data = [
        {
            "attributes": attributes({names.get(key, key): value for key, value in told.items()}),
            "startTimeUnixNano": str((MIDNIGHT + second - 60 if delta else MIDNIGHT) * NANO),
            "timeUnixNano": str((MIDNIGHT + second) * NANO),
            "count": "1",
            "sum": total,
            "bucketCounts": ["1"],
            "explicitBounds": [],
        }
        for second, told, total in points
    ]
    metric = {
        "name": "gen_ai.client.token.usage",
        "unit": "{token}",
        "histogram": {"aggregationTemporality": 1 if delta else 2, "dataPoints": data},
    }
    return {"resourceMetrics": [{"resource": {}, "scopeMetrics": [{"metrics": [metric]}]}]}


OBJECTS = [
    '"halden","runs/a%20b/step-1/model.pt","v1","true","false","70","2026-01-01T00:00:00.000Z",'
    '"STANDARD"',
    '"halden","runs/a+b/step-1/model.pt","v0","false","false","30","2025-01-01T00:00:00.000Z",'
    '"STANDARD"',
]


def s3_inventory(folder: Path, day: str, lines: list[str], cut: int = 0) -> None:
    """An inventory of a bucket as S3 writes it: a manifest, and files without a header."""
    text = gzip.compress("\n".join(lines).encode() + b"\n")
    data = folder / "data" / f"{day}.csv.gz"
    data.parent.mkdir(parents=True, exist_ok=True)
    data.write_bytes(text)
    at = datetime.fromisoformat(f"{day}T01:00:00+00:00")
    key = f"inventory/halden/all/data/{day}.csv.gz"
    manifest = {
        "sourceBucket": "halden",
        "version": "2016-11-30",
        "creationTimestamp": str(int(at.timestamp() * 1000)),
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, "
        "StorageClass",
        "files": [{"key": key, "size": len(text) - cut, "MD5checksum": "x"}],
    }
    write(folder / f"{day}T01-00Z" / "manifest.json", manifest)
