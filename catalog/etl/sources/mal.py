"""MyAnimeList's own API, version 2. Needs the client id that MyAnimeList gives to an application."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings

from catalog.etl.fetching.client import BadAnswer, Client
from catalog.etl.fields import partial_date
from catalog.etl.record import PartialDate
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

NAME = "mal"
PAGE_SIZE = 500
# Lists leave the second part out without a word; only a title's own address gives it.
_FIELDS = (
    "id,title,main_picture,alternative_titles,start_date,end_date,synopsis,mean,rank,num_list_users,"
    "num_scoring_users,nsfw,media_type,status,genres,num_episodes,start_season,broadcast,source,"
    "average_episode_duration,rating,studios"
)
_OF_ONE = f"{_FIELDS},related_anime"


def connect() -> Client:
    if not settings.MAL_CLIENT_ID:
        raise NotConfigured(
            "MAL_CLIENT_ID is not set: MyAnimeList gives one at https://myanimelist.net/apiconfig"
        )
    return Client(
        NAME,
        settings.MAL_BASE_URL,
        interval=1 / settings.MAL_RATE,
        user_agent=settings.USER_AGENT,
        headers={"X-MAL-CLIENT-ID": settings.MAL_CLIENT_ID},
        connections=4,
    )


def catalogue(page: int) -> Question:
    return Question("/anime/ranking", {"ranking_type": "all", **_list_params(page)})


def season(year: int, name: str, page: int) -> Question:
    return Question(f"/anime/season/{year}/{name}", _list_params(page))


def title(mal_id: int) -> Question:
    return Question(f"/anime/{mal_id}", {"fields": _OF_ONE})


def read_page(body: Any) -> Page:
    rows, paging = part(body, "data"), part(body, "paging")
    if not isinstance(rows, list) or not isinstance(paging, dict):
        raise BadAnswer("a page without data or paging")
    entries = [part(row, "node") for row in rows]
    # The address of the next page is read, never followed: pages are asked for by number.
    following = parse_qs(urlsplit(str(paging.get("next") or "")).query).get("offset")
    if not entries and following:
        raise BadAnswer("a page that is empty though there is more")
    return Page(entries, following is not None)


def read_title(body: Any) -> Entry:
    if not isinstance(body, dict) or not isinstance(body.get("id"), int):
        raise BadAnswer("a title without its id")
    return body


def facts(entry: Entry) -> dict[str, Any]:
    names = texts([entry.get("title")])
    if not names:
        raise Deferred("titles without a name yet, left out")
    genres = _genres(entry)
    return {
        "mal_id": entry.get("id"),
        "title": names[0],
        "title_english": part(entry, "alternative_titles", "en"),
        "title_japanese": part(entry, "alternative_titles", "ja"),
        "synonyms": _synonyms(entry),
        "synopsis": without_credits(entry.get("synopsis")),
        "type": entry.get("media_type"),
        "source": entry.get("source"),
        "status": entry.get("status"),
        # 0 is unknown here.
        "episodes": entry.get("num_episodes") or None,
        "duration": entry.get("average_episode_duration") or None,
        "age_rating": _age_rating(entry, genres or []),
        "aired_from": _day(entry.get("start_date")),
        "aired_to": _day(entry.get("end_date")),
        "season": part(entry, "start_season", "season"),
        "year": part(entry, "start_season", "year"),
        "image_url": part(entry, "main_picture", "large") or part(entry, "main_picture", "medium"),
        "genres": genres,
        "studios": None
        if entry.get("studios") is None
        else texts(one.get("name") for one in parts(entry, "studios")),
        "relations": _relations(entry),
        **_broadcast(entry),
        "score": entry.get("mean") or None,
        "scored_by": entry.get("num_scoring_users"),
        "members": entry.get("num_list_users"),
        "rank": entry.get("rank"),
    }


def _list_params(page: int) -> dict[str, Any]:
    # Without `nsfw` some titles are left out of lists; what is hidden here is decided here.
    offset = (page - 1) * PAGE_SIZE
    return {"limit": PAGE_SIZE, "offset": offset, "nsfw": "true", "fields": _FIELDS}


def _genres(entry: Entry) -> list[str] | None:
    if entry.get("genres") is None:
        return None
    return texts(genre_name(one.get("id"), one.get("name")) for one in parts(entry, "genres"))


def _age_rating(entry: Entry, genres: list[str]) -> Any:
    """What `nsfw` says goes in where the rating is missing or says less of what must be hidden."""
    rating, nsfw = entry.get("rating"), entry.get("nsfw")
    if nsfw == "black" and not {"Hentai", "Erotica"} & set(genres):
        return "rx"
    return rating or ("r+" if nsfw == "gray" else None)


def _relations(entry: Entry) -> list[tuple[str, int]] | None:
    if entry.get("related_anime") is None:
        return None
    return [
        (str(edge.get("relation_type")), part(edge, "node", "id"))
        for edge in parts(entry, "related_anime")
        if isinstance(part(edge, "node", "id"), int)
    ]


def _synonyms(entry: Entry) -> list[str]:
    told = part(entry, "alternative_titles", "synonyms")
    return texts(told) if isinstance(told, list) else []


def _broadcast(entry: Entry) -> dict[str, Any]:
    time = clock(part(entry, "broadcast", "start_time"))
    return {
        "broadcast_day": broadcast_day(part(entry, "broadcast", "day_of_the_week")),
        "broadcast_time": time,
        # It always tells Japanese time.
        "broadcast_zone": "Asia/Tokyo" if time else None,
    }


def _day(said: Any) -> PartialDate | None:
    try:
        return partial_date(said) if isinstance(said, str) else None
    except (IndexError, OverflowError, ValueError):
        return None


SOURCE = LiveSource(NAME, connect, catalogue, season, title, read_page, read_title, facts)
