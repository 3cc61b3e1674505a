"""Small lists in the shapes that list sites write, with invented ids and titles."""

import gzip
import io
import json
from typing import Any

from catalog.etl.reports import Unreadable
from conftest import FIRST_ID
from ratings.importing.lists.line import Line, ListFile
from ratings.importing.lists.recognising import read_list

HARBOUR, ALBUM, MACHINES, SNOW, STATION, TOWN, WIND, MOON = range(FIRST_ID, FIRST_ID + 8)
UNKNOWN = 9_900_001


def entry(pk: object, title: str = "", **parts: object) -> str:
    said = {"series_animedb_id": pk, "series_title": f"<![CDATA[{title}]]>", **parts}
    return (
        "<anime>" + "".join(f"<{tag}>{value}</{tag}>" for tag, value in said.items()) + "</anime>"
    )


def mal(pk: object, score: object = 0, status: object = "Completed", **parts: object) -> str:
    named = {f"my_{name}": value for name, value in parts.items()}
    return entry(pk, f"Title {pk}", my_score=score, my_status=status, **named)


def mal_xml(
    *entries: str, header: str = "<myinfo><user_export_type>1</user_export_type></myinfo>"
) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8" ?>\n<!-- Created by XML Export -->\n<myanimelist>\n{header}\n{"".join(entries)}\n</myanimelist>'.encode()


def as_json(content: Any) -> bytes:
    return json.dumps(content).encode()


def read(file: bytes, **more: Any) -> ListFile:
    return read_list(io.BytesIO(file), **more)


def lines(file: bytes, **more: Any) -> list[Line]:
    return read(file, **more).lines


def only_line(file: bytes, **more: Any) -> Line:
    (line,) = lines(file, **more)
    return line


def reason(file: bytes, **more: Any) -> str:
    """Why the file cannot be read, for the member."""
    try:
        read(file, **more)
    except Unreadable as why:
        return str(why)
    raise AssertionError("it was read")


def packed(file: bytes) -> bytes:
    return gzip.compress(file)
