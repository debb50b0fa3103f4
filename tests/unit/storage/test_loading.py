from __future__ import annotations

import subprocess
import sys

import pytest
from command import ROOT

from imu_imageprep import storage
from imu_imageprep.domain.errors import ModelProblem
from imu_imageprep.storage import opening

STORES = ("fsspec", "s3fs", "botocore", "paramiko", "smbclient", "asyncio")
PREPARE = """
import sys
from imu_imageprep.front.cli import process
sys.argv = ["imageprep", "samples/campus.jpg", "-o", sys.argv[1], "-q"]
code = process._run()
loaded = [name for name in {names!r} if name in sys.modules]
assert (code, loaded) == (0, []), (code, loaded)
mine = [name for name in sys.modules if name.startswith("imu_imageprep.storage.")]
assert mine == ["imu_imageprep.storage.local"], mine
"""


def test_a_run_without_an_address_loads_nothing_for_one(tmp_path: object) -> None:
    program = PREPARE.format(names=STORES)
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    ("address", "lacks"),
    [("s3://b", "s3fs"), ("sftp://s/x", "paramiko"), ("smb://s/x", "smbclient")],
)
def test_a_missing_extra_is_said(monkeypatch: pytest.MonkeyPatch, address: str, lacks: str) -> None:
    monkeypatch.setitem(sys.modules, lacks, None)
    kind = address.partition(":")[0]
    monkeypatch.delitem(sys.modules, f"imu_imageprep.storage.{kind}", raising=False)
    monkeypatch.setattr(opening, "_opened", {})
    where = storage.place(address)
    assert isinstance(where, storage.Remote)
    with pytest.raises(ModelProblem, match="packages that are not installed"):
        storage.store_of(where)
