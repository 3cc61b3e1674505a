"""How soon the atlas is painted. `python benchmarks/atlas_page.py [--here]`

Makes 20,000 invented titles on an invented map, in a database of its own (SQLite), starts the site and
opens /atlas/ in Chromium, each time with an empty cache: when every dot is drawn, how long a frame takes
while the map is dragged and zoomed, how much is sent. --here measures the site that DATABASE_URL and
DATA_DIR name instead. Prints the figures and writes results/atlas_page.json.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

RESULT = Path(__file__).parent / "results" / "atlas_page.json"
TITLES = 20_000
GENRES = (
    "Action",
    "Comedy",
    "Romance",
    "Sci-Fi",
    "Fantasy",
    "Slice of Life",
    "Sports",
    "Horror",
    "Drama",
)
PORT = 18599
# What one frame of a drag or a zoom takes on the main thread, from one animation frame to the next.
DRAG = """async () => {
  const canvas = document.querySelector('canvas');
  const root = document.querySelector('[data-atlas]');
  const box = canvas.getBoundingClientRect();
  const send = (type, x, y) => canvas.dispatchEvent(new PointerEvent(type, { pointerId: 1, pointerType: 'touch', clientX: x, clientY: y, bubbles: true }));
  canvas.setPointerCapture = () => {};
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const drag = [];
  const zoom = [];
  send('pointerdown', x, y);
  for (let n = 1; n <= 60; n++) { send('pointermove', x - n * 3, y - n); await frame(); drag.push(Number(root.dataset.frame)); }
  send('pointerup', x - 180, y - 60);
  for (let n = 0; n < 40; n++) { canvas.dispatchEvent(new WheelEvent('wheel', { deltaY: -40, clientX: x, clientY: y, bubbles: true, cancelable: true })); await frame(); zoom.push(Number(root.dataset.frame)); }
  return { drag, zoom };
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--here", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if not options.here:
            os.environ |= {"DATA_DIR": folder, "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3"}
            os.environ.pop("REDIS_URL", None)
            invent()
        figures = measured(options.rounds)
    name = "the site that is here" if options.here else f"{TITLES} invented titles"
    told = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    told["machine"] = f"{os.cpu_count()} cores, {platform.machine()}, no graphics card"
    told[name] = figures
    RESULT.write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


def invent() -> None:
    """Titles in forty heaps of one genre each, and the map on which they lie so."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "animerec.settings")
    import django
    import numpy as np

    django.setup()
    from django.core.management import call_command

    from catalog.models import Anime, AnimeGenre, Genre
    from recommender.engine.atlas import Atlas
    from recommender.engine.interactions import Vocabulary
    from recommender.models import TrainedModel

    call_command("migrate", verbosity=0)
    rng = np.random.default_rng(11)
    heap = rng.integers(0, 40, TITLES)
    middles = rng.normal(0, 0.8, (40, 2))
    genres = [Genre.objects.create(name=name) for name in GENRES]
    Anime.objects.bulk_create(
        Anime(
            mal_id=n + 1,
            title=f"Invented title {n}",
            type="tv",
            year=1970 + n % 56,
            members=TITLES - n,
        )
        for n in range(TITLES)
    )
    AnimeGenre.objects.bulk_create(
        AnimeGenre(anime_id=n + 1, genre=genres[int(heap[n]) % len(GENRES)]) for n in range(TITLES)
    )
    atlas = Atlas(vocabulary=Vocabulary(np.arange(1, TITLES + 1)))
    atlas.coordinates = (middles[heap] + rng.normal(0, 0.12, (TITLES, 2))).astype(np.float32)
    atlas.watched = np.ones(TITLES, bool)
    row = TrainedModel(kind="atlas", role="atlas", artifact="atlas-invented")
    atlas.save(row.path)
    row.save()
    row.activate()


def measured(rounds: int) -> dict[str, Any]:
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "animerec.wsgi",
        "--bind",
        f"127.0.0.1:{PORT}",
        "--threads",
        "4",
    ]
    server = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        site = f"http://127.0.0.1:{PORT}"
        wait_for("/healthz")
        began = time.perf_counter()
        page = answer_of("/atlas/").decode()
        cold_page = time.perf_counter() - began
        began = time.perf_counter()
        points = page.split('data-points="')[1].split('"')[0]
        answer_of(points)
        cold_points = time.perf_counter() - began
        seen = watched(site, rounds)
    finally:
        server.terminate()
        server.wait()
    # The very first page of a process also pays for its imports.
    return {
        "first page of a process, ms": round(1000 * cold_page),
        "points when nothing is cached, ms": round(1000 * cold_points),
        **seen,
    }


def answer_of(path: str) -> bytes:
    connection = HTTPConnection("127.0.0.1", PORT)
    connection.request("GET", path)
    return connection.getresponse().read()


def wait_for(path: str) -> None:
    for _ in range(100):
        try:
            answer_of(path)
        except OSError:
            time.sleep(0.2)
        else:
            return
    sys.exit("the site did not start")


def watched(site: str, rounds: int) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    ready, drags, zooms = [], [], []
    sent: dict[str, int] = {}
    with sync_playwright() as playwright:
        program = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for _ in range(rounds):
            page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
            page.on(
                "response",
                lambda answer: sent.__setitem__(
                    kind_of(answer.url), int(answer.headers.get("content-length", 0))
                ),
            )
            page.goto(f"{site}/atlas/")
            root = page.locator("[data-atlas][data-named]")
            root.wait_for()
            ready.append(int(root.get_attribute("data-ready") or 0))
            frames = page.evaluate(DRAG)
            drags += frames["drag"]
            zooms += frames["zoom"]
            titles = int(root.get_attribute("data-titles") or 0)
            page.context.close()
        browser.close()
    return {
        "titles": titles,
        "all dots drawn, ms, median": statistics.median(ready),
        "all dots drawn, ms, worst": max(ready),
        "frame while dragging, ms, median": round(statistics.median(drags), 1),
        "frame while dragging, ms, p95": round(statistics.quantiles(drags, n=20)[-1], 1),
        "frame while zooming, ms, median": round(statistics.median(zooms), 1),
        "frame while zooming, ms, p95": round(statistics.quantiles(zooms, n=20)[-1], 1),
        "sent, bytes": {name: size for name, size in sorted(sent.items()) if size},
        "scripts of the page, bytes": sum(
            file.stat().st_size for file in (ROOT / "static/js").glob("atlas*.js")
        ),
    }


def kind_of(address: str) -> str:
    name = address.split("?")[0].rsplit("/", 1)[-1] or "page"
    return name.split("-")[0] if name.startswith(("points", "names")) else name


if __name__ == "__main__":
    main()
