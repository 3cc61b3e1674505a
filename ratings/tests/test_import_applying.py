"""From a preview to the list, and back."""

import io
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from catalog.models import Anime, RunState
from ratings.importing.lists import applying, previewing, undoing, waiting
from ratings.models import Conflict, Fate, ListImport, User, UserAnimeRating
from ratings.tests.exports import (
    ALBUM,
    HARBOUR,
    MACHINES,
    MOON,
    SNOW,
    STATION,
    UNKNOWN,
    as_json,
    mal,
    mal_xml,
)

pytestmark = pytest.mark.django_db

FILE = mal_xml(
    mal(HARBOUR, 3, "Dropped", watched_episodes=4, start_date="2020-05-00"),
    mal(SNOW, 9, times_watched=1),
    mal(ALBUM, 10),
    mal(MACHINES, 0, "Plan to Watch"),
    mal(UNKNOWN, 5),
)


def preview(member: User, file: bytes = FILE) -> ListImport:
    return previewing.preview_file(member, io.BytesIO(file), "list.xml")


def carried_out(member: User, file: bytes = FILE, conflict: str = Conflict.THEIRS) -> ListImport:
    run = preview(member, file)
    assert applying.start(run, conflict)
    applying.apply(run.pk)
    run.refresh_from_db()
    return run


def rows(member: User) -> list[dict[str, Any]]:
    """The member's list to the last column."""
    return list(UserAnimeRating.objects.filter(user=member).order_by("pk").values())


def entry(member: User, mal_id: int) -> UserAnimeRating:
    return member.list_entries.get(anime=mal_id)


def timed(score: int, said_at: datetime | None) -> bytes:
    """A file that tells when its line was said, and one that does not."""
    rated_at = said_at and said_at.isoformat()
    one = {"mal_id": HARBOUR, "status": "completed", "score": score, "rated_at": rated_at}
    return as_json({"format": "animerec", "version": 1, "list": [one]})


def test_the_list_is_as_the_file_says(casual: User) -> None:
    version = casual.list_version
    run = carried_out(casual)
    said = casual.list_entries.order_by("anime").values_list("anime", "status", "score", "source")
    assert list(said) == [
        (HARBOUR, "dropped", 3, "mal_xml"),
        (ALBUM, "completed", 10, "mal_xml"),
        (MACHINES, "planned", None, "mal_xml"),
        (SNOW, "completed", 9, "mal_xml"),
    ]
    harbour = entry(casual, HARBOUR)
    assert (harbour.watched_episodes, harbour.started_precision) == (4, "month")
    assert entry(casual, SNOW).rewatches == 1
    assert run.state == RunState.DONE
    assert run.counts == {"new": 2, "changed": 2, "waiting": 1, "written": 4, "kept": 0}
    casual.refresh_from_db()
    assert casual.list_version == version + 1


def test_importing_again_changes_nothing(casual: User) -> None:
    carried_out(casual)
    casual.refresh_from_db()
    before, version = rows(casual), casual.list_version
    run = carried_out(casual)
    assert rows(casual) == before
    assert run.counts == {"same": 4, "waiting": 1, "written": 0, "kept": 0}
    casual.refresh_from_db()
    assert casual.list_version == version


def test_carrying_out_twice_is_as_good_as_once(casual: User) -> None:
    run = carried_out(casual)
    before = rows(casual)
    casual.rate(Anime.objects.get(pk=HARBOUR), score=7)
    applying.apply(run.pk)
    assert not applying.start(run, Conflict.THEIRS)
    assert entry(casual, HARBOUR).score == 7
    assert len(rows(casual)) == len(before)


def test_mine_keeps_what_is_here_and_adds_what_is_new(casual: User) -> None:
    run = carried_out(casual, conflict=Conflict.MINE)
    assert (entry(casual, HARBOUR).score, entry(casual, SNOW).status) == (8, "planned")
    assert entry(casual, ALBUM).score == 10
    assert (run.counts["written"], run.counts["kept"]) == (2, 2)


@pytest.mark.parametrize(
    ("here", "there", "score"),
    [
        (datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC), 5),
        (datetime(2024, 1, 1, tzinfo=UTC), datetime(2023, 1, 1, tzinfo=UTC), 8),
        (datetime(2024, 1, 1, tzinfo=UTC), None, 8),
        (None, datetime(2023, 1, 1, tzinfo=UTC), 5),
        (None, None, 5),
    ],
    ids=["theirs is newer", "mine is newer", "the file has no time", "mine has none", "neither"],
)
def test_the_newer_word_counts(
    casual: User, here: datetime | None, there: datetime | None, score: int
) -> None:
    casual.list_entries.update(rated_at=here)
    carried_out(casual, timed(5, there), Conflict.NEWEST)
    assert entry(casual, HARBOUR).score == score


def test_the_time_that_the_file_tells_is_kept(casual: User) -> None:
    carried_out(casual, timed(5, datetime(2023, 1, 1, tzinfo=UTC)))
    assert entry(casual, HARBOUR).rated_at == datetime(2023, 1, 1, tzinfo=UTC)


def test_the_list_is_compared_anew_when_the_import_begins(casual: User) -> None:
    run = preview(casual)
    casual.rate(Anime.objects.get(pk=ALBUM), score=10)
    applying.start(run, Conflict.MINE)
    applying.apply(run.pk)
    assert run.lines.get(mal_id=ALBUM).fate == Fate.SAME
    assert entry(casual, ALBUM).source == ""


def test_undoing_brings_back_exactly_what_was_there(casual: User) -> None:
    before = rows(casual)
    run = carried_out(casual)
    assert undoing.undo(run.pk)
    assert rows(casual) == before
    run.refresh_from_db()
    assert (run.counts["taken_off"], run.counts["restored"], run.counts["left_alone"]) == (2, 2, 0)


def test_undoing_leaves_alone_what_the_member_changed_since(casual: User) -> None:
    run = carried_out(casual)
    casual.rate(Anime.objects.get(pk=ALBUM), score=6)
    casual.forget(Anime.objects.get(pk=MACHINES))
    assert undoing.undo(run.pk)
    assert entry(casual, ALBUM).score == 6
    assert not casual.list_entries.filter(anime=MACHINES).exists()
    assert entry(casual, HARBOUR).score == 8
    run.refresh_from_db()
    assert run.counts["left_alone"] == 2


def test_undoing_twice_is_as_good_as_once(casual: User) -> None:
    run = carried_out(casual)
    assert undoing.undo(run.pk)
    casual.rate(Anime.objects.get(pk=ALBUM), score=6)
    before = rows(casual)
    assert not undoing.undo(run.pk)
    assert rows(casual) == before


def test_two_imports_are_undone_one_after_the_other(casual: User) -> None:
    empty = rows(casual)
    first = carried_out(casual)
    between = rows(casual)
    second = carried_out(casual, mal_xml(mal(HARBOUR, 10), mal(STATION, 7)))
    assert undoing.undo(second.pk)
    assert rows(casual) == between
    assert undoing.undo(first.pk)
    assert rows(casual) == empty


def test_a_preview_cannot_be_undone(casual: User) -> None:
    assert not undoing.undo(preview(casual).pk)
    assert not undoing.undo(0)


def test_a_doubtful_line_is_written_as_the_member_decided(newcomer: User, catalogue) -> None:
    Anime.objects.refresh_search_text()
    run = preview(newcomer, b"title,score\nGardn of Machines,9\nMoons Shadw,4\nKikai no Niwaa,2\n")
    assert run.counts == {"doubtful": 3}
    assert previewing.choose(run, 1, MACHINES)
    assert previewing.choose(run, 2, ALBUM) is None
    assert previewing.choose(run, 7, MACHINES) is None
    applying.start(run, Conflict.THEIRS)
    applying.apply(run.pk)
    assert list(newcomer.list_entries.values_list("anime", "score")) == [(MACHINES, 9)]
    run.refresh_from_db()
    assert run.counts == {"new": 1, "doubtful": 2, "written": 1, "kept": 0}
    assert previewing.choose(run, 2, MOON) is None


def test_two_doubtful_lines_for_one_title_count_once(newcomer: User, catalogue) -> None:
    Anime.objects.refresh_search_text()
    run = preview(newcomer, b"title,score\nGardn of Machines,9\nKikai no Niwaa,2\n")
    for number in (1, 2):
        assert previewing.choose(run, number, MACHINES)
    applying.start(run, Conflict.THEIRS)
    applying.apply(run.pk)
    assert entry(newcomer, MACHINES).score == 2
    assert run.lines.get(number=1).fate == Fate.INVALID
    assert undoing.undo(run.pk)
    assert not newcomer.list_entries.exists()


def test_an_import_that_breaks_off_writes_nothing_and_can_be_begun_again(casual: User) -> None:
    before = rows(casual)
    run = preview(casual)
    applying.start(run, Conflict.THEIRS)

    def killed(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        applying.apply(run.pk, killed)
    assert rows(casual) == before
    assert not run.lines.filter(is_written=True).exists()
    # The row says that it runs; after a minute of silence it may be begun again.
    assert not applying.start(run, Conflict.THEIRS)
    ListImport.objects.update(beat_at=timezone.now() - timedelta(minutes=2))
    assert applying.start(run, Conflict.THEIRS)
    applying.apply(run.pk)
    assert len(rows(casual)) == 4


# Waiting lines


def learn(mal_id: int, title: str = "Newly Known", **more: Any) -> None:
    Anime.objects.update_or_create(mal_id=mal_id, defaults={"title": title, "is_stub": False, **more})  # fmt: skip
    Anime.objects.refresh_search_text()


def test_a_waiting_title_comes_onto_the_list_once_the_catalogue_knows_it(casual: User) -> None:
    run = carried_out(casual)
    version = User.objects.get(pk=casual.pk).list_version
    assert waiting.fill_in() == 0
    learn(UNKNOWN)
    assert waiting.fill_in() == 1
    assert entry(casual, UNKNOWN).score == 5
    run.refresh_from_db()
    assert (run.counts["written"], run.counts["waiting"], run.counts["new"]) == (5, 0, 3)
    assert User.objects.get(pk=casual.pk).list_version == version + 1
    assert waiting.fill_in() == 0


def test_a_title_that_waits_by_its_name_alone_is_filled_in_too(newcomer: User, catalogue) -> None:
    Anime.objects.refresh_search_text()
    carried_out(newcomer, b"title,score\nZzyzx Road,9\n")
    learn(UNKNOWN, "Zzyzx: Road")
    assert waiting.fill_in() == 1
    assert entry(newcomer, UNKNOWN).score == 9


def test_a_name_that_turns_out_to_be_on_the_list_of_the_same_file_waits_no_more(
    newcomer: User, catalogue
) -> None:
    Anime.objects.refresh_search_text()
    run = carried_out(newcomer, f"mal_id,title,score\n,Zzyzx Road,9\n{HARBOUR},,4\n".encode())
    learn(HARBOUR, "Zzyzx Road")
    assert waiting.fill_in() == 0
    assert entry(newcomer, HARBOUR).score == 4
    assert run.lines.get(number=1).fate == Fate.INVALID


def test_filling_in_keeps_to_the_choice_that_was_made(casual: User) -> None:
    carried_out(casual, conflict=Conflict.MINE)
    learn(UNKNOWN)
    casual.rate(Anime.objects.get(pk=UNKNOWN), score=1)
    assert waiting.fill_in() == 0
    assert entry(casual, UNKNOWN).score == 1


def test_of_two_imports_that_wait_for_one_title_the_later_one_counts(newcomer: User) -> None:
    later, earlier = (preview(newcomer, mal_xml(mal(UNKNOWN, score))) for score in (9, 4))
    for run in (earlier, later):
        assert applying.start(run, Conflict.THEIRS)
        applying.apply(run.pk)
    Anime.objects.create(mal_id=UNKNOWN, title="New here")
    assert waiting.fill_in() == 2
    assert entry(newcomer, UNKNOWN).score == 9


def test_a_day_that_the_file_has_less_exactly_takes_nothing_away(casual: User) -> None:
    day = {"started_on": date(2019, 4, 7), "started_precision": "day"}
    casual.list_entries.filter(anime=HARBOUR).update(**day)
    carried_out(casual, mal_xml(mal(HARBOUR, 5, start_date="2019-04-00")))
    assert (entry(casual, HARBOUR).score, entry(casual, HARBOUR).started_on) == (
        5,
        day["started_on"],
    )
    assert entry(casual, HARBOUR).started_precision == "day"
    carried_out(casual, mal_xml(mal(HARBOUR, 5, start_date="2018-00-00")))
    assert entry(casual, HARBOUR).started_on == date(2018, 1, 1)


def test_previews_and_undone_imports_are_not_filled_in(casual: User) -> None:
    undone = carried_out(casual)
    undoing.undo(undone.pk)
    preview(casual)
    learn(UNKNOWN)
    assert waiting.fill_in() == 0


def test_what_was_filled_in_is_undone_with_the_rest(casual: User) -> None:
    before = rows(casual)
    run = carried_out(casual)
    learn(UNKNOWN)
    waiting.fill_in()
    undoing.undo(run.pk)
    assert rows(casual) == before


def test_a_hidden_title_comes_onto_the_list_once_the_operator_shows_it(
    newcomer: User, hidden_titles, settings
) -> None:
    carried_out(newcomer, mal_xml(mal(9_000_101, 5)))
    assert not newcomer.list_entries.exists()
    assert waiting.fill_in() == 0
    settings.SHOW_ADULT = True
    assert waiting.fill_in() == 1
    assert entry(newcomer, 9_000_101).score == 5


# Two at once


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run all at the same moment, each on a connection of its own."""
    gate, answers = threading.Barrier(len(works)), [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        gate.wait()
        try:
            answers[place] = work()
        except Exception as problem:
            answers[place] = problem
            raise
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_one_import_carried_out_by_two_workers_is_written_once(casual: User) -> None:
    run = preview(casual)
    applying.start(run, Conflict.THEIRS)
    version = User.objects.get(pk=casual.pk).list_version
    assert at_once(*[lambda: applying.apply(run.pk)] * 2) == [None, None]
    assert User.objects.get(pk=casual.pk).list_version == version + 1
    assert len(rows(casual)) == 4


@pytest.mark.django_db(transaction=True)
def test_two_imports_and_a_rating_at_once_leave_a_list_that_can_be_undone(casual: User) -> None:
    before = rows(casual)
    first, second = preview(casual), preview(casual, mal_xml(mal(HARBOUR, 10), mal(ALBUM, 1)))
    for run in (first, second):
        applying.start(run, Conflict.THEIRS)
    title = Anime.objects.get(pk=STATION)
    answers = at_once(
        lambda: applying.apply(first.pk),
        lambda: applying.apply(second.pk),
        lambda: User.objects.get(pk=casual.pk).rate(title, score=7).score,
    )
    assert answers == [None, None, 7]
    order = [run.pk for run in ListImport.objects.order_by("-finished_at")]
    for pk in order:
        assert undoing.undo(pk)
    assert [row for row in rows(casual) if row["anime_id"] != STATION] == before


@pytest.mark.django_db(transaction=True)
def test_one_import_undone_twice_at_once_is_undone_once(casual: User) -> None:
    before = rows(casual)
    run = carried_out(casual)
    assert sorted(at_once(*[lambda: undoing.undo(run.pk)] * 2)) == [False, True]
    assert rows(casual) == before
