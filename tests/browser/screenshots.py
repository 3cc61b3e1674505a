"""Pictures of every page: `make screenshots` writes them to var/screenshots/, with a sheet of all.

With `--docs` a chosen dozen also goes, compressed, to docs/images/. The site is started on a
folder of its own with the demonstration in it, so nothing of yours is shown or changed.
"""

import argparse
import base64
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
# A site of its own: no service that the environment names, no setting of the operator's.
SCRATCH = tempfile.TemporaryDirectory(prefix="animerec-screenshots-")
for name in ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL"):
    os.environ[name] = ""
    del os.environ[name]
os.environ |= {
    "DATA_DIR": SCRATCH.name,
    "DATABASE_URL": f"sqlite:///{SCRATCH.name}/site.sqlite3",
    "DJANGO_SETTINGS_MODULE": "animerec.settings",
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
    "IMAGE_HOSTS": "",
    # One of the pages is meant to be missing.
    "LOG_LEVEL": "ERROR",
}

import django

django.setup()

from socketserver import ThreadingMixIn

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from playwright.sync_api import Page as Tab
from playwright.sync_api import sync_playwright

from tests.browser.chrome import chromium
from tests.browser.walker import SCHEMES, WIDTHS, Walker, script, walking
from tests.pages import PAGES, Page, Who
from tests.walking import cast_of_the_demonstration, demonstration

FOLDER, DOCS = ROOT / "var" / "screenshots", ROOT / "docs" / "images"
# name of the page, who, scheme, width: what README.md and docs/design.md may show.
CHOSEN = [
    ("for-you", Who.MEMBER, "dark", 1440),
    ("for-you", Who.MEMBER, "light", 360),
    ("home", Who.GUEST, "light", 1440),
    ("title", Who.MEMBER, "dark", 1440),
    ("taste", Who.MEMBER, "light", 1440),
    ("my-list", Who.MEMBER, "dark", 1440),
    ("season", Who.MEMBER, "light", 1440),
    ("quiz", Who.NEWCOMER, "dark", 768),
    ("browse", Who.GUEST, "light", 768),
    ("atlas", Who.MEMBER, "dark", 1440),
    ("trends", Who.GUEST, "light", 1440),
    ("staff", Who.STAFF, "dark", 1440),
]
# README's own picture is the first of them.
HEIGHT_IN_DOCS, HEAVIEST = 1000, 150_000


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Silent(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Two thousand lines that nobody reads."""


@contextmanager
def running_site() -> Iterator[str]:
    application = StaticFilesHandler(get_wsgi_application())
    with make_server("127.0.0.1", 0, application, Server, Silent) as server:  # type: ignore[arg-type]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", action="store_true", help="the chosen ones to docs/images/ too")
    parser.add_argument("--only", nargs="*", default=[], metavar="PAGE", help="these pages alone")
    options = parser.parse_args()
    program = chromium()
    if program is None:
        sys.exit("There is no Chromium: install it, or name one in CHROMIUM.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0)
    with demonstration(Path(SCRATCH.name) / "models"), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        cast = cast_of_the_demonstration()
        with running_site() as site, walking(browser, site, cast) as walker:
            names = [name for page in wanted(options.only) for name in photograph(walker, page)]
            if options.docs:
                for_docs(walker, options.only)
        browser.close()
    (FOLDER / "index.html").write_text(contact_sheet(names))
    print(f"{len(names)} pictures: {FOLDER / 'index.html'}")


def wanted(only: list[str]) -> list[Page]:
    return [page for page in PAGES if not only or page.name in only]


def photograph(walker: Walker, page: Page) -> Iterator[str]:
    for who in page.who:
        for width in WIDTHS:
            for scheme in SCHEMES:
                tab, _ = walker.open(page, who, scheme=scheme, width=width)
                name = f"{page.name}-{who}-{scheme}-{width}.png"
                draw_all(tab)
                tab.screenshot(path=FOLDER / name, full_page=True, animations="disabled")
                print(name, flush=True)
                yield name


def draw_all(tab: Tab) -> None:
    """Charts and covers below the fold wait until they come near."""
    tab.evaluate(script("drawn.js"))


def for_docs(walker: Walker, only: list[str]) -> None:
    pages = {page.name: page for page in PAGES}
    for name, who, scheme, width in CHOSEN:
        page = pages.get(name)
        if page is None or who not in page.who or (only and name not in only):
            continue
        tab, _ = walker.open(page, who, scheme=scheme, width=width)
        draw_all(tab)
        tab.set_viewport_size({"width": width, "height": HEIGHT_IN_DOCS})
        picture = compressed(tab, tab.screenshot(animations="disabled"))
        file = DOCS / (f"{name}.webp" if width > 400 else f"{name}-phone.webp")
        file.write_bytes(picture)
        print(f"{file.relative_to(ROOT)}: {len(picture) // 1000} kB")


def compressed(tab: Tab, png: bytes) -> bytes:
    """As WebP, by the browser itself; less exact until it is small enough."""
    source = base64.b64encode(png).decode()
    blank = tab.context.new_page()
    for quality in (0.9, 0.8, 0.7, 0.6, 0.45, 0.3):
        data = blank.evaluate(script("webp.js"), [source, quality])
        picture = base64.b64decode(data.partition(",")[2])
        if len(picture) < HEAVIEST:
            break
    blank.close()
    return picture


def contact_sheet(names: list[str]) -> str:
    """All pictures on one page, each leading to itself at full size."""
    figures = "".join(
        f'<figure><a href="{escape(name)}"><img loading="lazy" src="{escape(name)}" alt=""></a>'
        f"<figcaption>{escape(name.removesuffix('.png'))}</figcaption></figure>"
        for name in names
    )
    style = (
        "body{background:#222;color:#eee;font:13px sans-serif;display:grid;gap:16px;"
        "grid-template-columns:repeat(auto-fill,minmax(220px,1fr))}figure{margin:0}"
        "img{width:100%;height:300px;object-fit:cover;object-position:top}"
    )
    head = f'<!doctype html><meta charset="utf-8"><title>Every page</title><style>{style}</style>'
    return head + figures


if __name__ == "__main__":
    main()
