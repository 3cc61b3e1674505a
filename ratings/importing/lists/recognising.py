"""Which format a file is in: told by what is in it, whatever it is called."""

import json
from typing import Any

from catalog.etl.reports import Unreadable
from ratings.importing.lists import building
from ratings.importing.lists.files import ListUpload, Readable
from ratings.importing.lists.line import ListFile
from ratings.importing.lists.parsers import (
    anilist_gdpr,
    anilist_lists,
    anime_planet,
    kitsu,
    mal_api,
    mal_xml,
    own,
    table,
)
from ratings.importing.lists.parsers.mapping import AniListIds

JSON_FORMATS = (own, anilist_gdpr, anilist_lists, kitsu, mal_api, anime_planet)
# Thirty thousand titles have not half so many objects; empty ones fill the memory from a small file.
MOST_PARTS = 600_000
ODD = "The file is JSON that no list site writes."
UNKNOWN = (
    "This is none of the lists that can be read here: an export of MyAnimeList, AniList, Kitsu or "
    "Anime-Planet, a table with a heading line, or this site's own export."
)


def read_list(raw: Readable, to_mal_ids: AniListIds | None = None) -> ListFile:
    """The lines of a file in any known format; Unreadable says in a sentence why there are none."""
    upload = ListUpload(raw)
    start = upload.head.lstrip("\ufeff \t\r\n")
    if start[:1] == "<":
        found = mal_xml.read(upload)
    elif start[:1] in ("{", "["):
        is_own = start.startswith(own.BEGINNING)
        text = own.list_alone(upload) if is_own else upload.whole()
        found = _from_json(_parsed(text), to_mal_ids)
    else:
        found = table.read(upload.whole())
    building.refuse_if_empty(found.lines, "list")
    return ListFile(found.source, found.lines, [*found.notes, *building.notes_on(found.lines)])


def _from_json(content: Any, to_mal_ids: AniListIds | None) -> ListFile:
    if not isinstance(content, dict):
        raise Unreadable(UNKNOWN)
    for one in JSON_FORMATS:
        if one.is_one(content):
            found: ListFile = one.read(content, to_mal_ids)
            return found
    raise Unreadable(UNKNOWN)


def _parsed(text: str) -> Any:
    if text.count("{") + text.count("[") > MOST_PARTS:
        raise Unreadable(ODD)
    try:
        return json.loads(text)
    except json.JSONDecodeError as problem:
        raise Unreadable(
            f"The file is cut off or damaged: its JSON breaks off at line {problem.lineno}."
        ) from None
    except (ValueError, RecursionError):
        raise Unreadable(ODD) from None
