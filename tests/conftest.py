"""Every test gets its own home: no test reads or writes the user's configuration or ledger."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from command import HOMES
from hypothesis import settings

# One thread per library, as in the product, before any is loaded: pytest-xdist uses every core.
import imu_imageprep.api  # noqa: F401

# What modules that tests share assert tells its values too, as in the tests themselves.
pytest.register_assert_rewrite(
    *("browsing", "clusters", "fakes", "postgres", "running", "ssh_service")
)

# A shell that runs the tests in the background has Ctrl-C ignored, and the commands that they
# start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says something about the machine, not about the product.
settings.register_profile("imageprep", deadline=None)
settings.load_profile("imageprep")

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65_534


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh home folder, which the environment names."""
    folder = tmp_path_factory.mktemp("home")
    for name in HOMES:
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("IMAGEPREP_LEDGER", str(folder / "ledger.db"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What only POSIX systems have is not tried on Windows; the mark says what that is."""
    for item in items:
        for mark in item.iter_markers("posix"):
            reason = mark.kwargs["reason"]
            item.add_marker(pytest.mark.skipif(sys.platform == "win32", reason=reason))


@pytest.fixture
def links(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Symbolic links: Windows lets few people make one, and Wine only says that it did."""
    link = tmp_path_factory.mktemp("links") / "link"
    with contextlib.suppress(OSError):
        link.symlink_to("nowhere")
    if not link.is_symlink():
        pytest.skip("no symbolic links can be made here")


@pytest.fixture
def ordinary() -> Iterator[Path]:
    """A folder of an ordinary user, who this process is during the test: root may do anything."""
    if sys.platform == "win32":
        pytest.skip("there are no user ids to change to")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        root = os.geteuid() == 0
        if root:
            os.chown(name, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        try:
            yield Path(name)
        finally:
            if root:
                os.seteuid(0)
