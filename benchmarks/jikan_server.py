"""A server of the Jikan v4 shape over an invented catalogue, as unreliable as it is asked to be.

    python benchmarks/jikan_server.py --titles 26000 --failing 0.2

prints its address. In a test: `with JikanServer(titles=300, failing=0.2) as server: server.address`.
What it does wrong comes from `seed`; `requests` tells what it was asked, when and by whom.
"""

import argparse
import asyncio
import contextlib
import json
import random
import threading
import time
from collections import Counter
from typing import Any
from urllib.parse import parse_qs, urlsplit

FIRST_ID = 9_000_000
FAILURES = (
    "429", "429 with Retry-After", "500", "503", "504", "HTML", "empty data", "null data",
    "timeout", "slow body", "truncated JSON", "cut off", "duplicate", "skip",
)  # fmt: skip
_WORDS = """
amber anchor autumn basket beacon birch bridge candle canyon cedar clock cloud copper
coral crane dawn delta ember falcon fern garden glass harbour hollow island ivory
juniper kite lantern ledger lily maple marble meadow mirror moth orchard otter paper
pearl pepper plume quarry rain raven reed river saffron salt shadow silver sparrow
spindle thistle tide timber velvet violet willow winter
"""
WORDS = _WORDS.split()
GENRES = ((1, "Action"), (2, "Adventure"), (4, "Comedy"), (7, "Mystery"), (8, "Drama"), (10, "Fantasy"),
          (14, "Horror"), (22, "Romance"), (24, "Sci-Fi"), (36, "Slice of Life"), (37, "Supernatural"))  # fmt: skip
THEMES = (
    (23, "School"),
    (13, "Historical"),
    (18, "Mecha"),
    (19, "Music"),
    (29, "Space"),
    (62, "Isekai"),
)
GROUPS = ((15, "Kids"), (25, "Shoujo"), (27, "Shounen"), (42, "Seinen"), (43, "Josei"))
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
SEASONS = ("winter", "spring", "summer", "fall")
DAYS = ["Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"]
RATINGS = ("G - All Ages", "PG - Children", "PG-13 - Teens 13 or older", "R - 17+ (violence & profanity)",
           "R+ - Mild Nudity", "Rx - Hentai")  # fmt: skip


def invented(mal_id: int) -> dict[str, Any]:
    """The title of that number, the same every time, as long as real ones are."""
    chance = random.Random(mal_id)  # noqa: S311  # no secret
    name = " ".join(chance.sample(WORDS, 3)).title() + f" {mal_id}"
    kind = chance.choice(("TV", "TV", "TV", "Movie", "OVA", "ONA", "Special"))
    month, year, watched = (
        chance.randrange(12),
        chance.randrange(1970, 2026),
        chance.randrange(2_000_000),
    )
    first = f"{MONTHS[month]} {chance.randrange(1, 28)}, {year}"
    said = [" ".join(chance.choices(WORDS, k=14)).capitalize() + "." for _ in range(9)]
    image = f"https://cdn.example.net/images/anime/{mal_id}"
    tv = kind == "TV"
    return {
        "mal_id": mal_id,
        "url": f"https://example.net/anime/{mal_id}/{name.replace(' ', '_')}",
        "images": {form: {"image_url": f"{image}.{form}", "small_image_url": f"{image}t.{form}",
                          "large_image_url": f"{image}l.{form}"} for form in ("jpg", "webp")},
        "trailer": {"youtube_id": None, "url": None, "embed_url": None,
                    "images": dict.fromkeys(("image_url", "small_image_url", "medium_image_url",
                                             "large_image_url", "maximum_image_url"))},
        "approved": True,
        "titles": [{"type": "Default", "title": name}, {"type": "Synonym", "title": f"{name} the Series"},
                   {"type": "English", "title": f"The {name}"}],
        "title": name,
        "title_english": f"The {name}",
        "title_japanese": f"作品{mal_id}",
        "title_synonyms": [f"{name} the Series"],
        "type": kind,
        "source": chance.choice(("Manga", "Original", "Light novel", "Game")),
        "episodes": chance.randrange(2, 52) if tv else 1,
        "status": "Finished Airing",
        "airing": False,
        "aired": {"from": f"{year}-{month + 1:02}-01T00:00:00+00:00", "to": None,
                  "prop": {"from": {"day": 1, "month": month + 1, "year": year},
                           "to": {"day": None, "month": None, "year": None}},
                  "string": f"{first} to ?" if tv else first},
        "duration": "24 min per ep" if tv else "1 hr 32 min",
        "rating": chance.choices(RATINGS, (10, 10, 60, 12, 5, 3))[0],
        "score": round(chance.uniform(4, 9), 2),
        "scored_by": watched // 3,
        "rank": mal_id - FIRST_ID,
        "popularity": mal_id - FIRST_ID,
        "members": watched + 1,
        "favorites": watched // 90,
        "synopsis": "\n\n".join(said) + "\n\n[Written by MAL Rewrite]",
        "background": None,
        "season": SEASONS[month // 3] if tv else None,
        "year": year if tv else None,
        "broadcast": {"day": chance.choice(DAYS), "time": "23:30", "timezone": "Asia/Tokyo", "string": ""}
        if tv else {"day": None, "time": None, "timezone": None, "string": "Unknown"},
        "producers": [named("producer", 7, "Plume Committee")],
        "licensors": [],
        "studios": [named("producer", number, f"Studio {WORDS[number].title()}")
                    for number in chance.sample(range(len(WORDS)), 1)],
        "genres": [named("genre", *one) for one in chance.sample(GENRES, 3)],
        "explicit_genres": [],
        "themes": [named("genre", *chance.choice(THEMES))],
        "demographics": [named("genre", *chance.choice(GROUPS))],
    }  # fmt: skip


def named(kind: str, number: int, name: str) -> dict[str, Any]:
    return {
        "mal_id": number,
        "type": "anime",
        "name": name,
        "url": f"https://example.net/anime/{kind}/{number}",
    }


class JikanServer:
    def __init__(
        self, titles: int = 300, *, failing: float = 0.0, kinds: tuple[str, ...] = FAILURES,
        seed: int = 1, page_size: int = 25, rate: float = 0, retry_after: str = "0", stall: float = 1.0,
        port: int = 0, once: bool = False,
    ) -> None:  # fmt: skip
        self.titles = {FIRST_ID + number: b"" for number in range(1, titles + 1)}
        self.ids = list(self.titles)
        self.failing, self.kinds, self.chance = failing, kinds, random.Random(seed)  # noqa: S311  # no secret
        self.page_size, self.rate, self.retry_after, self.stall = (
            page_size,
            rate,
            retry_after,
            stall,
        )
        self.port = port
        # Whether each question is answered wrongly the first time alone.
        self.once, self.failed = once, set[str]()
        # (when, path with its question, headers), what went wrong, ids that it denies, paths that always fail.
        self.requests: list[tuple[float, str, dict[str, str]]] = []
        self.wrong: Counter[str] = Counter()
        self.gone: set[int] = set()
        self.always: dict[str, str] = {}
        self.redirects: dict[str, str] = {}
        self.changed: dict[int, dict[str, Any]] = {}
        # Titles and pages it says it has, where it lies.
        self.promises = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/v4"

    def __enter__(self) -> "JikanServer":
        ready = threading.Event()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self.thread.start()
        ready.wait()
        return self

    def __exit__(self, *problem: object) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", self.port)
        )
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self.loop.run_forever()
        server.close()
        left = asyncio.all_tasks(self.loop)
        for task in left:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self.loop.close()

    # --- HTTP

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(
            ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError
        ):
            while await self._one(reader, writer):
                pass
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        target = head[0].split(" ")[1]
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:])
        }
        self.requests.append((time.monotonic(), target, headers))
        wrong = self._what_goes_wrong(target)
        if wrong:
            self.wrong[wrong] += 1
        if wrong == "timeout":
            await asyncio.sleep(self.stall)
            return False
        status, body, more = self._answer(target, wrong)
        lines = [
            f"HTTP/1.1 {status} X",
            f"Content-Length: {len(body)}",
            "Content-Type: application/json",
            *more,
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        if wrong == "slow body":
            for at in range(0, len(body), len(body) // 20 + 1):
                writer.write(body[at : at + len(body) // 20 + 1])
                await writer.drain()
                await asyncio.sleep(self.stall / 20)
            return True
        writer.write(body[: len(body) // 2] if wrong == "cut off" else body)
        await writer.drain()
        return wrong != "cut off"

    def _what_goes_wrong(self, target: str) -> str:
        for path, wrong in self.always.items():
            if path in target:
                return wrong
        now = time.monotonic()
        if (
            self.rate
            and sum(when > now - 1 for when, *_ in self.requests[-2 * int(self.rate) :])
            > self.rate + 1
        ):
            return "429"
        if target in self.failed or self.chance.random() >= self.failing:
            return ""
        if self.once:
            self.failed.add(target)
        return self.chance.choice(self.kinds)

    def _answer(self, target: str, wrong: str) -> tuple[int, bytes, list[str]]:
        if target in self.redirects:
            return 307, b"", [f"Location: {self.redirects[target]}"]
        number = wrong.partition(" ")[0]
        if number.isdigit():
            more = [f"Retry-After: {self.retry_after}"] if "Retry-After" in wrong else []
            told = {
                "status": int(number),
                "type": "Exception",
                "message": "injected",
                "error": None,
            }
            return int(number), json.dumps(told).encode(), more
        if wrong == "HTML":
            return 200, b"<html><body>Just a moment ...</body></html>", []
        if wrong == "null data":
            return 200, b'{"data":null}', []
        status, body = self._right(target, wrong)
        return status, body[: len(body) // 3] if wrong == "truncated JSON" else body, []

    # --- the catalogue

    def _right(self, target: str, wrong: str) -> tuple[int, bytes]:
        address = urlsplit(target)
        question = {name: values[0] for name, values in parse_qs(address.query).items()}
        steps = address.path.removeprefix("/v4").strip("/").split("/")
        if steps == ["anime"]:
            if question.get("order_by") != "mal_id":
                return 400, b'{"status":400,"message":"order_by is missing"}'
            return 200, self._page(self._there(), question, wrong)
        if steps[0] == "seasons" and len(steps) == 3:
            of_season = [pk for pk in self._there() if self._is_of(pk, int(steps[1]), steps[2])]
            return (200, self._page(of_season, question, wrong)) if of_season else self._not_found()
        mal_id = int(steps[1]) if steps[0] == "anime" and steps[1].isdigit() else 0
        if mal_id not in self.titles or mal_id in self.gone:
            return self._not_found()
        if wrong == "empty data":
            return 200, b'{"data":{}}'
        told = json.loads(self._entry(mal_id)) | {"relations": self._relations(mal_id)}
        return 200, json.dumps({"data": told}).encode()

    def _there(self) -> list[int]:
        return [pk for pk in self.ids if pk not in self.gone] if self.gone else self.ids

    def _page(self, ids: list[int], question: dict[str, str], wrong: str) -> bytes:
        page, size = (
            int(question.get("page", 1)),
            min(self.page_size, int(question.get("limit", 25))),
        )
        chosen = ids[(page - 1) * size : page * size]
        last = -(-len(ids) // size)
        if wrong == "empty data":
            chosen = []
        if wrong == "skip" and page < last:
            chosen = chosen[:-1]
        if wrong == "duplicate" and page < last:
            chosen = [*chosen[:-1], ids[max(0, (page - 1) * size - 1)]]
        told: dict[str, Any] = {
            "last_visible_page": last,
            "has_next_page": page < last,
            "current_page": page,
            "items": {"count": len(chosen), "total": len(ids), "per_page": size},
        }
        if self.promises:
            told["last_visible_page"] = told["items"]["total"] = self.promises
        return b'{"pagination":%s,"data":[%s]}' % (
            json.dumps(told).encode(),
            b",".join(self._entry(pk) for pk in chosen),
        )

    def _entry(self, mal_id: int) -> bytes:
        if not self.titles[mal_id] or mal_id in self.changed:
            told = invented(mal_id) | self.changed.get(mal_id, {})
            self.titles[mal_id] = json.dumps(told, ensure_ascii=False).encode()
        return self.titles[mal_id]

    def _is_of(self, mal_id: int, year: int, season: str) -> bool:
        told = json.loads(self._entry(mal_id))
        return bool(told["year"] == year and told["season"] == season)

    def _relations(self, mal_id: int) -> list[dict[str, Any]]:
        near = [(1, "Sequel"), (-1, "Prequel")]
        return [
            {
                "relation": kind,
                "entry": [{"mal_id": mal_id + step, "type": "anime", "name": "", "url": ""}],
            }
            for step, kind in near
            if (mal_id + step) // 3 == mal_id // 3
        ] + [
            {
                "relation": "Adaptation",
                "entry": [{"mal_id": mal_id, "type": "manga", "name": "", "url": ""}],
            }
        ]

    def _not_found(self) -> tuple[int, bytes]:
        return (
            404,
            b'{"status":404,"type":"BadResponseException","message":"Resource does not exist","error":null}',
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--titles", type=int, default=26_000)
    parser.add_argument("--failing", type=float, default=0.0, help="share of answers that go wrong")
    parser.add_argument(
        "--rate", type=float, default=0.0, help="more requests a second are answered with 429"
    )
    parser.add_argument(
        "--stall", type=float, default=1.0, help="seconds of a timeout and of a slow body"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--port", type=int, default=0)
    options = vars(parser.parse_args())
    server = JikanServer(options.pop("titles"), **options)
    for mal_id in server.ids:
        server._entry(mal_id)
    with server:
        print(server.address, flush=True)
        server.thread.join()


if __name__ == "__main__":
    main()
