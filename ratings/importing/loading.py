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
    bulk.make_room()
    loader = _Loader(table)
    for values in whole_lists(read_blocks(file, table, report)):
        part = LoadReport(read=len(values["user_id"]))
        part.notes.update(table.notes(values))
        with transaction.atomic():
            loader.load(table.entries(values), part)
        # Only what is safely in the database counts.
        report.add(part)
        progress()


class _Loader:
    def __init__(self, table: RatingTable) -> None:
        self.members = Members(table.origin)
        self.titles = set(Anime.objects.values_list("pk", flat=True))

    def load(self, entries: Entries, report: LoadReport) -> None:
        wanted = last_of_each(entries)
        if repeated := len(entries) - len(wanted):
            report.notes["rows of a member and title that the file has again, left out"] += repeated
        self._hold_places(np.unique(wanted["anime"]).tolist(), report)
        users, added = self.members.keys_of(wanted["user"])
        # Members who are new cannot have a list yet: their rows go straight in.
        bulk.append(statements.LISTS, users[added], wanted[added])
        report.loaded += int(added.sum())
        if not added.all():
            self._compare_and_write(users[~added], wanted[~added], report)

    def _hold_places(self, ids: list[int], report: LoadReport) -> None:
        """Titles that no catalogue has described yet."""
        unknown = [pk for pk in ids if pk not in self.titles]
        stubs = [Anime(mal_id=pk, is_stub=True) for pk in unknown]
        Anime.objects.bulk_create(stubs, ignore_conflicts=True)
        self.titles.update(unknown)
        if unknown:
            report.notes["titles in no catalogue, kept as stubs"] += len(unknown)

    def _compare_and_write(self, users: Numbers, entries: Entries, report: LoadReport) -> None:
        """Write only what is new or other than known, and let only those lists count as changed."""
        bulk.look_up_by_index()
        with connection.cursor() as cursor:
            cursor.execute(statements.DROP)
            cursor.execute(statements.STAGE)
            bulk.append(statements.STAGED, users, entries)
            cursor.execute(statements.DELETE_UNCHANGED.format(differs=bulk.differs()))
            report.unchanged += (unchanged := cursor.rowcount)
            if left := len(entries) - unchanged:
                cursor.execute(statements.COUNT_KNOWN)
                known = cursor.fetchone()[0]
                report.updated += known
                report.loaded += left - known
                cursor.execute(statements.TOUCH_LISTS)
                cursor.execute(statements.WRITE)
            cursor.execute(statements.DROP)
