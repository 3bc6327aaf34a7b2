"""The same deliveries on Azure Blob and Google Cloud Storage, against emulators on loopback.

Azurite comes from the npm registry (374 packages, 15 s): without npm its tests skip. The emulator
of Google's store is a development dependency.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import fsspec
import pytest

from tests.landing.bills import DataExport, rows

RUN = "2026-06-02T00:00:00.000Z-0000"
NEWER = "2026-06-03T00:00:00.000Z-0001"
AZURITE = "azurite@3.35.0"
# The account and key that every Azurite has; they open nothing else.
AZURITE_KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int) -> None:
    """Until something listens; fails after 30 s."""
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"nothing listens on port {port}")


@pytest.fixture(scope="module")
def azurite(tmp_path_factory) -> Iterator[dict[str, str]]:
    """A running Azurite; the environment in which adlfs finds it."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not there to install Azurite with")
    folder = tmp_path_factory.mktemp("azurite")
    (folder / "package.json").write_text('{"private": true}')
    installed = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--silent", AZURITE],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert installed.returncode == 0, installed.stderr
    port = free_port()
    server = subprocess.Popen(
        [
            str(folder / "node_modules" / ".bin" / "azurite-blob"),
            *("--blobHost", "127.0.0.1", "--blobPort", str(port), "--location", str(folder)),
            *("--disableTelemetry", "--skipApiVersionCheck", "--silent"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port)
        yield {
            "AZURE_STORAGE_CONNECTION_STRING": "DefaultEndpointsProtocol=http;"
            f"AccountName=devstoreaccount1;AccountKey={AZURITE_KEY};"
            f"BlobEndpoint=http://127.0.0.1:{port}/devstoreaccount1;"
        }
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="module")
def google() -> Iterator[dict[str, str]]:
    """A running emulator of Google Cloud Storage; the environment in which gcsfs finds it."""
    from gcp_storage_emulator.server import create_server

    port = free_port()
    server = create_server("127.0.0.1", port, in_memory=True)
    server.start()
    yield {
        "STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{port}",
        # Otherwise each call asks a service that no emulator has, for 60 s.
        "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false",
    }
    server.stop()


@pytest.fixture(params=["abfs", "gs"])
def store(request, monkeypatch) -> Iterator[Callable[[Path], str]]:
    """A new bucket or container; uploading a folder to it gives its address."""
    protocol = request.param
    environment = request.getfixturevalue({"abfs": "azurite", "gs": "google"}[protocol])
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    fsspec.get_filesystem_class(protocol).clear_instance_cache()
    filesystem = fsspec.filesystem(protocol)
    bucket = f"bills{os.getpid()}{abs(hash(request.node.name)) % 10**6}"
    filesystem.mkdir(bucket)

    def upload(folder: Path) -> str:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                key = f"{bucket}/exports/{path.relative_to(folder)}"
                with filesystem.open(key, "wb") as target:
                    target.write(path.read_bytes())
        return f"{protocol}://{bucket}/exports/"

    yield upload
    fsspec.get_filesystem_class(protocol).clear_instance_cache()


def test_an_export_lands_as_it_does_from_a_folder(house, store):
    export = DataExport(house.folder / "in")
    export.deliver("2026-05", RUN, rows(), parts=2)
    house.export("bills", "aws_cur_2", store(house.folder / "in"))
    assert not house.land().refusals
    assert house.count() == len(rows())
    assert house.land().sources[0].skipped == 1


def test_a_newer_run_replaces_the_month(house, store):
    export = DataExport(house.folder / "in")
    export.deliver("2026-05", RUN, rows())
    house.export("bills", "aws_cur_2", store(house.folder / "in"))
    house.land()
    export.deliver("2026-05", NEWER, rows()[:-1])
    store(house.folder / "in")
    assert len(house.pending()) == 1
    house.land()
    assert house.count() == len(rows()) - 1


def test_a_location_that_is_not_there_is_refused_with_its_address(house, store):
    address = store(house.folder / "nothing").replace("exports", "elsewhere")
    house.export("bills", "aws_cur_2", address)
    assert "does not exist" in house.refused()
