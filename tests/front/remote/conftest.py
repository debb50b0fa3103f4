"""A bucket, a folder behind ssh and a share, for the tests of one file."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import fsspec
import pytest
import smb_service
import ssh_service
import stores

from imu_imageprep.storage import opening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stores import Bucket, Folder, Service, Store

_names = itertools.count()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with stores.s3(tmp_path_factory.mktemp("s3")) as service:
        yield service


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ssh_service.Server]:
    with ssh_service.serving(tmp_path_factory.mktemp("ssh")) as server:
        yield server


@pytest.fixture(scope="module")
def samba(tmp_path_factory: pytest.TempPathFactory) -> Iterator[smb_service.Server]:
    with smb_service.serving(tmp_path_factory.mktemp("smb")) as server:
        yield server


@pytest.fixture
def bucket(service: Service, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    for name, value in service.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(opening, "_opened", {})
    bucket = stores.Bucket(service, f"bucket-{next(_names)}")
    bucket.make()
    return bucket


@pytest.fixture
def folder(
    server: ssh_service.Server, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Folder:
    server.known_in(home)
    monkeypatch.setattr(opening, "_opened", {})
    # The home folder knows the server.
    return stores.Folder(f"{server.url}{tmp_path}", tmp_path, {})


@pytest.fixture
def share(samba: smb_service.Server, monkeypatch: pytest.MonkeyPatch) -> Folder:
    folder = stores.share(samba, f"folder-{next(_names)}")
    for name, value in folder.environment.items():
        monkeypatch.setenv(name, value)
    # As fsspec reads them when it is loaded, which this process did before.
    named = {"username": samba.user, "password": smb_service.PASSWORD}
    monkeypatch.setitem(fsspec.config.conf, "smb", named)
    monkeypatch.setattr(opening, "_opened", {})
    return folder


@pytest.fixture(params=["s3", "sftp", "smb"])
def store(request: pytest.FixtureRequest) -> Store:
    fixture = {"s3": "bucket", "sftp": "folder", "smb": "share"}[request.param]
    return request.getfixturevalue(fixture)  # type: ignore[no-any-return]
