"""Who may come in and what they may do, against a real server."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from pictures import encoded, scene
from running import Browser, Server, serve

from imu_imageprep.front.web import (
    consents,
    folders,
    looks,
    pages,
    photos,
    results,
    review,
    selections,
)
from imu_imageprep.front.web.settings import Bounds

if TYPE_CHECKING:
    from collections.abc import Iterator

PHOTO = encoded(scene(320, 240))
MODULES = (pages, photos, review, selections, looks, results, folders, consents)
ROUTES = [
    (method, route.path.replace("{kind}", "patient").replace("{", "").replace("}", ""))
    for module in MODULES
    for route in module.ROUTES
    for method in sorted(route.methods or ())
    if route.path != "/enter"
]
CHANGES = [(method, path) for method, path in ROUTES if method not in ("GET", "HEAD")]
READS = [path for method, path in ROUTES if method == "GET"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("page"), config="[limits]\nbytes = 1_000_000\n") as running:
        yield running


@pytest.fixture(scope="module")
def browser(server: Server) -> Browser:
    return server.browser()


def stranger(server: Server) -> httpx.Client:
    """A client without a cookie."""
    return httpx.Client(base_url=server.url, verify=False, trust_env=False, timeout=60)


def code(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


# --- who asks -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_nothing_answers_without_the_secret(server: Server, method: str, path: str) -> None:
    headers = {"Origin": server.url, "X-CSRF-Token": "x" * 43}
    answer = stranger(server).request(method, path, headers=headers)
    assert answer.status_code == 403
    assert "csrf" not in answer.text or 'content=""' in answer.text


@pytest.mark.parametrize("key", ["", "wrong", "ü", "x" * 5000])
def test_a_wrong_key_opens_nothing(server: Server, key: str) -> None:
    answer = stranger(server).get("/enter", params={"key": key})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_a_link_lets_one_browser_in_and_no_other(server: Server) -> None:
    link = server.link()
    first = stranger(server).get(link)
    assert first.status_code == 200
    second = stranger(server).get(link)
    assert second.status_code == 403
    assert "set-cookie" not in second.headers


def test_looking_a_link_up_does_not_use_it(server: Server) -> None:
    link = server.link()
    assert "set-cookie" not in stranger(server).head(link).headers
    assert stranger(server).get(link).status_code == 200


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(server: Server) -> None:
    told = stranger(server).get(server.link()).headers["set-cookie"].lower()
    assert "httponly" in told
    assert "samesite=strict" in told
    assert "domain" not in told
    assert f"imageprep-{server.port}=" in told


@pytest.mark.parametrize("value", ["", "x", "x" * 43, "ü"])
def test_a_made_up_cookie_opens_nothing(server: Server, value: str) -> None:
    cookie = f"imageprep-{server.port}={value}".encode()
    answer = stranger(server).get("/api/state", headers={b"Cookie": cookie})
    assert answer.status_code == 403


def test_the_secret_of_an_earlier_run_opens_nothing(tmp_path: Path) -> None:
    with serve(tmp_path) as earlier:
        cookies = dict(earlier.browser().client.cookies)
        link = earlier.link()
    with serve(tmp_path) as later:
        key = link.partition("?key=")[2]
        assert stranger(later).get(f"/enter?key={key}").status_code == 403
        for value in cookies.values():
            with_old = {"Cookie": f"imageprep-{later.port}={value}"}
            answer = stranger(later).get("/api/state", headers=with_old)
            assert code(answer) == "no-session"


# --- from where -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1:{port}.evil", ""],
)
@pytest.mark.parametrize("path", ["/", "/api/state", "/enter", "/static/app.css", "/control/open"])
def test_another_host_name_is_refused(
    server: Server, browser: Browser, host: str, path: str
) -> None:
    """A foreign name that was made to point here (DNS rebinding)."""
    answer = browser.client.get(path, headers={"Host": host.format(port=server.port)})
    assert answer.status_code in (400, 403)
    assert "csrf" not in answer.text or 'content=""' in answer.text


@pytest.mark.parametrize("hosts", [[], ["127.0.0.1:{port}", "evil.example"]])
def test_no_host_and_two_hosts_are_refused(
    server: Server, browser: Browser, hosts: list[str]
) -> None:
    cookie = "; ".join(f"{name}={value}" for name, value in browser.client.cookies.items())
    lines = ["GET /api/state HTTP/1.1", f"Cookie: {cookie}", "Connection: close"]
    lines += [f"Host: {host.format(port=server.port)}" for host in hosts]
    answer = raw(server, "\r\n".join([*lines, "", ""]).encode())
    assert answer.split(b" ")[1] in (b"400", b"403")


# Every change from one foreign origin, and one change from every kind of origin.
ORIGINS = [None, "null", "http://evil.example", "http://127.0.0.1:1", "https://127.0.0.1:{port}"]


@pytest.mark.parametrize(
    ("method", "path", "origin"),
    [(*change, "http://evil.example") for change in CHANGES]
    + [("POST", "/api/cancel", origin) for origin in ORIGINS],
)
def test_a_change_from_another_origin_is_refused(
    server: Server, browser: Browser, method: str, path: str, origin: str | None
) -> None:
    headers = {"X-CSRF-Token": browser.csrf}
    if origin is not None:
        headers["Origin"] = origin.format(port=server.port)
    answer = browser.client.request(method, path, headers=headers)
    assert answer.status_code == 403
    assert code(answer) == "forbidden"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_change_that_another_site_began_is_refused(browser: Browser, site: str) -> None:
    headers = {**browser.headers, "Sec-Fetch-Site": site}
    assert browser.client.post("/api/cancel", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("path", "site"), [*((path, "same-site") for path in READS), ("/api/state", "cross-site")]
)
def test_reading_that_another_site_began_is_refused(browser: Browser, path: str, site: str) -> None:
    """Also a page of another server on this machine, which brings the cookie along."""
    answer = browser.client.get(path, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "token"),
    [(*change, None) for change in CHANGES]
    + [("POST", "/api/cancel", token) for token in ("", "x" * 43, "ü")],
)
def test_a_change_without_the_token_is_refused(
    browser: Browser, method: str, path: str, token: str | None
) -> None:
    headers = {name: text for name, text in browser.headers.items() if name != "X-CSRF-Token"}
    told = {name.encode(): text.encode() for name, text in headers.items()}
    if token is not None:
        told[b"X-CSRF-Token"] = token.encode()
    answer = browser.client.request(method, path, headers=told)
    assert answer.status_code == 403


def test_the_token_of_another_browser_is_refused(server: Server, browser: Browser) -> None:
    other = server.browser("Lim")
    assert other.csrf != browser.csrf
    headers = {**browser.headers, "X-CSRF-Token": other.csrf}
    assert browser.client.post("/api/cancel", headers=headers).status_code == 403


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PATCH", "PROPFIND"])
def test_other_methods_are_refused_and_no_other_origin_is_let_in(
    browser: Browser, method: str
) -> None:
    headers = {"Origin": "http://evil.example", "Access-Control-Request-Method": "PUT"}
    answer = browser.client.request(method, "/api/state", headers=headers)
    assert answer.status_code == 405
    assert not any(name.startswith("access-control") for name in answer.headers)


@pytest.mark.parametrize("path", ["/", "/api/state", "/static/app.css", "/enter", "/nothing"])
def test_everything_is_sealed(browser: Browser, path: str) -> None:
    headers = browser.client.get(path).headers
    policy = headers["content-security-policy"]
    told = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert told["default-src"] == told["frame-ancestors"] == told["base-uri"] == "'none'"
    assert told["script-src"] == told["style-src"] == told["connect-src"] == "'self'"
    assert told["require-trusted-types-for"] == "'script'"
    assert told["trusted-types"] == "'none'"
    assert "unsafe" not in policy
    assert "data:" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers
    if not path.startswith("/static/"):
        assert headers["cache-control"] == "no-store"


def test_pictures_are_not_kept_by_the_browser(browser: Browser) -> None:
    photo = browser.dropped(PHOTO)
    answer = browser.get(f"/api/photos/{photo['id']}/export")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize("path", ["/control/open", "/control/other"])
def test_a_browser_cannot_speak_for_imageprep(browser: Browser, path: str) -> None:
    headers = {**browser.headers, "Authorization": "Bearer x", "X-Nonce": "y"}
    assert browser.client.post(path, json={}, headers=headers).status_code == 403


def test_web_sockets_are_not_spoken(server: Server) -> None:
    lines = [
        "GET /api/events HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==",
    ]
    answer = raw(server, "\r\n".join([*lines, "", ""]).encode())
    assert answer.split(b" ")[1] == b"403"


# --- with what ------------------------------------------------------------------------------------


def beside_home(server: Server) -> set[Path]:
    """The files and folders near the server, but for what is in its home."""
    near = server.home.parent
    return {path for path in near.rglob("*") if path.relative_to(near).parts[0] != "home"}


@pytest.mark.parametrize(
    "name",
    [
        "../../../../tmp/evil.jpg",
        "..%2F..%2Fevil.jpg",
        "%2Fetc%2Fevil.jpg",
        "..%5C..%5Cevil.jpg",
        "C%3A%5Cevil.jpg",
        "a%00b%0D%0AX-Evil%3A1.jpg",
        "%E2%80%AEgpj.exe",
        "....%2F%2F",
        "%FF%FE",
        "x" * 3000,
        "",
    ],
)
def test_names_are_labels_and_never_paths(server: Server, browser: Browser, name: str) -> None:
    before = beside_home(server)
    photo = browser.dropped(PHOTO, name)
    assert photo["state"] == "ready"
    told = f"{photo['folder']}/{photo['name']}"
    assert ".." not in told.split("/")
    assert told.isprintable()
    assert len(photo["name"]) <= 200
    saved = browser.get(f"/api/photos/{photo['id']}/export").headers["content-disposition"]
    assert not {"/", "\\", "\r", "\n"} & set(saved.partition("filename*")[0])
    assert beside_home(server) == before
    assert not Path("/tmp/evil.jpg").exists()


@pytest.mark.parametrize("ident", ["..%2F..%2Fetc%2Fpasswd", "%00", "x" * 3000, "'--"])
def test_made_up_ids_find_nothing(browser: Browser, ident: str) -> None:
    for path in ("", "/picture", "/export", "/preview"):
        assert browser.client.get(f"/api/photos/{ident}{path}").status_code in (404, 405)


@pytest.mark.parametrize(
    "path", ["/static/../../pyproject.toml", "/static/%2e%2e/strings/en.toml", "/static/..%2fapp"]
)
def test_static_files_are_those_of_one_folder(server: Server, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: close\r\n\r\n"
    assert raw(server, request.encode()).split(b" ")[1] in (b"403", b"404")


def test_two_gigabytes_are_refused_before_they_come(server: Server, browser: Browser) -> None:
    head = upload_head(server, browser, ["Content-Length: 2000000000"])
    answer = raw(server, head + b"\xff\xd8\xff")
    assert answer.split(b" ")[1] == b"413"
    assert b'"too-large"' in answer


def test_a_body_of_unknown_length_ends_at_the_limit(server: Server, browser: Browser) -> None:
    head = upload_head(server, browser, ["Transfer-Encoding: chunked"])
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    answer = raw(server, head + chunk * 20)  # never says that it is the last one
    assert answer.split(b" ")[1] == b"413"


def test_large_and_odd_json_is_refused(browser: Browser) -> None:
    headers = {**browser.headers, "Content-Type": "application/json"}
    for body, status in (
        (b'{"name": "' + b"x" * 300_000 + b'"}', 413),
        (b"[" * 200_000, 422),
        (b'["name"]', 422),
        (b'{"name": NaN}', 422),
        (b'{"name": "\\ud83d"}', 422),
        (b'{"name": "Tan", "\\ud83d": 1}', 422),
        (b"\xff\xfe", 422),
    ):
        answer = browser.client.put("/api/me", content=body, headers=headers)
        assert answer.status_code == status, body[:20]
    plain = {**browser.headers, "Content-Type": "text/plain"}
    assert browser.client.put("/api/me", content=b"{}", headers=plain).status_code == 415


@pytest.mark.parametrize("boxes", [5, True, "all", {"a": 1}])
def test_what_is_covered_is_a_list_of_boxes(browser: Browser, boxes: object) -> None:
    answer = browser.put("/api/photos/none/covering", {"boxes": boxes})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "usage")


def test_no_name_and_no_token_reaches_what_is_printed(tmp_path: Path) -> None:
    with serve(tmp_path) as server:
        browser = server.browser("Secret Person")
        browser.drop(PHOTO, "secret-name.jpg")
        browser.get("/api/photos/secret-id")
        browser.client.put("/api/me", content=b"secret", headers=browser.headers)
        browser.post("/api/stop")
        server.process.wait(60)
        told = server.said()
    assert "secret" not in told.lower()
    assert browser.csrf not in told


# --- helpers --------------------------------------------------------------------------------------


def upload_head(server: Server, browser: Browser, more: list[str]) -> bytes:
    cookie = "; ".join(f"{name}={value}" for name, value in browser.client.cookies.items())
    lines = [
        "POST /api/photos HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        f"Origin: {server.url}",
        f"X-CSRF-Token: {browser.csrf}",
        f"Cookie: {cookie}",
        *more,
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def raw(server: Server, request: bytes) -> bytes:
    """Send bytes as they are; returns the first that come back."""

    async def asked() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(request)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", answer)
        answer += await reader.readexactly(int(length[1]) if length else 0)
        writer.close()
        return answer

    return asyncio.run(asyncio.wait_for(asked(), 60))


def test_more_connections_than_are_held_are_turned_away(tmp_path: Path) -> None:
    with serve(tmp_path, bounds=Bounds(connections=8)) as server:
        asked = f"GET /enter HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()

        async def flood() -> tuple[bytes, bytes]:
            held = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(8)]
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(asked)
            turned_away = await reader.readuntil(b"\r\n")
            for _, one in [*held, (reader, writer)]:
                one.close()
                await one.wait_closed()
            while True:  # the server takes its turn to see that they are gone
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
                writer.write(asked)
                answer = await reader.readuntil(b"\r\n")
                writer.close()
                if b"503" not in answer:
                    return turned_away, answer

        turned_away, answer = asyncio.run(asyncio.wait_for(flood(), 60))
        assert turned_away.split(b" ")[1] == b"503"
        assert answer.split(b" ")[1] == b"403"  # served again; there was no key
        assert server.browser().get("/api/state").status_code == 200


def test_slow_uploads_are_ended(tmp_path: Path) -> None:
    bounds = Bounds(pause_seconds=0.5, slowest=1_000_000)
    with serve(tmp_path, bounds=bounds) as server:
        browser = server.browser()
        head = upload_head(server, browser, ["Content-Length: 100000"])
        stopped = raw(server, head + b"\xff\xd8\xff")
        assert stopped.split(b" ")[1] == b"408"
        assert json.loads(stopped.partition(b"\r\n\r\n")[2])["error"]["code"] == "slow"

        async def drip() -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(head)
            answer = asyncio.create_task(reader.read(65_536))
            while not answer.done():
                writer.write(b"x")
                await asyncio.wait([answer], timeout=0.05)
            writer.close()
            return answer.result()

        dripped = asyncio.run(asyncio.wait_for(drip(), 60))
        assert dripped.split(b" ")[1] == b"408"
        assert browser.drop(PHOTO).status_code == 201  # and their room is free again
