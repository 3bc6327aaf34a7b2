"""Telemetry of any tool lands as samples: time, metric, labels, value; under the rules of bills."""

from __future__ import annotations

import json
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

import pytest

from orchestration.exports import prometheus_api
from tests.landing.bills import rows, write_csv
from tests.landing.inventories import write

MINUTE = 1780704000  # 2026-06-06 00:00 UTC


@pytest.fixture
def landed(house):
    """A house with a bill of June, and room for telemetry."""
    write_csv(house.folder / "bill" / "2026-06.csv", rows("2026-06"))
    return house.export("bill", "aws_cur_2", "./bill")


def matrix(*series: tuple[dict[str, str], list[list[Any]]]) -> dict[str, Any]:
    result = [{"metric": metric, "values": values} for metric, values in series]
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


def samples(house: Any) -> list[tuple[Any, ...]]:
    return house.query(
        "select metric_name, strftime(sampled_at, '%Y-%m-%dT%H:%M:%S'), value, labels "
        "from raw_telemetry.samples order by all"
    )


def land_one(house: Any, kind: str, path: str, content: Any, **options: str) -> list[Any]:
    """Land a single file of telemetry; the refusals."""
    write(house.folder / "t" / path, content)
    house.listed("telemetry", "t", kind, "./t", **options)
    return house.land().refusals


def test_a_range_query_lands_one_row_per_sample(landed):
    labels = {"gpu": "0", "UUID": "GPU-1", "Hostname": "n1"}
    content = matrix(
        (
            {"__name__": "DCGM_FI_DEV_GPU_UTIL", **labels},
            [[MINUTE, "7"], [MINUTE + 30.5, "NaN"], [MINUTE + 60, "many"]],
        )
    )
    assert not land_one(landed, "prometheus_range", "a.json", content, cluster="c1")
    found = samples(landed)
    assert [row[1] for row in found] == ["2026-06-06T00:00:00", "2026-06-06T00:00:30"]
    assert found[0][:3] == ("DCGM_FI_DEV_GPU_UTIL", "2026-06-06T00:00:00", 7.0)
    assert json.loads(found[0][3]) == {"cluster": "c1", **labels}
    # A reading that is no number is held back with its text, not dropped.
    assert landed.query(
        "select source_row, column_name, value, reason from raw_ops.quarantined_rows"
    ) == [(3, "value", "many", "no decimal number in range")]


def test_files_overlap_and_months_are_complete(landed):
    """Range queries share the sample at their common edge, and a month is made of all its files."""
    metric = {"__name__": "DCGM_FI_DEV_GPU_UTIL", "UUID": "GPU-1"}
    end = 1782864000  # 2026-07-01 00:00 UTC
    write(landed.folder / "t" / "a.json", matrix((metric, [[end - 60, "1"], [end, "2"]])))
    write(landed.folder / "t" / "b.json", matrix((metric, [[end, "2"], [end + 60, "3"]])))
    landed.listed("telemetry", "t", "prometheus_range", "./t")
    assert not landed.land().refusals
    counts = "select _billing_period, count(*) from raw_telemetry.samples group by all order by 1"
    assert landed.query(counts) == [("2026-06", 1), ("2026-07", 3)]
    assert landed.pending() == [] and not landed.land().landed
    assert landed.queue(built=True)
    write(landed.folder / "t" / "c.json", matrix((metric, [[end + 120, "4"]])))
    landed.land()
    assert landed.query(counts) == [("2026-06", 1), ("2026-07", 4)]
    # Telemetry alone is built again: no bill was read with it.
    assert landed.queue() == ["t 2026-07 (landed again)"]
    # A file that expired took its samples along once; they stay.
    (landed.folder / "t" / "a.json").unlink()
    assert not landed.land().landed
    assert landed.query(counts) == [("2026-06", 1), ("2026-07", 4)]


def test_dumps_keep_their_columns_whatever_their_clock(landed):
    folder = landed.folder / "t"
    folder.mkdir()
    landed.query(
        f"copy (select {MINUTE * 1000} as ts, 'm' as metric, 0.5 as value, "
        "map {'gpu': '1'} as labels, 'GPU-1' as \"UUID\") "
        f"to '{folder}/a.parquet' (format parquet)"
    )
    landed.query(
        f"copy (select timestamp '2026-06-06 00:00:30' as ts, 'm' as metric, 0.25 as value, "
        "'n1' as \"Hostname\") "
        f"to '{folder}/b.parquet' (format parquet)"
    )
    write(folder / "c.csv", f"timestamp,__name__,value,pod_name\n{MINUTE + 60},m,NaN,p1\n")
    landed.listed("telemetry", "t", "prometheus_samples", "./t")
    assert not landed.land().refusals
    assert landed.query(
        "select strftime(sampled_at, '%M:%S'), case when not isnan(value) then value end, "
        "gpu_uuid, hostname, pod, labels from raw_telemetry.samples order by sampled_at"
    ) == [
        ("00:00", 0.5, "GPU-1", None, None, '{"gpu":"1"}'),
        ("00:30", 0.25, None, "n1", None, None),
        ("01:00", None, None, None, "p1", None),
    ]


def test_captures_of_nvidia_smi_take_the_host_from_the_file(landed):
    text = (
        "timestamp, index, uuid, name, utilization.gpu [%], memory.used [MiB], power.draw [W]\n"
        "2026/06/06 02:00:00.500, 0, GPU-1, NVIDIA H100, 97 %, 70000 MiB, 631.95 W\n"
        "2026/06/06 02:00:00.500, 1, GPU-2, NVIDIA H100, [N/A], 59 MiB, [Not Supported]\n"
    )
    zone = {"timezone": "Europe/Berlin"}
    assert not land_one(landed, "nvidia_smi_csv", "node-7/2026-06-06.csv", text, **zone)
    found = landed.query(
        "select labels->>'hostname', labels->>'gpu', metric_name, value, "
        "strftime(sampled_at, '%H:%M') from raw_telemetry.samples order by all"
    )
    assert found == [
        ("node-7", "0", "memory.used", 70000.0, "00:00"),
        ("node-7", "0", "power.draw", 631.95, "00:00"),
        ("node-7", "0", "utilization.gpu", 97.0, "00:00"),
        ("node-7", "1", "memory.used", 59.0, "00:00"),
        ("node-7", "1", "power.draw", None, "00:00"),
        ("node-7", "1", "utilization.gpu", None, "00:00"),
    ]


STREAM = {
    "metric_stream_name": "gpu",
    "account_id": "111122223333",
    "region": "us-east-1",
    "namespace": "CWAgent",
    "metric_name": "nvidia_smi_utilization_gpu",
    "dimensions": {"InstanceId": "i-1", "index": "0"},
    "timestamp": MINUTE * 1000,
    "value": {"max": 90.0, "min": 0.0, "sum": 120.0, "count": 4.0},
    "unit": "Percent",
}
GET_METRIC_DATA = {
    "MetricDataQueries": [
        {
            "Id": "m1",
            "MetricStat": {
                "Metric": {
                    "Namespace": "CWAgent",
                    "MetricName": "nvidia_smi_utilization_gpu",
                    "Dimensions": [
                        {"Name": "InstanceId", "Value": "i-1"},
                        {"Name": "index", "Value": "0"},
                    ],
                },
                "Period": 60,
                "Stat": "Average",
            },
        }
    ],
    "MetricDataResults": [
        {"Id": "m1", "Label": "x", "Timestamps": ["2026-06-06T00:00:00Z"], "Values": [30.0]}
    ],
}
TIME_SERIES = {
    "timeSeries": [
        {
            "metric": {
                "type": "agent.googleapis.com/gpu/utilization",
                "labels": {"gpu_number": "0", "uuid": "GPU-1"},
            },
            "resource": {"type": "gce_instance", "labels": {"instance_id": "42", "zone": "z"}},
            "metricKind": "GAUGE",
            "points": [
                {
                    "interval": {
                        "startTime": "2026-06-06T00:00:00Z",
                        "endTime": "2026-06-06T00:00:00Z",
                    },
                    "value": {"doubleValue": 30.0},
                }
            ],
        }
    ]
}
AZURE = {
    "cost": 1,
    "interval": "PT1M",
    "value": [
        {
            "id": "/subscriptions/s/resourceGroups/g/providers/X/workspaces/w"
            "/providers/Microsoft.Insights/metrics/GpuUtilizationPercentage",
            "name": {"value": "GpuUtilizationPercentage", "localizedValue": "GPU"},
            "unit": "Percent",
            "timeseries": [
                {
                    "metadatavalues": [{"name": {"value": "deviceid"}, "value": "0"}],
                    "data": [{"timeStamp": "2026-06-06T00:00:00Z", "average": 30.0}],
                }
            ],
        }
    ],
}


@pytest.mark.parametrize(
    ("kind", "content", "metric", "labels"),
    [
        ("cloudwatch_gpu", STREAM, "nvidia_smi_utilization_gpu", {"InstanceId": "i-1"}),
        ("cloudwatch_gpu", GET_METRIC_DATA, "nvidia_smi_utilization_gpu", {"InstanceId": "i-1"}),
        ("gcp_monitoring", TIME_SERIES, "agent.googleapis.com/gpu/utilization",
         {"uuid": "GPU-1", "instance_id": "42"}),
        ("azure_monitor", AZURE, "GpuUtilizationPercentage",
         {"deviceid": "0", "resource_id": "/subscriptions/s/resourceGroups/g/providers/X/"
          "workspaces/w"}),
    ],
)  # fmt: skip
def test_metrics_of_the_clouds_come_to_the_same(landed, kind, content, metric, labels):
    assert not land_one(landed, kind, "a.json", content)
    ((name, at, value, found),) = samples(landed)
    assert (name, at, value) == (metric, "2026-06-06T00:00:00", 30.0)
    assert labels.items() <= json.loads(found).items()


SACCT = (
    "JobID|JobIDRaw|JobName|State|Submit|Start|End|AllocTRES|NodeList|Account|User\n"
    "7|7|train|CANCELLED by 1001|2026-06-05T23:00:00|2026-06-06T01:00:00|2026-06-06T03:00:00|"
    "gres/gpu:a100=2,cpu=8|gpu[01-03,07],cpu2|vision|amy\n"
    "8|8|train|PENDING|2026-06-05T23:00:00|Unknown|Unknown||None assigned|vision|amy\n"
)


def test_times_of_slurm_are_brought_to_utc(landed):
    zone = {"timezone": "Europe/Berlin", "cluster": "halden"}
    assert not land_one(landed, "slurm_sacct", "2026-06-07.txt", SACCT, **zone)
    assert landed.query(
        "select job_id_raw, state, started_at, ended_at, listed_at, cluster_name, "
        "strftime(dumped_at, '%d') from raw_runs.slurm_jobs order by 1"
    ) == [
        ("7", "CANCELLED by 1001", datetime(2026, 6, 5, 23), datetime(2026, 6, 6, 1),
         datetime(2026, 6, 5, 23), "halden", "07"),
        ("8", "PENDING", None, None, datetime(2026, 6, 5, 21), "halden", "07"),
    ]  # fmt: skip
    assert landed.query("select node_names from raw_runs.slurm_jobs order by job_id_raw") == [
        ('["gpu01","gpu02","gpu03","gpu07","cpu2"]',),
        (None,),
    ]


def test_a_file_of_another_tool_is_refused_with_a_remedy(landed):
    (refused,) = land_one(landed, "prometheus_range", "a.json", {"data": {"result": [{"x": 1}]}})
    assert refused.column_name == "metric"


def test_samples_of_real_tools_land(landed, samples):
    folder = samples / "telemetry"
    kubernetes = samples / "native" / "k8s" / "nise_ocp_gpu"
    landed.listed("telemetry", "range", "prometheus_range",
                  f"{folder}/derived_prometheus/query_range_*.json")  # fmt: skip
    landed.listed("telemetry", "kube", "kubernetes_pods",
                  f"{folder}/derived_prometheus/query_kube_info.json")  # fmt: skip
    landed.listed("telemetry", "smi", "nvidia_smi_csv", f"{folder}/nvidia_smi_captures/*.csv")
    landed.listed("telemetry", "openshift", "openshift_usage", f"{kubernetes}/*.csv")
    assert not landed.land().refusals
    assert landed.query(
        "select _source_name, count(*), count(value) from raw_telemetry.samples "
        "group by all order by all"
    ) == [("kube", 15, 15), ("range", 14_774, 14_774), ("smi", 36, 32)]
    assert (
        landed.query(
            "select count(*), count(mig_instance_id), sum(gpu_pod_uptime) > 0 "
            "from raw_telemetry.openshift_gpus"
        )[0][0]
        == 799
    )
    assert landed.query("select count(*) from raw_telemetry.openshift_pods")[0][0] > 700


class Prometheus(BaseHTTPRequestHandler):
    """A server with one metric; it is busy at the first try and wants a token."""

    asked: ClassVar[list[dict[str, str]]] = []
    busy: ClassVar[list[int]] = []

    def do_GET(self):
        if self.headers["Authorization"] != "Bearer secret":
            return self.reply(401, {"status": "error", "error": "who are you"})
        if self.busy:
            return self.reply(self.busy.pop(), {"status": "error", "error": "busy"})
        url = urlsplit(self.path)
        if url.path == "/api/v1/label/__name__/values":
            return self.reply(200, {"data": ["DCGM_FI_DEV_GPU_UTIL", "up", "kube_pod_info"]})
        asked = dict(parse_qsl(url.query))
        self.asked.append(asked)
        if asked["query"] != "DCGM_FI_DEV_GPU_UTIL":
            return self.reply(200, {"data": {"resultType": "matrix", "result": []}})
        times = range(int(asked["start"]), int(asked["end"]) + 1, int(asked["step"]))
        metric = {"__name__": asked["query"], "UUID": "GPU-1"}
        return self.reply(200, matrix((metric, [[at, "7"] for at in times])))

    def reply(self, code: int, body: Any) -> None:
        text = json.dumps(body, separators=(",", ":")).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def prometheus(monkeypatch):
    monkeypatch.setattr(prometheus_api, "_pause", lambda tried: 0)
    monkeypatch.setenv("AI_FINOPS_PROMETHEUS_TOKEN", "secret")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Prometheus)
    thread = Thread(target=server.serve_forever)
    thread.start()
    Prometheus.asked.clear()
    Prometheus.busy[:] = [503]
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_live_prometheus_is_asked_piece_by_piece(landed, prometheus, monkeypatch):
    monkeypatch.setattr(prometheus_api, "datetime", Noon)
    landed.listed(
        "telemetry", "live", "prometheus_range", prometheus, since="2026-06-06", step="60"
    )
    assert not landed.land().refusals
    assert [a["start"] for a in Prometheus.asked if a["query"].startswith("DCGM")] == [
        str(MINUTE + hours * 3600) for hours in (0, 6)
    ]
    # Each instant once, from midnight to the minute of the clock.
    assert landed.query(
        "select count(*), count(distinct sampled_at), max(sampled_at) from raw_telemetry.samples"
    ) == [(630, 630, datetime(2026, 6, 6, 10, 29))]
    Prometheus.asked.clear()
    assert not landed.land().landed
    # What is over is not asked for again, be it empty (this server was asked long after).
    assert Prometheus.asked == []


def test_a_server_that_refuses_leaves_what_was_landed(landed, prometheus, monkeypatch):
    monkeypatch.setattr(prometheus_api, "datetime", Noon)
    landed.listed(
        "telemetry", "live", "prometheus_range", prometheus, since="2026-06-06", step="60"
    )
    landed.land()
    monkeypatch.setenv("AI_FINOPS_PROMETHEUS_TOKEN", "wrong")
    (refused,) = landed.land().refusals
    assert "401: who are you" in refused.reason and "TOKEN" in refused.remedy
    assert landed.query("select count(*) from raw_telemetry.samples") == [(630,)]


class Noon(datetime):
    """A clock that stands still in the sixth of June."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return datetime(2026, 6, 6, 10, 29, 15, tzinfo=tz)
