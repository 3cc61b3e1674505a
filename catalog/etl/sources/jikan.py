"""Anything that speaks the shape of Jikan v4: a Jikan of one's own, or a service like Tenrai."""

import re
from datetime import date
from typing import Any

from django.conf import settings

from catalog.etl.fetching.client import BadAnswer, Client
from catalog.etl.fields import length
from catalog.etl.record import MAX_INTEGER, PartialDate
from catalog.etl.sources.live import (
    Deferred,
    Entry,
    LiveSource,
    NotConfigured,
    Page,
    Question,
    part,
    parts,
    texts,
)
from catalog.etl.sources.myanimelist import broadcast_day, clock, genre_name, without_credits
from catalog.models import Season

NAME = "jikan"
_GENRE_LISTS = ("genres", "explicit_genres", "themes", "demographics")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_DAY = re.compile(rf"(?:({'|'.join(_MONTHS)}) (?:(\d{{1,2}}), )?)?(\d{{4}})")
_NAMED_ELSEWHERE = ("Default", "English", "Japanese")
_AS_THEY_ARE = (
    "mal_id",
    "title_english",
    "title_japanese",
    "type",
    "source",
    "episodes",
    "status",
    "scored_by",
    "members",
    "favorites",
    "rank",
)


def connect() -> Client:
    if not settings.JIKAN_BASE_URL:
        raise NotConfigured(
            "JIKAN_BASE_URL is not set: name a server that speaks the Jikan v4 shape, "
            "as in JIKAN_BASE_URL=http://127.0.0.1:8080/v4"
        )
    return Client(
        NAME,
        settings.JIKAN_BASE_URL,
        interval=1 / settings.JIKAN_RATE,
        user_agent=settings.USER_AGENT,
    )


def catalogue(page: int) -> Question:
    # Any other order has ties, and pages cut from ties repeat and skip titles.
    ordered = {"order_by": "mal_id", "sort": "asc"}
    return Question("/anime", {"page": page, "limit": settings.JIKAN_PAGE_SIZE, **ordered})


def season(year: int, name: str, page: int) -> Question:
    return Question(f"/seasons/{year}/{name}", {"page": page, "limit": settings.JIKAN_PAGE_SIZE})


def title(mal_id: int) -> Question:
    return Question(f"/anime/{mal_id}/full", {})


def read_page(body: Any) -> Page:
    entries, told = part(body, "data"), part(body, "pagination")
    has_next, items = part(told, "has_next_page"), part(told, "items")
    if not isinstance(entries, list) or not isinstance(has_next, bool):
        raise BadAnswer("a page without data or pagination")
    total, last = part(items, "total"), part(told, "last_visible_page")
    page = Page(entries, has_next, _count(total), _count(last), _count(part(items, "per_page")))
    if not entries and (has_next or page.total):
        raise BadAnswer("a page that is empty though there is more")
    return page


def read_title(body: Any) -> Entry:
    entry = part(body, "data")
    if not isinstance(entry, dict) or not isinstance(entry.get("mal_id"), int):
        raise BadAnswer("a title without its data")
    return entry


def facts(entry: Entry) -> dict[str, Any]:
    if entry.get("approved") is False:
        raise Deferred("titles not approved yet, left out")
    if "/manga/" in str(entry.get("url")):
        raise Deferred("manga, left out")
    first, last = aired(part(entry, "aired", "string"))
    score, rating, season = entry.get("score"), entry.get("rating"), entry.get("season")
    return {
        **{name: entry.get(name) for name in _AS_THEY_ARE},
        "title": _title(entry),
        "synonyms": _synonyms(entry),
        "synopsis": without_credits(entry.get("synopsis")),
        "duration": length(str(entry.get("duration") or "")),
        "age_rating": None if rating == "None" else rating,
        "aired_from": first,
        "aired_to": last,
        "season": season if season in Season.values else None,
        "year": entry.get("year") or None,
        "score": score or None,
        "image_url": _image(entry),
        "genres": _genres(entry),
        "studios": None if entry.get("studios") is None else _names(parts(entry, "studios")),
        "relations": _relations(entry),
        "broadcast_day": broadcast_day(part(entry, "broadcast", "day")),
        "broadcast_time": clock(part(entry, "broadcast", "time")),
        "broadcast_zone": part(entry, "broadcast", "timezone"),
    }


def aired(said: Any) -> tuple[PartialDate | None, PartialDate | None]:
    """Only the sentence is honest: '2027 to ?' comes with a first day of 2027-01-01 beside it."""
    first, _, last = said.partition(" to ") if isinstance(said, str) else ("", "", "")
    return _day(first), _day(last)


def _day(said: str) -> PartialDate | None:
    found = _DAY.fullmatch(said.strip())
    if not found:
        return None
    month, day, year = found.groups()
    precision = "day" if day else "month" if month else "year"
    try:
        known = date(int(year), _MONTHS.index(month) + 1 if month else 1, int(day or 1))
    except ValueError:
        return None
    return PartialDate(known, precision)


def _title(entry: Entry) -> str:
    named = (one.get("title") for one in parts(entry, "titles") if one.get("type") == "Default")
    found = texts([entry.get("title"), *named])
    if not found:
        raise Deferred("titles without a name yet, left out")
    return found[0]


def _synonyms(entry: Entry) -> list[str]:
    others = entry.get("title_synonyms")
    foreign = (
        one.get("title")
        for one in parts(entry, "titles")
        if one.get("type") not in _NAMED_ELSEWHERE
    )
    names = texts([*(others if isinstance(others, list) else []), *foreign])
    return [name for name in names if name != entry.get("title")]


def _image(entry: Entry) -> str | None:
    for kind in ("large_image_url", "image_url"):
        address = part(entry, "images", "jpg", kind)
        if isinstance(address, str) and "questionmark" not in address:
            return address
    return None


def _genres(entry: Entry) -> list[str] | None:
    told = [name for name in _GENRE_LISTS if isinstance(entry.get(name), list)]
    if not told:
        return None
    found = (
        genre_name(one.get("mal_id"), one.get("name"))
        for kind in told
        for one in parts(entry, kind)
    )
    return texts(found)


def _relations(entry: Entry) -> list[tuple[str, int]] | None:
    if not isinstance(entry.get("relations"), list):
        return None
    return [
        (str(edge.get("relation")), to["mal_id"])
        for edge in parts(entry, "relations")
        for to in parts(edge, "entry")
        if to.get("type") == "anime" and isinstance(to.get("mal_id"), int)
    ]


def _names(found: list[Entry]) -> list[str]:
    return texts(one.get("name") for one in found)


def _count(value: Any) -> int | None:
    """None too for what no catalogue has and no column holds."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value <= MAX_INTEGER else None


SOURCE = LiveSource(NAME, connect, catalogue, season, title, read_page, read_title, facts)
