from __future__ import annotations

import pytest

from imu_imageprep.domain.server import holds_password, on_server


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://host/db",
        "postgresql://user@host:5432/db?sslmode=verify-full",
        "postgresql://host:5432/db?application_name=a@b",
        "postgresql:///db?host=/run/postgresql&user=a",
        "postgresql://user@/db?host=%2Frun%2Fpostgresql",
        "postgresql://user@[::1]/db?passfile=/home/a/.pgpass",
        "postgres://",
    ],
)
def test_an_address_without_a_secret(url: str) -> None:
    assert on_server(url)
    assert not holds_password(url)


@pytest.mark.parametrize(
    "rest",
    [
        "user:needle@host/db",
        "user:12345/needle@host/db",
        "user:12345?needle@host/db",
        "user:nee/dle@host/db",
        "user:nee?dle@host/db?sslmode=require",
        "user%3Aneedle@host/db",
        "host/db?password=needle",
        "host/db?oauth_client_secret=needle",
        "host/db?scram_client_key=needle",
    ],
)
def test_an_address_with_a_secret(rest: str) -> None:
    assert holds_password(f"postgresql://{rest}")


@pytest.mark.parametrize("place", ["ledger.db", "/a/postgresql://b", "postgresql:/db", "http://a"])
def test_what_is_a_file(place: str) -> None:
    assert not on_server(place)
