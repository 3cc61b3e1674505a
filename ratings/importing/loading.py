"""Published ratings into members' lists, a block to a transaction, so that a killed run can be repeated."""

import numpy as np
from django.db import connection, transaction

from catalog.etl.files import DataFile
from catalog.etl.recognising import Found
from catalog.etl.reports import LoadReport, Progress, no_progress
from catalog.models import Anime
from ratings.importing import bulk, statements
from ratings.importing.blocks import read_blocks, whole_lists
from ratings.importing.entries import Entries, Numbers, last_of_each
from ratings.importing.formats import RatingTable
from ratings.importing.members import Members


def load_ratings(
    file: DataFile, found: Found, report: LoadReport, progress: Progress = no_progress
) -> None:
    """Read the whole open file into members' lists; `report` tells how far it came, also after an error."""
    table: RatingTable = found.shape.reader
    loader = _Loader(table, report)
    for values in whole_lists(read_blocks(file, table, report)):
        for note, count in table.notes(values).items():
            report.notes[note] += count
        with transaction.atomic():
            loader.load(table.entries(values))
        progress()


class _Loader:
    def __init__(self, table: RatingTable, report: LoadReport) -> None:
        self.members = Members(table.origin)
        self.titles = set(Anime.objects.values_list("pk", flat=True))
        self.report = report

    def load(self, entries: Entries) -> None:
        wanted = last_of_each(entries)
        if repeated := len(entries) - len(wanted):
            self.report.notes["rows of a member and title that the file has again, left out"] += (
                repeated
            )
        self._hold_places(np.unique(wanted["anime"]).tolist())
        users, added = self.members.keys_of(wanted["user"])
        # Members who are new cannot have a list yet: their rows go straight in.
        bulk.append(statements.LISTS, users[added], wanted[added])
        self.report.loaded += int(added.sum())
        if not added.all():
            self._compare_and_write(users[~added], wanted[~added])

    def _hold_places(self, ids: list[int]) -> None:
        """Titles that no catalogue has described yet."""
        unknown = [pk for pk in ids if pk not in self.titles]
        stubs = [Anime(mal_id=pk, is_stub=True) for pk in unknown]
        Anime.objects.bulk_create(stubs, ignore_conflicts=True)
        self.titles.update(unknown)
        if unknown:
            self.report.notes["titles in no catalogue, kept as stubs"] += len(unknown)

    def _compare_and_write(self, users: Numbers, entries: Entries) -> None:
        """Write only what is new or other than known, and let only those lists count as changed."""
        bulk.look_up_by_index()
        with connection.cursor() as cursor:
            cursor.execute(statements.DROP)
            cursor.execute(statements.STAGE)
            bulk.append(statements.STAGED, users, entries)
            cursor.execute(statements.DELETE_UNCHANGED.format(differs=bulk.differs()))
            self.report.unchanged += (unchanged := cursor.rowcount)
            if left := len(entries) - unchanged:
                cursor.execute(statements.COUNT_KNOWN)
                known = cursor.fetchone()[0]
                self.report.updated += known
                self.report.loaded += left - known
                cursor.execute(statements.TOUCH_LISTS)
                cursor.execute(statements.WRITE)
            cursor.execute(statements.DROP)
