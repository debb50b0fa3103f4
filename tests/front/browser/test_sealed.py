"""What a script that slipped into the page could not do: the browser refuses, not only the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browsing import needs_chromium, window
from running import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from browsing import Window
    from playwright.sync_api import Browser

pytestmark = needs_chromium

# Places where a text would become markup or code.
SINKS = {
    "markup": "document.body.innerHTML = '<b>x</b>'",
    "markup beside": "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
    "a page written anew": "document.write('<b>x</b>')",
    "a document parsed": "new DOMParser().parseFromString('<b>x</b>', 'text/html')",
    "a fragment": "document.createRange().createContextualFragment('<b>x</b>')",
    "a frame's document": "document.createElement('iframe').srcdoc = '<b>x</b>'",
    "a script's address": "document.createElement('script').src = '/static/main.js'",
    "a script's text": "document.createElement('script').text = 'window.slipped = 1'",
    "a handler": "document.body.setAttribute('onclick', 'window.slipped = 1')",
    "a text run later": "setTimeout('window.slipped = 1', 0)",
    "a plug-in": "document.createElement('object').data = '/'",
    "a worker": "new Worker('/static/main.js')",
    "a policy of its own": "trustedTypes.createPolicy('mine', { createHTML: (text) => text })",
}

# What is asked for, with the directive that refuses it.
ASKS = {
    "another server": ("fetch('http://127.0.0.1:1/').catch(() => {})", "connect-src"),
    "a picture elsewhere": ("new Image().src = 'http://127.0.0.1:1/x.png'", "img-src"),
    "a picture in a text": (
        "new Image().src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw='",
        "img-src",
    ),
    "a script in the page": (
        (
            "const one = document.createElement('script'); one.append('window.slipped = 1');"
            " document.body.append(one)"
        ),
        "require-trusted-types-for",
    ),
    "a style in the page": (
        (
            "const one = document.createElement('style'); one.textContent = 'body { color: red }';"
            " document.head.append(one)"
        ),
        "style-src-elem",
    ),
    "a style of an element": (
        "document.body.setAttribute('style', 'color: red')",
        "style-src-attr",
    ),
    "a frame": (
        "const one = document.createElement('iframe'); one.src = '/'; document.body.append(one)",
        "frame-src",
    ),
    "another base": (
        (
            "const one = document.createElement('base'); one.href = 'http://127.0.0.1:1/';"
            " document.head.append(one)"
        ),
        "base-uri",
    ),
}


@pytest.fixture(scope="module")
def opened(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    with serve(tmp_path_factory.mktemp("sealed")) as server, window(chromium, server) as it:
        yield it


@pytest.fixture
def it(opened: Window) -> Iterator[Window]:
    """The page, loaded anew."""
    opened.page.reload()
    opened.alive()
    yield opened
    assert opened.page.evaluate("() => window.slipped ?? null") is None
    opened.problems.clear()  # the browser's own words about what it refused


@pytest.mark.parametrize("sink", SINKS)
def test_no_text_becomes_markup_or_code(it: Window, sink: str) -> None:
    tried = f"() => {{ try {{ {SINKS[sink]}; return 'done'; }} catch (no) {{ return no.name; }} }}"
    assert it.page.evaluate(tried) == "TypeError"
    it.page.evaluate("() => new Promise((done) => setTimeout(done, 0))")


@pytest.mark.parametrize("asked", ASKS)
def test_nothing_comes_from_elsewhere_and_nothing_stands_in_the_page(
    it: Window, asked: str
) -> None:
    attempt, directive = ASKS[asked]
    told = it.page.evaluate(
        f"""() => new Promise((done) => {{
            document.addEventListener("securitypolicyviolation", (event) =>
                done(event.effectiveDirective));
            {attempt};
        }})"""
    )
    assert told == directive
