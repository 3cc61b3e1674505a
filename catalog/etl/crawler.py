"""One worker's way through a run: ask ahead, load in large parts, keep the place with what was loaded."""

import time
from collections import Counter, deque
from concurrent.futures import Future
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from catalog import announcing
from catalog.etl import crawl_plans
from catalog.etl.absences import note_absences, take_back
from catalog.etl.answers import Heard, page_reader, title_reader
from catalog.etl.crawl_plans import MOST_MISSED, Cursor
from catalog.etl.fetching.ahead import Ahead
from catalog.etl.fetching.client import (
    Absent,
    Cancelled,
    Client,
    FetchError,
    Refused,
    Resting,
    Unavailable,
)
from catalog.etl.loading import CHUNK, load_records
from catalog.etl.reports import KEPT_FAULTS, MAX_FAULTS, LoadReport, Progress, Unreadable
from catalog.etl.sources.live import LiveSource, Question
from catalog.models import ImportRun, RunState, SourceRecord

THREADS = 3
# Some pages more than are loaded at once, so that the next part is there when one is in.
MOST_AHEAD = 64
# What was read is written after so many seconds, also when it is little: a killed run loses no more.
FLUSH_AFTER = 5.0
# And so many pages are known at once, whatever the source promises.
MOST_KNOWN = 1000
# So many titles denied and not one told of: then the source is in trouble, and they are not gone.
MOST_DENIED = 100
# A source's own count of its titles is never quite right.
NEARLY_ALL = 0.98
# A page that repeats or lacks titles is looked at so often again.
LOOKS = 3
# Words that nobody knows are the source's; their number has to have an end.
MOST_NOTES = 100
_ROUNDS = 3
_OWN_COUNTS = ("left_out", "absent", "gone", "back")


class Lost(Exception):
    """Another worker has taken the run over."""


class _Stop(Exception):
    """The rest is for another time."""

    def __init__(self, state: RunState, reason: str) -> None:
        super().__init__(reason)
        self.state = state


class Crawler:
    def __init__(
        self, run: ImportRun, source: LiveSource, client: Client, progress: Progress
    ) -> None:
        self.run, self.source, self.client, self.progress = run, source, client, progress
        self.cursor = Cursor.read(run.cursor)
        self.by_id = "ids" in run.options or "since" in run.options
        # Numbers to ask for that are known already; pages come to it when their existence is told.
        self.queue = deque(self._ids_left() if self.by_id else self._first_page())
        self.asked_to = 0
        self.rounds: Counter[int] = Counter()
        self.counts = LoadReport.of(run.counts)
        self.own = {name: int(run.counts.get(name, 0)) for name in _OWN_COUNTS}
        if self.by_id:
            run.total = len(self.queue) + self.counts.read + self.own["absent"]
        self.seen = self._seen_before()
        # Without a row of their own in the database, so only earlier workers' counts tell of them.
        self.left_out = self.own["left_out"]
        self.batch: list[Heard] = []
        # Although it denied all that it was asked for.
        self.is_believed = False
        self.flushed_at = time.monotonic()

    def read(self) -> RunState:
        """Ask and load to the end, or as far as it goes; how it ended."""
        with Ahead(
            self._ask, self._next, threads=THREADS, most=MOST_AHEAD, idle=self._look_up
        ) as self.ahead:
            try:
                self._hear_all()
            except _Stop as stop:
                self._say(str(stop))
                self._forget_denials()
                self._flush()
                return stop.state
            except Refused:
                self._flush()
                raise
            finally:
                self.client.cancel()
        return RunState.DONE if self._is_whole() else RunState.PARTIAL

    # --- what to ask

    def _ids_left(self) -> list[int]:
        ids = crawl_plans.ids_of(self.source.name, self.run.options)
        at = self.cursor.at
        return [] if at is None else [one for one in ids if one >= at]

    def _first_page(self) -> list[int]:
        return [] if self.cursor.at is None else [max(1, self.cursor.at)]

    def _next(self) -> int | None:
        return self.queue.popleft() if self.queue else None

    def _ask(self, number: int) -> Heard:
        question = self._question(number)
        reader = title_reader if self.by_id else page_reader
        return self.client.get(question.path, question.params, reader(self.source, number))

    def _question(self, number: int) -> Question:
        if self.by_id:
            return self.source.title(number)
        if season := self.run.options.get("season"):
            name, year = season.split()
            return self.source.season(int(year), name, number)
        return self.source.catalogue(number)

    def _learn_of_pages(self, heard: Heard) -> None:
        """Pages up to the last that is known; where a source does not tell, the next one."""
        if (page := heard.page) is None or heard.number in self.cursor.missed:
            return
        self.run.total = page.total if page.total is not None else self.run.total
        if not page.has_next:
            self.queue.clear()
            return
        asked = max((self.asked_to, heard.number))
        last = max(min(page.last or 0, heard.number + MOST_KNOWN), heard.number + 1)
        self.queue.extend(range(asked + 1, last + 1))
        self.asked_to = max(asked, last)

    # --- what is answered

    def _hear_all(self) -> None:
        for number, answer in self.ahead:
            self._hear(number, answer)
        self.cursor = replace(self.cursor, at=None)
        # What was asked in vain has had time to recover.
        self.queue.extend(self.cursor.missed)
        for number, answer in self.ahead:
            self._hear(number, answer)
        self._doubt(MOST_MISSED)
        self._flush()

    def _hear(self, number: int, answer: "Future[Heard]") -> None:
        try:
            heard = answer.result()
        except Resting as reason:
            raise _Stop(RunState.PARTIAL, str(reason)) from None
        except Cancelled as reason:
            raise _Stop(RunState.CANCELLED, str(reason)) from None
        except Unavailable as problem:
            self._miss(number, problem)
            return
        except Absent as said:
            if not self.by_id:
                raise Refused(str(said)) from None
            heard = Heard(number, absent=True)
        self._take(heard)

    def _take(self, heard: Heard) -> None:
        self._look_again(heard)
        self._learn_of_pages(heard)
        heard.leave_out(self.seen)
        self.seen |= heard.ids
        self.left_out += heard.nameless
        if self._waiting + len(heard.records) > CHUNK:
            self._flush()
        self.batch.append(heard)
        self.cursor = self.cursor.past(heard.number)
        self._doubt(MOST_DENIED)
        if time.monotonic() - self.flushed_at > FLUSH_AFTER:
            self._flush_if_told()
        self._stop_if_asked()

    @property
    def _waiting(self) -> int:
        return sum(len(heard.records) for heard in self.batch)

    @property
    def _tells_nothing(self) -> bool:
        """Whether the run was answered with denials alone."""
        told = self.counts.read or self.is_believed
        return not told and all(heard.absent for heard in self.batch)

    def _doubt(self, most: int) -> None:
        if len(self.batch) <= most or not self._tells_nothing:
            return
        self.is_believed = self._knows_what_it_told()
        if not self.is_believed:
            said = f"{self.source.name} denies every title it is asked for, so it is not believed"
            raise _Stop(RunState.PARTIAL, said)

    def _knows_what_it_told(self) -> bool:
        """Whether it still has the title that it told of last: then those that it denies are gone."""
        denied = [heard.number for heard in self.batch]
        told = SourceRecord.objects.filter(source=self.source.name).exclude(anime__in=denied)
        last = told.order_by("-fetched_at").first()
        try:
            return last is not None and bool(self.ahead.now(last.anime_id).ids)
        except FetchError:
            return False

    def _forget_denials(self) -> None:
        """They are asked for again by who goes on with the run."""
        if self.batch and self._tells_nothing:
            self.batch.clear()
            self.cursor = Cursor.read(self.run.cursor)

    def _flush_if_told(self) -> None:
        """Denials are kept once the source has told of something."""
        if self._tells_nothing:
            self.flushed_at = time.monotonic()
            self._look_up()
        else:
            self._flush()

    def _miss(self, number: int, problem: Unavailable) -> None:
        """Go on without it, unless that is too often so."""
        if not self.by_id and number >= self.asked_to and number not in self.cursor.missed:
            self._insist(number, problem)
            return
        if number not in self.cursor.missed:
            self._say(f"{'title' if self.by_id else 'page'} {number}: {problem}")
            self.cursor = self.cursor.missing(number)
        if len(self.cursor.missed) > MOST_MISSED:
            raise _Stop(RunState.PARTIAL, f"{self.source.name} fails too often")

    def _insist(self, number: int, problem: Unavailable) -> None:
        """Only this page tells whether there is another."""
        self.rounds[number] += 1
        if self.rounds[number] >= _ROUNDS:
            raise _Stop(RunState.PARTIAL, f"page {number}: {problem}")
        self.queue.appendleft(number)

    def _look_again(self, heard: Heard) -> None:
        """Titles that slip from page to page while it is read would be lost otherwise."""
        for _ in range(LOOKS):
            if not heard.is_short and self.seen.isdisjoint(heard.ids):
                return
            try:
                again = self.ahead.now(heard.number)
            except Unavailable:
                return
            if again.page is not None:
                heard.page = again.page
            heard.join(again)
            if not again.is_short and self.seen.isdisjoint(again.ids):
                return

    def _look_up(self) -> None:
        """A sign of life while the source is waited for."""
        self.run.beat()
        self._stop_if_asked()

    def _stop_if_asked(self) -> None:
        if self.run.cancel_asked:
            raise _Stop(RunState.CANCELLED, "cancelled")

    def _say(self, problem: str) -> None:
        self.run.errors = [*self.run.errors, problem][-KEPT_FAULTS:]

    # --- what is kept

    def _seen_before(self) -> set[int]:
        """Titles that earlier workers of this run have read."""
        if self.by_id or not self.run.cursor:
            return set()
        told = SourceRecord.objects.filter(
            source=self.source.name, fetched_at__gte=self.run.started_at
        )
        return set(told.values_list("anime_id", flat=True))

    def _is_whole(self) -> bool:
        if self.cursor.missed:
            return False
        if self.by_id or self.run.total is None:
            return True
        return len(self.seen) + self.left_out >= NEARLY_ALL * self.run.total

    def _flush(self) -> None:
        """Records and place in one transaction: a killed run has read exactly what its cursor says."""
        batch, self.batch = self.batch, []
        place = self.run.cursor
        with transaction.atomic():
            self._load(batch)
            self.run.cursor = str(self.cursor)
            self.run.beat_at = timezone.now()
            kept = ("cursor", "counts", "errors", "total", "beat_at")
            mine = ImportRun.objects.filter(
                pk=self.run.pk, state=RunState.RUNNING, cursor=place
            ).update(**{name: getattr(self.run, name) for name in kept})
            if not mine:
                raise Lost(f"{self.run} was taken over by another worker")
            announcing.work_moved()
        self.flushed_at = time.monotonic()
        self.progress()
        if self.counts.rejected.total() > MAX_FAULTS:
            raise Unreadable(
                f"{self.run.errors[-1]}; too many are like that, so the rest was not read"
            )
        self.run.refresh_from_db(fields=["cancel_asked"])

    def _load(self, batch: list[Heard]) -> None:
        name, today = self.source.name, timezone.localdate()
        part = load_records((one for heard in batch for one in heard.records), source=name)
        for heard in batch:
            part.add(heard.report)
            self.own["left_out"] += heard.report.read
        self.counts.add(part)
        for fault in part.faults:
            self._say(str(fault))
        absent = [heard.number for heard in batch if heard.absent]
        told = [record.mal_id for heard in batch for record in heard.records]
        self.own["absent"] += len(absent)
        self.own["gone"] += note_absences(name, absent, today) if absent else 0
        self.own["back"] += take_back(name, told)
        notes = dict(self.counts.notes.most_common(MOST_NOTES))
        self.run.counts = {**self.counts.counts, **self.own, "notes": notes}
