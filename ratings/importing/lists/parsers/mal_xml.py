"""MyAnimeList's XML export, which Kitsu and others write too. Element by element, whatever its size."""

import io
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from catalog.etl.reports import Unreadable
from ratings.importing.lists.building import Row, lines_of
from ratings.importing.lists.files import ListUpload
from ratings.importing.lists.line import ListFile

SOURCE = "mal_xml"
ROOT, ENTRY = "myanimelist", "anime"
MANGA_TYPE = "2"
# A real entry has some twenty-five parts, none with parts of its own.
MOST_PARTS = 200
DEEPEST = 8
MANGA = "This is a list of manga. On MyAnimeList choose “Anime List” when you export."
DANGEROUS = "The file declares a document type or entities of its own, which no list needs, so it is not read."
ANOTHER = "This is XML, but not a list exported from MyAnimeList."
WEB_PAGE = "This is a web page, not the exported file. Download the export itself and send that."
ODD = "The file is XML of a shape that no list site writes."


def read(upload: ListUpload) -> ListFile:
    try:
        return ListFile(SOURCE, lines_of(_rows(upload)))
    except DefusedXmlException:
        raise Unreadable(DANGEROUS) from None
    except ParseError as problem:
        raise _broken(upload, problem) from None


def _broken(upload: ListUpload, problem: ParseError) -> Unreadable:
    if "<html" in upload.head[:2000].lower():
        return Unreadable(WEB_PAGE)
    line = problem.position[0]
    return Unreadable(f"The file is cut off or damaged at line {line}, so nothing of it was taken.")


class _Text(io.TextIOBase):
    """The pieces of an upload as a file, which is what the parser reads from."""

    def __init__(self, upload: ListUpload) -> None:
        self._pieces = upload.pieces()
        self._begun = False

    def read(self, size: int | None = -1) -> str:
        # An empty answer would mean the end.
        piece = next((piece for piece in self._pieces if piece), "")
        if not self._begun:
            self._begun, piece = True, piece.lstrip("\ufeff \t\r\n")
        return piece


def _rows(upload: ListUpload) -> Iterator[Row]:
    path: list[Element] = []
    parts = 0
    for event, element in iterparse(_Text(upload), ("start", "end"), forbid_dtd=True):
        if event == "start":
            parts = parts + 1 if len(path) > 1 else 0
            _refuse_odd(path, element, parts)
            path.append(element)
            continue
        path.pop()
        if len(path) == 1:
            if element.tag == ENTRY:
                yield _row(element)
            else:
                _refuse_manga(element)
            # What has been read is let go, or the whole file would stay in memory.
            path[0].clear()


def _refuse_odd(path: list[Element], element: Element, parts: int) -> None:
    if not path and element.tag != ROOT:
        raise Unreadable(WEB_PAGE if str(element.tag).lower().endswith("html") else ANOTHER)
    if len(path) == 1 and element.tag == "manga":
        raise Unreadable(MANGA)
    if parts > MOST_PARTS or len(path) > DEEPEST:
        raise Unreadable(ODD)


def _refuse_manga(header: Element) -> None:
    """The header's totals are not looked at: they are wrong in real files. Nor are names, which stay theirs."""
    if (header.findtext("user_export_type") or "").strip() == MANGA_TYPE:
        raise Unreadable(MANGA)


def _row(entry: Element) -> Row:
    said = {part.tag: part.text for part in entry}
    return Row(
        mal_id=said.get("series_animedb_id"),
        title=said.get("series_title"),
        status=said.get("my_status"),
        score=said.get("my_score"),
        watched=said.get("my_watched_episodes"),
        started=said.get("my_start_date"),
        finished=said.get("my_finish_date"),
        rewatches=said.get("my_times_watched"),
        type=said.get("series_type"),
    )
