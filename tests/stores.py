"""Real stores for the tests: a bucket of moto's service, folders behind OpenSSH and Samba."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import ports
import s3fs
import smb_service
from command import ROOT
from PIL import Image

from imu_imageprep import api
from imu_imageprep.storage import place, store_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.storage.port import Store as Asked


class Store(Protocol):
    """A store, and a way around imageprep to look at it."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What tells a program how to get in."""
        ...

    def url(self, folder: str = "") -> str:
        """The address of a folder."""
        ...

    def files(self, folder: str = "") -> dict[str, bytes]:
        """What lies in a folder and below it, by name."""
        ...

    def put(self, name: str, data: bytes) -> None:
        """Write a file."""
        ...


@dataclass(frozen=True)
class Service:
    """A running S3 service."""

    endpoint: str
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def received(self) -> bytes:
        """Every byte of every body that was sent to it."""
        return (self.folder / "received").read_bytes()

    def lose_answer(self, name: str) -> None:
        """Keep the next object that is called so, and cut the connection instead of saying it."""
        (self.folder / "lose").write_text(name, "utf-8")

    def refuse(self, method: str, code: str, status: int, times: int = 1) -> None:
        """Refuse the next requests of a method."""
        (self.folder / "refuse").write_text(f"{method} {code} {status}\n" * times, "utf-8")

    def requests(self) -> list[str]:
        """Status, method and path of each request."""
        return (self.folder / "requests").read_text("utf-8").splitlines()


@dataclass(frozen=True)
class Bucket:
    """A bucket of its own."""

    service: Service
    name: str

    @property
    def environment(self) -> dict[str, str]:
        return self.service.environment

    @property
    def _client(self) -> s3fs.S3FileSystem:
        return s3fs.S3FileSystem(
            key="testing",
            secret="testing",
            endpoint_url=self.service.endpoint,
            use_listings_cache=False,
        )

    def make(self) -> None:
        self._client.call_s3("create_bucket", Bucket=self.name)

    def url(self, folder: str = "") -> str:
        return f"s3://{self.name}/{folder}".rstrip("/")

    def files(self, folder: str = "") -> dict[str, bytes]:
        top = f"{self.name}/{folder}".rstrip("/")
        found = self._client.find(top)
        return {path.removeprefix(f"{top}/"): self._client.cat_file(path) for path in found}

    def put(self, name: str, data: bytes) -> None:
        self._client.call_s3("put_object", Bucket=self.name, Key=name, Body=data)


@dataclass(frozen=True)
class Folder:
    """A folder that a server of SFTP or SMB gives: by which address, and where it lies."""

    address: str
    top: Path
    environment: Mapping[str, str]

    def url(self, folder: str = "") -> str:
        return f"{self.address}/{folder}".rstrip("/")

    def files(self, folder: str = "") -> dict[str, bytes]:
        top = self.top / folder
        return {
            path.relative_to(top).as_posix(): path.read_bytes()
            for path in sorted(top.rglob("*"))
            if path.is_file()
        }

    def put(self, name: str, data: bytes) -> None:
        path = self.top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def share(server: smb_service.Server, name: str) -> Folder:
    """A folder of its own in a share."""
    (server.top / name).mkdir()
    named = {"FSSPEC_SMB_USERNAME": server.user, "FSSPEC_SMB_PASSWORD": smb_service.PASSWORD}
    return Folder(f"{server.url}/{name}", server.top / name, named)


@contextmanager
def s3(folder: Path) -> Iterator[Service]:
    """moto's service in a process of its own."""
    port = ports.free()
    program = [sys.executable, str(ROOT / "tests" / "s3_service.py"), str(port), str(folder)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(program, stdout=log, stderr=log)
    try:
        ports.listens(port, process)
        yield Service(f"http://127.0.0.1:{port}", folder)
    finally:
        process.kill()
        process.wait()


SAMPLES = [
    path for path in sorted((ROOT / "samples").iterdir()) if path.suffix not in {".py", ".md"}
]
HELD = {"clinical.jpg", "portrait.jpg", "sourced.jpg"}


def filled(store: Store, *paths: Path) -> None:
    for path in paths or SAMPLES:
        store.put(f"in/{path.name}", path.read_bytes())


def outcomes(receipts: Iterator[Receipt]) -> dict[str, str]:
    return {(receipt.path or "").rpartition("/")[2]: receipt.outcome.value for receipt in receipts}


def prepared(store: Store, folder: str = "in", out: str = "out", **asked: Any) -> dict[str, str]:
    return outcomes(api.prepare_many([store.url(folder)], out=store.url(out), jobs=1, **asked))


def plain(seed: int = 0) -> bytes:
    """A small picture in which nothing is found."""
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (seed % 256, seed // 256, 90)).save(file, "PNG")
    return file.getvalue()


def imageprep(*words: str, **more: Any) -> subprocess.Popen[str]:
    program = [sys.executable, "-m", "imu_imageprep", *words]
    return subprocess.Popen(
        program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, **more
    )


def said(*words: str, **env: str) -> tuple[int, str]:
    run = imageprep(*words, env={**os.environ, **env})
    out, err = run.communicate(timeout=300)
    return run.returncode, out + err


def asked(store: Store) -> Asked:
    return store_of(place(store.url("x")))  # type: ignore[arg-type]
