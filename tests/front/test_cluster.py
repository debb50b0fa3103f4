"""The command, a cluster, a ledger on PostgreSQL and an S3 service, all real."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import postgres
import pytest
import stores
from clusters import machines
from command import ROOT, imageprep
from pictures import encoded
from PIL import Image
from stores import HELD, SAMPLES

from imu_imageprep.session import Session

pytestmark = pytest.mark.posix(reason="Dask's processes are started and killed as POSIX has it")


@pytest.fixture
def ledger() -> Iterator[str]:
    with postgres.serving() as server:
        yield server.url(server.database())


def told(text: str) -> dict[str, str]:
    lines = [json.loads(line) for line in text.splitlines()]
    return {line["path"].rpartition("/")[2]: line["outcome"] for line in lines}


def test_an_archive_goes_from_bucket_to_bucket(
    tmp_path: Path, ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "s3").mkdir()
    with stores.s3(tmp_path / "s3") as service:
        for name, value in service.environment.items():
            monkeypatch.setenv(name, value)
        bucket = stores.Bucket(service, "archive")
        bucket.make()
        for path in SAMPLES:
            bucket.put(f"in/{path.name}", path.read_bytes())
        before = len(service.received())
        with machines(tmp_path / "machines", "w1", "w2") as here:
            asked = (bucket.url("in"), "-o", bucket.url("out"), "--scheduler", here.address)
            done = imageprep(*asked, "--json", "--ledger", ledger)
            again = imageprep(*asked, "--json", "--ledger", ledger)
        exported = {path.name for path in SAMPLES} - HELD
        assert done.returncode == 1
        assert told(done.stdout) == {
            **dict.fromkeys(exported, "exported"),
            **dict.fromkeys(HELD, "held"),
        }
        assert Counter(told(again.stdout).values()) == {"skipped": len(exported), "held": 3}
        made = bucket.files("out")
        sent = service.received()[before:]
        puts = [line for line in service.requests() if " PUT " in line and "/out/" in line]
    imageprep(ROOT / "samples", "-o", tmp_path / "alone")
    assert made == {path.name: path.read_bytes() for path in (tmp_path / "alone").iterdir()}
    assert len(puts) == len(exported)  # nothing of a photo that waits, and nothing twice
    assert all(data in sent for data in made.values())
    found = Session.open(ledger=ledger).ledger.audit()
    assert (found.damage, found.events) == (None, 2 * len(exported))


def test_an_interruption_leaves_whole_exports_alone(tmp_path: Path) -> None:
    place = tmp_path / "photos"
    place.mkdir()
    for number in range(60):
        picture = Image.new("RGB", (900, 700), (number * 4, 120, 90))
        (place / f"{number:02d}.jpg").write_bytes(encoded(picture))
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "imu_imageprep", place, "--scheduler", "local", "-j", "1"),
            *("--ledger", tmp_path / "ledger.db"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline().endswith(".jpg\n")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert "run the same command again" in said
    left = list((tmp_path / "photos-web").iterdir())
    assert 0 < len(left) < 60
    assert all(Image.open(path).size for path in left)
    found = Session.open(ledger=tmp_path / "ledger.db").ledger.audit()
    assert found.damage is None
