"""A real Chromium on a live site with the demonstration in it."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright
from pytest_django import DjangoDbBlocker

from animerec.asgi import requests, together
from recommender import serving
from recommender.live.visitor import THREADS
from tests.browser.chrome import chromium
from tests.browser.walker import PATIENCE, Walker, walking
from tests.running import close_connections_of, served_here
from tests.walking import cast_of_the_demonstration, demonstration

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def is_required() -> bool:
    return os.environ.get("ANIMEREC_BROWSER") == "required"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a browser leave these tests out, in one line; where one is required they fail."""
    browser_tests = [item for item in items if item.get_closest_marker("browser")]
    if not browser_tests or chromium() or is_required():
        return
    items[:] = [item for item in items if item not in browser_tests]
    config.hook.pytest_deselected(items=browser_tests)
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter:
        reporter.write_line(
            f"No Chromium here: {len(browser_tests)} browser tests are left out "
            "(install chromium, or name one in CHROMIUM)."
        )


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    program = chromium()
    if program is None:
        pytest.fail(
            "ANIMEREC_BROWSER=required, and there is no Chromium: install it or set CHROMIUM"
        )
    # Playwright's loop runs in this thread; the tests' own queries are synchronous all the same.
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def site(transactional_db: None, settings, tmp_path: Path) -> Iterator[str]:
    """The address of a running site with the demonstration loaded."""
    settings.ARTIFACTS_DIR = tmp_path / "models"
    # The real one takes half a second a password, by design.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    serving.forget_loaded()
    cache.clear()
    call_command("load_demo", stdout=io.StringIO())
    with served_here(together) as address:
        yield address
    for threads in (THREADS, requests.executor):
        close_connections_of(threads)
    serving.forget_loaded()
    cache.clear()


# Read before any test database is made. Where no test of a run asks for one, pytest-django makes
# none, and what follows would fill and empty the operator's own.
OPERATORS_OWN = connection.settings_dict["NAME"]


@contextmanager
def a_test_database() -> Iterator[None]:
    """The one of all tests, emptied afterwards; or one made here."""
    if connection.settings_dict["NAME"] != OPERATORS_OWN:
        yield
        call_command("flush", verbosity=0, interactive=False)
        return
    made = setup_databases(verbosity=0, interactive=False)
    assert connection.settings_dict["NAME"] != OPERATORS_OWN
    yield
    teardown_databases(made, verbosity=0)


@pytest.fixture(scope="package")
def walker(
    browser: Browser,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Walker]:
    """A site that is filled once, for the tests that change nothing.

    They ask for no fixture of the database, so pytest-django runs them after all tests that empty it.
    """
    models = tmp_path_factory.mktemp("models")
    with django_db_blocker.unblock(), a_test_database(), demonstration(models):
        with (
            served_here(together) as address,
            walking(browser, address, cast_of_the_demonstration()) as walker,
        ):
            yield walker
        for threads in (THREADS, requests.executor):
            close_connections_of(threads)


@dataclass
class Window:
    """Opens pages of the site, and remembers all that goes wrong in them."""

    browser: Browser
    site: str
    faults: list[str] = field(default_factory=list)

    def open(self, *, javascript: bool = True, phone: bool = False) -> Page:
        context = self.browser.new_context(
            base_url=self.site,
            java_script_enabled=javascript,
            viewport=PHONE if phone else DESKTOP,  # type: ignore[arg-type]
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("request", self._asked)
        page.on("response", self._answered)
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        """Chromium reports breaches of the Content-Security-Policy here too."""
        if message.type in ("error", "warning"):
            self.faults.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.site, "data:", "blob:")):
            self.faults.append(f"left the site: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")


@pytest.fixture
def window(browser: Browser, site: str) -> Iterator[Window]:
    window = Window(browser, site)
    yield window
    for context in browser.contexts:
        context.close()
    assert window.faults == []
