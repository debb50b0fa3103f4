"""What a window is told late, twice, or not at all: it shows what is so in the end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from browsing import SAMPLES, needs_chromium, window
from pictures import encoded, scene
from playwright.sync_api import expect
from running import serve

from imu_imageprep.front.web.settings import Bounds

if TYPE_CHECKING:
    from pathlib import Path

    from browsing import Window
    from playwright.sync_api import Browser, Route
    from running import Browser as Client
    from running import Server

pytestmark = needs_chromium

PHOTO = encoded(scene(320, 240))

# An answer is there, and the page gets it only when it knows something else of its photos; `taken`
# is so once it has done what it does with it.
HELD_BACK = """async () => {
    const { state, watch } = await import("/static/store.js");
    const known = (photos) => KNOWN;
    const ask = window.fetch;
    window.fetch = async (path, options) => {
        const answer = await ask(path, options);
        if (path !== "PATH") return answer;
        const told = await answer.json();
        window.held = true;
        await new Promise((done) => {
            const look = () => known([...state.photos.values()]) && done();
            watch(look);
            look();
        });
        const json = async () => {
            setTimeout(() => { window.taken = true; });
            return told;
        };
        return { ok: true, status: 200, headers: answer.headers, json };
    };
}"""
PHOTOS = """import("/static/store.js").then(({ state }) =>
    [...state.photos.values()].map((photo) => [photo.name, photo.state, photo.seen]))"""


def hold_back(it: Window, path: str, known: str) -> None:
    it.page.evaluate(HELD_BACK.replace("KNOWN", known).replace("PATH", path))


def somebody_else(server: Server) -> Client:
    """Another browser; begun in a thread, because a loop runs in this one already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(server.browser, "Lim").result()


def look_at_one(it: Window) -> dict[str, Any]:
    """A photo waits for its last look, and the person at the page has a name."""
    it.send("PUT", "/api/me", {"name": "Tan"})
    it.page.reload()
    it.alive()
    it.choose(SAMPLES / "portrait.jpg")
    (photo,) = it.photos().values()
    it.send("PUT", f"/api/photos/{photo['id']}/covering", {"redact": ["face-1"]})
    it.view("look")
    # Its picture has come: one that is asked for as the photo leaves is not there any more, and
    # Chromium says so.
    expect(it.page.locator("#look-fine")).to_have_attribute("aria-disabled", "false")
    return photo


def test_an_answer_that_news_has_overtaken_changes_nothing(
    chromium: Browser, tmp_path: Path
) -> None:
    """A photo has left before the page reads that it is about to."""
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        look_at_one(it)
        hold_back(it, "/api/looks", "photos[0].state === 'ready'")
        it.fine()
        it.page.wait_for_function("() => window.taken")
        assert it.page.evaluate(PHOTOS) == [["portrait.jpg", "ready", False]]
        it.released()


def test_an_answer_about_a_photo_that_is_off_the_list_does_not_bring_it_back(
    chromium: Browser, tmp_path: Path
) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        path = f"/api/photos/{look_at_one(it)['id']}"
        hold_back(it, path, "photos.length === 0")
        it.page.evaluate(
            """(path) => {
                import("/static/store.js").then(({ get, take }) => get(path).then(take));
            }""",
            path,
        )
        it.page.wait_for_function("() => window.held")
        somebody_else(server).delete(path)
        it.page.wait_for_function("() => window.taken")
        assert it.page.evaluate(PHOTOS) == []


def test_an_answer_about_everything_does_not_undo_what_was_told_meanwhile(
    chromium: Browser, tmp_path: Path
) -> None:
    """While it is on its way, one photo comes, one is changed and one leaves the list."""
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        other = somebody_else(server)
        leaves, stays = other.dropped(PHOTO, "leaves.jpg"), other.dropped(PHOTO, "stays.jpg")
        names = "photos.filter((one) => one.seen).map((one) => one.name).join()"
        hold_back(it, "/api/state", f"photos.length === 2 && {names} === 'stays.jpg,comes.jpg'")
        it.page.evaluate("import('/static/store.js').then(({ refresh }) => { refresh(); })")
        it.page.wait_for_function("() => window.held")
        comes = other.dropped(PHOTO, "comes.jpg")
        other.delete(f"/api/photos/{leaves['id']}")
        other.post("/api/seen", {"photos": [stays["id"], comes["id"]], "seen": True})
        it.page.wait_for_function("() => window.taken")
        so = [["stays.jpg", "ready", True], ["comes.jpg", "ready", True]]
        assert it.page.evaluate(PHOTOS) == so


def test_what_happens_before_the_news_begin_is_heard(chromium: Browser, tmp_path: Path) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        other = somebody_else(server)

        def between(asked: Route) -> None:
            """Everything was asked for already."""
            if not other.get("/api/state").json()["photos"]:
                other.dropped(PHOTO, "between.jpg")
            asked.continue_()

        it.page.route("**/api/events", between)
        it.page.reload()
        it.alive()
        expect(it.page.locator("#n-ready")).to_have_text("1")


def test_what_could_not_be_sent_is_looked_at_again_and_sent(
    chromium: Browser, tmp_path: Path
) -> None:
    """The server was away for two requests; that keeps no later look from being sent."""
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        look_at_one(it)
        for path in ("**/api/looks", "**/api/state"):
            it.page.route(path, lambda asked: asked.abort(), times=1)
        it.fine()
        expect(it.page.locator("#told")).to_contain_text("The program does not answer.")
        expect(it.page.locator("#look-title")).to_be_visible()
        expect(it.page.locator("#look-frame.loading")).to_have_count(0)
        it.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")  # past the banner
        it.fine()
        it.released()
        assert it.page.evaluate(PHOTOS) == [["portrait.jpg", "ready", False]]
        assert len(it.problems) == 2  # the browser writes of both requests
        it.problems.clear()


def test_a_stream_that_was_refused_begins_anew_and_tells_everything(
    chromium: Browser, tmp_path: Path
) -> None:
    """The server was busy for a moment; a browser by itself does not try again then."""
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        other = somebody_else(server)
        for path in ("**/api/events", "**/api/state"):
            it.page.route(path, lambda asked: asked.fulfill(status=503), times=1)
        it.page.evaluate("import('/static/store.js').then(({ listen }) => listen())")
        expect(it.page.locator("#banner")).to_be_visible()
        other.dropped(PHOTO)
        expect(it.page.locator("#n-ready")).to_have_text("1")
        expect(it.page.locator("#banner")).to_be_hidden()
        assert all("503" in one for one in it.problems)  # what the browser writes of it
        it.problems.clear()


def test_everything_is_asked_for_until_it_is_told(chromium: Browser, tmp_path: Path) -> None:
    """A window that has fallen behind asks, and is not heard at first."""
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        it.page.evaluate(
            """import("/static/store.js").then(({ listen }) => {
                window.EventSource = class extends EventSource {
                    constructor(path) { super(path); window.stream = this; }
                };
                listen();
            })"""
        )
        it.page.route("**/api/state", lambda asked: asked.abort(), times=1)
        with it.page.expect_response("**/api/state"):
            it.page.evaluate(
                """() => {
                    window.stream.dispatchEvent(new MessageEvent("reload", { data: "{}" }));
                }"""
            )
        somebody_else(server).dropped(PHOTO)
        expect(it.page.locator("#n-ready")).to_have_text("1")
        expect(it.page.locator("#banner")).to_be_hidden()
        assert len(it.problems) == 1  # what the browser writes of it
        it.problems.clear()


def test_a_part_of_the_page_that_fails_keeps_news_from_no_other(
    chromium: Browser, tmp_path: Path
) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        it.page.evaluate(
            """import("/static/store.js").then(({ watch }) => {
                watch(() => { throw new Error("not my day"); });
                watch(() => { window.heard = true; });
            })"""
        )
        somebody_else(server).dropped(PHOTO)
        it.page.wait_for_function("() => window.heard")
        assert set(it.problems) == {"not my day"}
        it.problems.clear()


def fails_once(it: Window) -> None:
    """One request gets no answer; the stream of news is whole."""
    it.page.route("**/api/me", lambda asked: asked.abort(), times=1)
    it.page.evaluate("""() => {
        import("/static/store.js")
            .then(({ put }) => put("/api/me", { name: "Tan" }))
            .catch(() => {});
    }""")
    expect(it.page.locator("#banner-text")).to_contain_text("The program does not answer.")
    assert len(it.problems) == 1  # what the browser writes of it
    it.problems.clear()


def test_a_server_that_is_heard_by_its_news_is_not_said_to_be_away(
    chromium: Browser, tmp_path: Path
) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        it.page.route("**/api/stay", lambda _: None)  # nothing is heard by asking
        fails_once(it)
        somebody_else(server).dropped(PHOTO)
        expect(it.page.locator("#n-ready")).to_have_text("1")
        expect(it.page.locator("#banner")).to_be_hidden()


def test_a_server_that_says_nothing_is_asked_until_it_answers(
    chromium: Browser, tmp_path: Path
) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        it.page.route("**/api/stay", lambda asked: asked.abort(), times=1)
        fails_once(it)
        expect(it.page.locator("#banner")).to_be_hidden()
        it.problems.clear()  # the browser writes of the question that failed, too


def test_a_page_that_could_not_begin_begins_when_the_server_answers(
    chromium: Browser, tmp_path: Path
) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        for way in (lambda asked: asked.abort(), lambda asked: asked.fulfill(status=503)):
            it.page.route("**/api/state", way, times=1)
            it.page.reload()
            it.alive()
            expect(it.page.locator("#banner")).to_be_hidden()
        it.problems.clear()  # what the browser writes of both requests


def test_what_is_so_still_is_said_when_the_server_is_heard_again(
    chromium: Browser, tmp_path: Path
) -> None:
    """A connection that comes back says nothing of a program that was started anew."""
    with serve(tmp_path / "server") as server, window(chromium, server) as it:

        def another(asked: Route) -> None:
            answer = asked.fetch()
            asked.fulfill(response=answer, json={**answer.json(), "started": "another"})

        it.page.route("**/api/events", lambda asked: asked.abort(), times=1)
        it.page.route("**/api/state", another, times=1)
        it.page.evaluate("import('/static/store.js').then(({ listen }) => listen())")
        banner = it.page.locator("#banner-text")
        expect(banner).to_contain_text("The program does not answer.")
        expect(banner).to_contain_text("The program was started again")
        somebody_else(server).dropped(PHOTO)
        expect(it.page.locator("#n-ready")).to_have_text("1")
        expect(banner).to_contain_text("The program was started again")
        it.page.get_by_role("button", name="I understand").click()
        expect(it.page.locator("#banner")).to_be_hidden()
        it.problems.clear()  # what the browser writes of the stream


def test_a_page_that_is_used_again_is_not_said_to_stop_soon(
    chromium: Browser, tmp_path: Path
) -> None:
    """By whichever window it is used."""
    bounds = Bounds(idle_seconds=20)
    with serve(tmp_path / "server", bounds=bounds) as server, window(chromium, server) as it:
        expect(it.page.locator("#banner-text")).to_contain_text("The program stops in 1 minute.")
        somebody_else(server)
        expect(it.page.locator("#banner")).to_be_hidden()


def test_what_goes_wrong_with_a_photo_that_is_answered_is_told_at_once(
    chromium: Browser, tmp_path: Path
) -> None:
    """As the server says it: the worker that judged it died, or the photo failed."""
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        it.choose(SAMPLES / "portrait.jpg")
        it.view("review")

        def happens(values: dict[str, Any]) -> None:
            it.page.evaluate(
                """async (values) => {
                    const { state, take } = await import("/static/store.js");
                    const [photo] = state.photos.values();
                    take({ ...photo, ...values, told: photo.told + 1 });
                }""",
                values,
            )

        expect(it.page.locator("#left")).to_have_text("1 thing still needs an answer.")
        happens({"unchecked": True})
        told = it.page.locator("#told")
        expect(told).to_contain_text("portrait.jpg: The check was cut off.")
        expect(it.page.locator("#left")).to_contain_text("The check was cut off.")
        it.view("drop")
        expect(it.page.locator("#files")).to_contain_text("The check was cut off.")
        trouble = {"message": "It was taken away.", "advice": "Put it back."}
        happens({"unchecked": False, "state": "failed", "error": trouble})
        expect(told).to_contain_text("portrait.jpg: It was taken away. Put it back.")
