"""A table with a heading line: ids or titles, and what there is beside them."""

import csv
import io
from collections.abc import Iterator

from catalog.etl.reports import Unreadable
from catalog.etl.vocabulary import fold
from ratings.importing.lists.building import Row, lines_of
from ratings.importing.lists.line import ListFile

SOURCE = "table"
DELIMITERS = ",;\t|"
# What each column may be called, the likeliest first; compared without case, spaces and dashes.
NAMES = {
    "mal_id": "malid myanimelistid seriesanimedbid animedbid animeid anilistmalid id",
    "title": "title seriestitle animetitle name anime animename romaji titleromaji englishtitle",
    "status": "status mystatus watchstatus watchingstatus liststatus state",
    "score": "score myscore rating myrating userscore yourscore userrating",
    "watched": "watchedepisodes episodeswatched mywatchedepisodes watched progress eps numwatchedepisodes",
    "started": "startedon startdate mystartdate started",
    "finished": "finishedon finishdate myfinishdate finished enddate completedon completed",
    "rewatches": "rewatches timeswatched mytimeswatched rewatchcount timesrewatched repeat",
    "said_at": "ratedat updatedat lastupdated listupdatedat changed",
    "type": "type seriestype format animetype",
    "member": "userid username user",
    "year": "year startyear releaseyear",
}
SEVERAL_MEMBERS = "This table holds lists of several members. Send one with your own rows alone."
NOT_A_TABLE = (
    "This is none of the files that can be read here. A table must begin with a line that names "
    "its columns: mal_id or title, and score or status."
)


def read(text: str) -> ListFile:
    lines = io.StringIO(text, newline="")
    heading = next((line for line in lines if line.strip()), "")
    delimiter = max(DELIMITERS, key=heading.count)
    columns = _columns(_cells(heading, delimiter))
    rows = csv.reader(lines, delimiter=delimiter)
    return ListFile(SOURCE, lines_of(_rows(rows, columns)))


def _cells(heading: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([heading], delimiter=delimiter), [])
    except csv.Error as error:  # a line of more than 128 KB, as binary files have
        raise Unreadable(NOT_A_TABLE) from error


def _columns(heading: list[str]) -> dict[str, int]:
    places = {fold(cell.strip()): place for place, cell in reversed([*enumerate(heading)])}
    found = {
        field: places[name]
        for field, names in NAMES.items()
        if (name := next((name for name in names.split() if name in places), ""))
    }
    if "mal_id" not in found and "title" not in found:
        raise Unreadable(NOT_A_TABLE)
    return found


def _rows(cells: Iterator[list[str]], columns: dict[str, int]) -> Iterator[Row]:
    members = set()
    while True:
        try:
            row = next(cells)
        except StopIteration:
            return
        except csv.Error:
            yield Row(problem="The row cannot be read: a quoted field in it never ends.")
            continue
        if any(cell.strip() for cell in row):
            said = {field: row[at] for field, at in columns.items() if at < len(row)}
            members.add(said.pop("member", ""))
            if len(members) > 1:
                raise Unreadable(SEVERAL_MEMBERS)
            yield Row(**said)
