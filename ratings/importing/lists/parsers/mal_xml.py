"""MyAnimeList's XML export, which Kitsu and others write too. Entry by entry, whatever its size."""

from collections.abc import Iterator
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import XMLParser

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
FIELDS = {
    "series_animedb_id": "mal_id",
    "series_title": "title",
    "my_status": "status",
    "my_score": "score",
    "my_watched_episodes": "watched",
    "my_start_date": "started",
    "my_finish_date": "finished",
    "my_times_watched": "rewatches",
    "series_type": "type",
}


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


def _rows(upload: ListUpload) -> Iterator[Row]:
    entries = _Entries()
    parser = XMLParser(target=entries, forbid_dtd=True)
    begun = False
    for piece in upload.pieces():
        text = piece if begun else piece.lstrip("\ufeff \t\r\n")
        begun = begun or bool(text)
        parser.feed(text)
        yield from entries.taken()
    parser.close()
    yield from entries.taken()


class _Entries:
    """What the parser tells its parts to. No tree is built: of the file only the open entry is held.

    The header's totals are not looked at, because they are wrong in real files; nor are names.
    """

    def __init__(self) -> None:
        self._path: list[str] = []
        self._said: dict[str, str] = {}
        self._text: list[str] = []
        self._parts = 0
        self._rows: list[Row] = []

    def taken(self) -> list[Row]:
        rows, self._rows = self._rows, []
        return rows

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        depth = len(self._path)
        if depth < 2:
            self._open(tag, depth)
        self._parts += 1
        if self._parts > MOST_PARTS or depth > DEEPEST:
            raise Unreadable(ODD)
        self._path.append(tag)
        self._text = []

    def _open(self, tag: str, depth: int) -> None:
        self._said, self._parts = {}, 0
        if depth == 0 and tag != ROOT:
            raise Unreadable(WEB_PAGE if tag.lower().endswith("html") else ANOTHER)
        if depth == 1 and tag == "manga":
            raise Unreadable(MANGA)

    def data(self, text: str) -> None:
        if len(self._path) == 3:
            self._text.append(text)

    def end(self, tag: str) -> None:
        self._path.pop()
        depth = len(self._path)
        if depth == 2:
            self._said[tag] = "".join(self._text)
        elif depth == 1 and tag == ENTRY:
            said = {field: self._said[name] for name, field in FIELDS.items() if name in self._said}
            self._rows.append(Row(**said))
        elif depth == 1 and self._said.get("user_export_type", "").strip() == MANGA_TYPE:
            raise Unreadable(MANGA)

    def close(self) -> None:
        """There is no tree to hand out."""
