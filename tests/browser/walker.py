"""One browser and one site for all tests that only look: each viewer has a window that stays open."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, Request, Response
from playwright.sync_api import Page as Tab

from tests.pages import Page, Who
from tests.walking import Cast

SCRIPTS = Path(__file__).parent / "scripts"
SCHEMES = ("dark", "light")
WIDTHS = {360: 740, 768: 1024, 1440: 900}
PATIENCE = 15_000


def script(name: str) -> str:
    return (SCRIPTS / name).read_text()


@dataclass
class Walker:
    """Opens pages of a site as each of its viewers, and remembers all that goes wrong in them."""

    browser: Browser
    site: str
    cast: Cast
    faults: list[str] = field(default_factory=list)
    tabs: dict[Who, Tab] = field(default_factory=dict)
    # The page that is being looked at is allowed to be missing.
    is_missing: bool = False

    def open(
        self, page: Page, who: Who, *, scheme: str = "dark", width: int = 1440
    ) -> tuple[Tab, list[str]]:
        """The page with all its fragments, and what went wrong while it was opened."""
        tab = self.tab(who)
        self.faults.clear()
        self.is_missing = not page.route
        tab.set_viewport_size({"width": width, "height": WIDTHS[width]})
        tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        tab.goto(self.site + self.cast.address(page))
        settle(tab)
        return tab, list(self.faults)

    def tab(self, who: Who) -> Tab:
        if who not in self.tabs:
            context = self.browser.new_context()
            context.set_default_timeout(PATIENCE)
            session = self.cast.client(who).cookies.get(settings.SESSION_COOKIE_NAME)
            if session:
                context.add_cookies(
                    [{"name": session.key, "value": session.value, "url": self.site}]
                )
            context.add_init_script(script("shift.js"))
            self.tabs[who] = self._listening(context.new_page())
        return self.tabs[who]

    def close(self) -> None:
        for tab in self.tabs.values():
            tab.context.close()

    def _listening(self, tab: Tab) -> Tab:
        tab.on("console", self._heard)
        tab.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        tab.on("request", self._asked)
        tab.on("response", self._answered)
        return tab

    def _heard(self, message: ConsoleMessage) -> None:
        """Chromium reports breaches of the Content-Security-Policy here too."""
        if message.type in ("error", "warning") and not self.is_missing:
            self.faults.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.site, "data:", "blob:")):
            self.faults.append(f"left the site: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and not self.is_missing:
            self.faults.append(f"{response.status}: {response.url}")


def settle(tab: Tab) -> None:
    """Until the scripts have run, fragments are there, and nothing moves any more."""
    tab.evaluate(script("settled.js"))


def unroll(tab: Tab) -> None:
    """The whole page in one window, so that nothing that sticks to an edge lies over something else."""
    width = tab.viewport_size["width"]  # type: ignore[index]
    height = tab.evaluate("document.documentElement.scrollHeight")
    if not tab.evaluate("document.querySelector('canvas') !== null"):
        tab.set_viewport_size({"width": width, "height": min(height, 12_000)})


@contextmanager
def walking(browser: Browser, site: str, cast: Cast) -> Iterator[Walker]:
    walker = Walker(browser, site, cast)
    try:
        yield walker
    finally:
        walker.close()
