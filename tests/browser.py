"""A real Chromium: pages opened in it, and whatever they complain about or ask of other hosts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.services.programs import find_program

# The sandbox asks for rights that containers and root do not have; the pages are our own.
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
# Of these a page is free, by what axe can tell.
ACCESSIBILITY = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# Of these, what colours and sizes change: enough for a second look at the same page.
OF_LOOKS = {
    "runOnly": ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"],
    "resultTypes": ["violations"],
}
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's browser, for as many pages as wanted."""
    program = find_program("chromium", "chromium-browser", "google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(program), args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """An open page with all it said on the console, and every request that went to another host."""

    page: Page
    host: str
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def go(self, url: str, size: dict[str, int] = DESK, scheme: str = "light") -> None:
        """Read another page in the same window, which costs less than a new one; of the one before nothing is left."""
        self.page.goto("about:blank")
        self.host, self.complaints[:], self.strangers[:] = urlsplit(url).netloc, [], []
        self.page.set_viewport_size(size)  # type: ignore[arg-type]
        self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        self.page.goto(url, wait_until="load")

    def watch(self) -> None:
        """From now on everything is noted."""
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._note_request)

    def _note_request(self, request: Any) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.netloc != self.host:
            self.strangers.append(request.url)

    def too_wide(self) -> int:
        """By how many pixels the page is wider than the screen."""
        return int(self.page.evaluate(WIDER))

    def violations(self, options: dict[str, list[str]] = ACCESSIBILITY) -> list[str]:
        """What axe has against the page, a line each."""
        found = Axe().run(self.page, options=options).response["violations"]
        return [f"{each['id']}: {each['nodes'][0]['target']} {each['help']}" for each in found]


@contextmanager
def visit(
    browser: Browser, url: str, size: dict[str, int] = DESK, scheme: str = "light", locale: str = "en-GB"
) -> Iterator[Visit]:
    """``url`` in a window of its own, read and with its figures on show."""
    context = browser.new_context(viewport=size, color_scheme=scheme, locale=locale)  # type: ignore[arg-type]
    visit = Visit(context.new_page(), urlsplit(url).netloc)
    visit.watch()
    visit.page.goto(url, wait_until="load")
    try:
        yield visit
    finally:
        context.close()
