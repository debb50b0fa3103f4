"""A page, and a browser of somebody at it, for the tests of one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from running import Browser, Server, serve

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("page")) as running:
        yield running


@pytest.fixture(scope="module")
def browser(server: Server) -> Browser:
    return server.browser("Tan")
