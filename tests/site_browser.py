"""Opens the site as its readers do, in Chromium, and tells what its pages do that a page of ours must not.

The site is `smallprint serve` in a process of its own. Chromium knows no host but 127.0.0.1.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response, sync_playwright

from archive.settings import Settings
from crawler import options
from tests.commands import environment, first_answer, free_port

WIDE, PHONE = {"width": 1200, "height": 900}, {"width": 390, "height": 844}
GRAVE = {"serious", "critical"}  # axe-core's words
ALONE = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--disable-background-networking"]

# The policy's violations are told on the console, with what was kept from running.
TELL = """document.addEventListener('securitypolicyviolation', event =>
    console.error(`kept by the policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`))"""
# What has run or become markup of what must stay words; places that no link may lead to.
OWNED = """() => {
    const bad = /^[\\s\\0-\\x1f]*(javascript|vbscript|data):/i, found = [];
    const tell = (what, one) => found.push(`${what}: ${one.outerHTML.slice(0, 120)}`);
    if (window.owned) found.push('a script has run');
    for (const one of document.querySelectorAll('*')) {
        if (one.matches('owned-element, iframe, object, embed, base, meta[http-equiv=refresh]')
            || one.classList.contains('owned') || one.id === 'owned') tell('became markup', one);
        for (const {name, value} of one.attributes) {
            if (name.startsWith('on') || name === 'srcdoc') tell('has a handler', one);
            if (['href', 'xlink:href', 'action', 'formaction', 'src'].includes(name) && bad.test(value))
                tell('leads to a script', one);
        }
    }
    return found;
}"""
LINKS = """() => [...document.querySelectorAll('[href], [src], form')].map(
    one => one.href?.baseVal ?? one.href ?? one.src ?? one.action).filter(Boolean)"""
IDS = "() => [...document.querySelectorAll('[id]')].map(one => one.id)"
# What has the keyboard, and whether a reader can see that it has.
FOCUSED = """() => {
    const one = document.activeElement, look = getComputedStyle(one), box = one.getBoundingClientRect();
    const drawn = () => [...one.querySelectorAll('*')].map(part => getComputedStyle(part)).map(
        style => [style.stroke, style.strokeWidth, style.outline].join()).join();
    const differs = () => { // of what stands in a picture, parts are marked
        const focused = drawn();
        one.blur();
        const rest = drawn();
        one.focus();
        return focused !== rest;
    };
    return {
        place: one === document.body ? '' : one.outerHTML.slice(0, 120), skip: one.classList.contains('skip'),
        seen: box.width > 0 && box.right > 0 && box.left < innerWidth && look.visibility === 'visible' && (
            look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) > 0 || look.boxShadow !== 'none'
            || one.ownerSVGElement && differs()),
    };
}"""
REACHABLE = """() => [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
    .filter(one => !one.disabled && one.checkVisibility({visibilityProperty: true})).length"""
# The words of a page, without those that only say what a script offers to do.
TEXT = """() => {
    const shown = document.querySelector('main').cloneNode(true);
    for (const one of shown.querySelectorAll('button, output, dialog, script, [role=status]')) one.remove();
    return shown.textContent.split(/\\s+/).join(' ').trim();
}"""
SIDEWAYS = "() => document.scrollingElement.scrollWidth - innerWidth"
COLOURS = """() => [getComputedStyle(document.querySelector('main')).color,
    getComputedStyle(document.body).backgroundColor].map(colour => colour.match(/\\d+/g).slice(0, 3).map(Number))"""
HEADINGS = "() => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(one => Number(one.tagName[1]))"


@dataclass(frozen=True, slots=True)
class Served:
    """A site that is up: where, in which process, and what it has complained of."""

    base: str
    process: subprocess.Popen[bytes]
    errors: IO[bytes]

    def complaints(self) -> list[str]:
        """What the server has said of faults of its own."""
        self.errors.seek(0)
        lines = self.errors.read().decode("utf-8", "replace").splitlines()
        return [line for line in lines if "Traceback" in line or "ERROR" in line or "Exception" in line]


@contextmanager
def served(archive: Path, *words: str) -> Iterator[Served]:
    """`smallprint serve` on a free port of loopback; it has answered once, and is ended at the end."""
    port = free_port()
    command = [sys.executable, "-m", "smallprint", "serve", "--archive", str(archive), "--port", str(port), *words]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors, env=environment())
        try:
            first_answer(f"http://127.0.0.1:{port}/", process)
            yield Served(f"http://127.0.0.1:{port}", process, errors)
        finally:
            process.terminate()
            process.wait(30)


@contextmanager
def browsing() -> Iterator[Browser]:
    """Chromium without a window. While it is open, nothing else in this thread can run an event loop."""
    program, missing = options.browser(Settings(Path(), Path()))
    assert program, missing
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ALONE)
        try:
            yield browser
        finally:
            browser.close()


class Reader:
    """A window on the site; `wrong` has what its pages did that none may do, `loaded` what the last one is made of."""

    def __init__(self, browser: Browser, base: str, **looks: Any):
        self.base, self.wrong, self.loaded = base, list[str](), list[Response]()
        self._context = browser.new_context(base_url=base, **looks)
        self._context.add_init_script(TELL)
        self.page: Page = self._context.new_page()
        self.page.on("console", lambda said: self._tell(said.text) if said.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self._tell(f"an error: {error}"))
        self.page.on("dialog", lambda dialog: (self._tell(f"a dialog: {dialog.message}"), dialog.dismiss()))
        self.page.on("popup", lambda page: self._tell(f"a window: {page.url}"))
        self.page.on("request", lambda asked: None if self._is_ours(asked.url) else self._tell(f"asked {asked.url}"))
        self.page.on("response", lambda response: self.loaded.append(response))

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._context.close()

    def open(self, address: str) -> int:
        """The status that this address answers with, once its page is loaded."""
        self.loaded.clear()
        response = self.page.goto(address, wait_until="load")
        assert response, address
        return response.status

    def weight(self) -> int:
        """Bytes of the last page with all it loaded, without compression; only of the first page of a reader."""
        return sum(len(response.body()) for response in self.loaded)

    def faults(self) -> list[str]:
        """What axe-core finds on the page that hinders people, each with the places where."""
        found = Axe().run(self.page).response["violations"]
        return [_told(fault) for fault in found if fault["impact"] in GRAVE]

    def links(self) -> list[str]:
        """Where the page leads, and what it loads."""
        return [str(link) for link in self.page.evaluate(LINKS)]

    def ids(self) -> set[str]:
        """What a "#" in an address can name."""
        return set(self.page.evaluate(IDS))

    def owned(self) -> list[str]:
        """What of a hostile text was more than words."""
        return [str(found) for found in self.page.evaluate(OWNED)]

    def _is_ours(self, url: str) -> bool:
        return url.startswith((f"{self.base}/", "data:image/"))

    def _tell(self, what: str) -> None:
        self.wrong.append(f"{self.page.url.removeprefix(self.base)}: {what}")


def _told(fault: dict[str, Any]) -> str:
    places = [f"{' '.join(map(str, node['target']))} {node['html'][:90]}" for node in fault["nodes"]]
    return f"{fault['impact']}: {fault['id']}, {len(places)} times: {'; '.join(places[:3])}"
