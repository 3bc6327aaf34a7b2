"""The same layouts on S3, against moto's server on loopback."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from orchestration.exports import assembling
from tests.landing.bills import DataExport, LegacyReport, rows, write_csv

RUN = "2026-06-02T00:00:00.000Z-0000"


@pytest.fixture(scope="module")
def endpoint():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint, monkeypatch, request):
    """An empty bucket; s3fs finds server and keys in the environment, as in real life."""
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    name = f"bills-{abs(hash(request.node.name)) % 10**8}"
    client = boto3.client("s3", endpoint_url=endpoint)
    client.create_bucket(Bucket=name)
    return Bucket(client, name)


class Bucket:
    def __init__(self, client, name: str) -> None:
        self.client = client
        self.name = name

    def upload(self, folder: Path, prefix: str = "exports") -> None:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                key = f"{prefix}/{path.relative_to(folder)}"
                self.client.put_object(Bucket=self.name, Key=key, Body=path.read_bytes())

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket=self.name, Key=f"exports/{key}")


def test_data_exports_on_s3_land_as_they_do_from_a_folder(house, bucket):
    export = DataExport(house.folder / "in")
    export.deliver("2026-05", RUN, rows(), parts=2)
    export.deliver("2026-06", RUN, rows("2026-06"), suffix="csv.gz")
    bucket.upload(export.root)
    house.export("cloud", "aws_cur_2", f"s3://{bucket.name}/exports/")
    report = house.land()
    assert not report.refusals
    columns = "* exclude (_source_name)"
    query = f"select {columns} from raw_aws.line_items order by _source_file, _source_row"
    from_cloud = house.query(query)
    house.entries.clear()
    house.export("folder", "aws_cur_2", "./in")
    house.land()
    assert house.query(query) == from_cloud
    assert len(from_cloud) == 12


def test_legacy_reports_on_s3_and_a_glob(house, bucket):
    report = LegacyReport(house.folder / "in")
    report.deliver("2026-05", rows(), parts=2)
    bucket.upload(report.root)
    house.export("old", "aws_cur_legacy", f"s3://{bucket.name}/exports")
    assert not house.land().refusals
    assert house.total() == Decimal("2.1")
    write_csv(house.folder / "loose" / "june.csv.gz", rows("2026-06"))
    write_csv(house.folder / "loose" / "notes.csv", rows("2026-07"))
    bucket.upload(house.folder / "loose", prefix="loose")
    house.export("loose", "aws_cur_2", f"s3://{bucket.name}/loose/*.csv.gz")
    assert not house.land().refusals
    assert house.query("select distinct _billing_period from raw_aws.line_items order by 1") == [
        ("2026-05",),
        ("2026-06",),
    ]


def test_an_unchanged_etag_is_skipped_and_a_changed_one_is_landed(house, bucket):
    export = DataExport(house.folder / "in", overwrite=True)
    export.deliver("2026-05", RUN, rows(cost="1"))
    bucket.upload(export.root)
    house.export("cloud", "aws_cur_2", f"s3://{bucket.name}/exports/")
    house.land()
    assert (house.pending(), house.land().sources[0].skipped) == ([], 1)
    bucket.upload(export.root)
    assert house.pending() == [], "the same bytes have the same ETag"
    export.deliver("2026-05", RUN, rows(cost="2"))
    bucket.upload(export.root)
    assert [entry.billing_period for entry in house.pending()] == ["2026-05"]
    house.land()
    assert house.total() == Decimal(42)


def test_an_object_that_changes_while_being_read_is_refused(house, bucket, monkeypatch):
    export = DataExport(house.folder / "in", overwrite=True)
    export.deliver("2026-05", RUN, rows(cost="1"), parts=2)
    bucket.upload(export.root)
    house.export("cloud", "aws_cur_2", f"s3://{bucket.name}/exports/")
    house.land()
    export.deliver("2026-05", RUN, rows(cost="2"), parts=2)
    bucket.upload(export.root)
    check_stated = assembling._check_stated

    def overwrite(delivery, found):
        check_stated(delivery, found)
        export.deliver("2026-05", RUN, rows(cost="3"), parts=2)
        bucket.upload(export.root)

    with monkeypatch.context() as patched:
        patched.setattr(assembling, "_check_stated", overwrite)
        assert "the delivery changed while being read" in house.refused()
    assert house.total() == Decimal(21)
    house.land()
    assert house.total() == Decimal(63)


def test_an_incomplete_delivery_on_s3_is_refused(house, bucket):
    export = DataExport(house.folder / "in")
    parts = export.deliver("2026-05", RUN, rows(), parts=2)
    bucket.upload(export.root)
    bucket.delete(str(parts[1].relative_to(export.root)))
    house.export("cloud", "aws_cur_2", f"s3://{bucket.name}/exports/")
    assert "which is not there" in house.refused()


def test_a_bucket_that_is_not_there_is_refused_and_others_go_on(house, bucket):
    export = DataExport(house.folder / "in")
    export.deliver("2026-05", RUN, rows())
    house.export("missing", "aws_cur_2", "s3://no-such-bucket/exports/")
    house.export("local", "aws_cur_2", "./in")
    report = house.land()
    assert [refusal.source_name for refusal in report.refusals] == ["missing"]
    assert house.count() == 6
