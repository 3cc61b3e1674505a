"""A list as a table that spreadsheets open, and that can be brought in again here and elsewhere."""

from collections.abc import Iterator

from catalog.charts import Cell, csv_lines
from ratings.leaving.everything import partial
from ratings.querysets import RatingQuerySet

COLUMNS = (
    "mal_id", "title", "status", "score", "watched_episodes", "episodes", "started_on",
    "finished_on", "rewatches", "changed", "counts",
)  # fmt: skip
CHUNK = 1000


def list_as_csv(entries: RatingQuerySet) -> Iterator[str]:
    """Parts of the file, a line each."""
    return csv_lines(COLUMNS, _rows(entries))


def _rows(entries: RatingQuerySet) -> Iterator[tuple[Cell, ...]]:
    for entry in entries.for_list_page().iterator(chunk_size=CHUNK):
        yield (
            entry.anime_id,
            entry.anime.display_title,
            entry.status,
            entry.score,
            entry.watched_episodes,
            entry.anime.episodes,
            partial(entry.started_on, entry.started_precision),
            partial(entry.finished_on, entry.finished_precision),
            entry.rewatches,
            entry.rated_at.isoformat(timespec="seconds") if entry.rated_at else None,
            "yes" if entry.counts else "no",
        )
