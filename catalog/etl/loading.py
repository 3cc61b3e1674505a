"""AnimeRecords into the database: in parts, each whole or not at all, and nothing twice."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from operator import attrgetter
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.etl.links import Links
from catalog.etl.merging import merge, outranks
from catalog.etl.record import AnimeRecord
from catalog.etl.reports import LoadReport, Progress, no_progress
from catalog.etl.snapshots import Measures
from catalog.etl.writing import among, lay_over
from catalog.models import Anime, SourceRecord

CHUNK = 1000
_COLUMNS = [field.name for field in Anime._meta.concrete_fields]
_values = attrgetter(*_COLUMNS)
# By position, a row is made twice as fast as by name.
_BLANK = [field.get_default() for field in Anime._meta.concrete_fields]
_STUB = _COLUMNS.index("is_stub")


def load_records(
    records: Iterable[AnimeRecord],
    *,
    source: str,
    taken_on: date | None = None,
    progress: Progress = no_progress,
    report: LoadReport | None = None,
) -> LoadReport:
    """Bring what `source` says into the catalogue, each CHUNK in a transaction of its own.

    A record that says what it said last time is left alone, so what curators changed since stays.
    """
    report = LoadReport() if report is None else report
    seen: set[int] = set()
    for chunk in _chunks(records):
        part = LoadReport(read=len(chunk))
        fresh = _first_of_each(chunk, seen, part)
        with transaction.atomic():
            _load(fresh, source, taken_on or timezone.localdate(), part)
        # Only what is safely in the database counts.
        report.add(part)
        progress()
    return report


def _chunks(records: Iterable[AnimeRecord]) -> Iterator[list[AnimeRecord]]:
    unread = iter(records)
    while chunk := list(islice(unread, CHUNK)):
        yield chunk


def _first_of_each(
    chunk: list[AnimeRecord], seen: set[int], report: LoadReport
) -> list[AnimeRecord]:
    """Without titles that the file has told of before; two tellings would undo each other at every load."""
    fresh = []
    for record in chunk:
        if record.mal_id in seen:
            report.notes["rows of a title that the file has already, left out"] += 1
        else:
            seen.add(record.mal_id)
            fresh.append(record)
    return fresh


def _load(records: list[AnimeRecord], source: str, taken_on: date, report: LoadReport) -> None:
    # In one order, so that two loads at a time wait for each other instead of failing.
    records = sorted(records, key=attrgetter("mal_id"))
    told = _told_before(records)
    changed = [
        record
        for record in records
        if told.get(record.mal_id, {}).get(source) != record.content_hash
    ]
    report.unchanged += len(records) - len(changed)
    for word in (word for record in changed for word in record.unknown_words()):
        report.notes[f"unknown word kept: {word}"] += 1
    measures = Measures.of(records, told.keys(), taken_on)
    touched = {record.mal_id for record in changed} | measures.changed.keys()
    titles = {anime.pk: anime for anime in Anime.objects.filter(pk__in=among(touched))}
    links = _merge(changed, titles, source, told, report)
    measures.copy_newest(titles.values())
    lay_over(Anime, _COLUMNS, [_values(titles[pk]) for pk in sorted(titles)], unique=("mal_id",))
    links.save()
    measures.save()
    _remember_source(records, source)


def _told_before(records: list[AnimeRecord]) -> dict[int, dict[str, str]]:
    """Title -> source -> hash of what that source said last."""
    told: dict[int, dict[str, str]] = {}
    rows = SourceRecord.objects.filter(anime__in=among(record.mal_id for record in records))
    for anime_id, source, content_hash in rows.values_list("anime_id", "source", "content_hash"):
        told.setdefault(anime_id, {})[source] = content_hash
    return told


def _merge(
    records: list[AnimeRecord],
    titles: dict[int, Anime],
    source: str,
    told: dict[int, dict[str, str]],
    report: LoadReport,
) -> Links:
    """Lay the records over `titles`, which gain those that are new."""
    links = Links.of(records, titles.keys())
    for record in records:
        anime = titles.get(record.mal_id)
        if anime is None:
            anime = titles[record.mal_id] = _stub(record.mal_id)
        report.loaded += anime.is_stub
        report.updated += not anime.is_stub
        others = told.get(record.mal_id, {}).keys() - {source}
        merge(record, anime, blanks_only=any(outranks(other, source) for other in others))
        links.describe(anime)
    return links


def _stub(mal_id: int) -> Anime:
    values: list[Any] = [mal_id, *_BLANK[1:]]
    values[_STUB] = True
    return Anime(*values)  # type: ignore[misc]  # the plugin looks for names


def _remember_source(records: list[AnimeRecord], source: str) -> None:
    """Also for those that say what they said last time: it was said again today."""
    now = timezone.now()
    lay_over(
        SourceRecord,
        ("anime", "source", "content_hash", "fetched_at"),
        [(record.mal_id, source, record.content_hash, now) for record in records],
        unique=("anime", "source"),
    )
