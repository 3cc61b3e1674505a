"""What a member does to their list."""

import pytest
from django.db import IntegrityError, transaction

from catalog.models import Anime
from ratings.models import Feedback, User, UserAnimeRating

pytestmark = pytest.mark.django_db


def version(member: User) -> int:
    return User.objects.get(pk=member.pk).list_version


def test_a_first_score_puts_the_title_on_the_list_as_completed(
    newcomer: User, catalogue: list[Anime]
) -> None:
    newcomer.rate(catalogue[0], score=8)
    entry = newcomer.list_entries.get()
    assert (entry.score, entry.status) == (8, "completed")
    assert entry.rated_at is not None


def test_a_score_for_a_planned_title_completes_it(newcomer: User, catalogue: list[Anime]) -> None:
    newcomer.set_status(catalogue[0], "planned")
    newcomer.rate(catalogue[0], score=8)
    assert newcomer.list_entries.get().status == "completed"


@pytest.mark.parametrize("status", ["watching", "on_hold", "dropped"])
def test_a_score_keeps_every_other_status(
    newcomer: User, catalogue: list[Anime], status: str
) -> None:
    newcomer.set_status(catalogue[0], status)
    newcomer.rate(catalogue[0], score=3)
    assert newcomer.list_entries.get().status == status


def test_taking_a_score_back_keeps_the_title_and_its_status(
    newcomer: User, catalogue: list[Anime]
) -> None:
    newcomer.set_status(catalogue[0], "dropped")
    newcomer.rate(catalogue[0], score=3)
    newcomer.rate(catalogue[0], score=None)
    entry = newcomer.list_entries.get()
    assert (entry.score, entry.status) == (None, "dropped")


def test_taking_back_a_score_never_given_leaves_a_plan_a_plan(
    newcomer: User, catalogue: list[Anime]
) -> None:
    newcomer.set_status(catalogue[0], "planned")
    newcomer.rate(catalogue[0], score=None)
    assert newcomer.list_entries.get().status == "planned"


def test_a_status_keeps_the_score(newcomer: User, catalogue: list[Anime]) -> None:
    newcomer.rate(catalogue[0], score=8)
    newcomer.set_status(catalogue[0], "watching")
    assert newcomer.list_entries.get().score == 8


@pytest.mark.parametrize(
    ("before", "episodes", "after"),
    [
        (None, 0, "planned"),
        (None, 1, "watching"),
        (None, 12, "completed"),
        ("planned", 0, "planned"),
        ("planned", 5, "watching"),
        ("watching", 11, "watching"),
        ("watching", 12, "completed"),
        ("on_hold", 5, "on_hold"),
        ("dropped", 12, "completed"),
        ("completed", 5, "watching"),
    ],
)
def test_the_status_follows_the_episodes_seen(
    newcomer: User, catalogue: list[Anime], before: str | None, episodes: int, after: str
) -> None:
    if before:
        newcomer.set_status(catalogue[0], before)
    entry = newcomer.set_watched(catalogue[0], episodes)
    entry.refresh_from_db()
    assert (entry.watched_episodes, entry.status) == (episodes, after)


def test_nobody_has_seen_more_episodes_than_there_are(
    newcomer: User, catalogue: list[Anime]
) -> None:
    assert newcomer.set_watched(catalogue[0], 99).watched_episodes == 12


def test_a_title_of_unknown_length_is_never_completed_by_counting(
    newcomer: User, catalogue: list[Anime]
) -> None:
    catalogue[0].episodes = None
    entry = newcomer.set_watched(catalogue[0], 99)
    assert (entry.watched_episodes, entry.status) == (99, "watching")


def test_counting_episodes_keeps_the_score(newcomer: User, catalogue: list[Anime]) -> None:
    newcomer.rate(catalogue[0], score=8)
    assert newcomer.set_watched(catalogue[0], 12).score == 8


def test_saying_it_twice_leaves_one_line(newcomer: User, catalogue: list[Anime]) -> None:
    for score in (8, 8, 9):
        newcomer.rate(catalogue[0], score=score)
    assert newcomer.list_entries.get().score == 9


def test_a_forgotten_title_is_off_the_list_and_others_stay(
    casual: User, catalogue: list[Anime]
) -> None:
    casual.forget(catalogue[0])
    assert [entry.anime for entry in casual.list_entries.all()] == [catalogue[3]]


def test_forgetting_what_was_never_listed_is_no_error(
    newcomer: User, catalogue: list[Anime]
) -> None:
    newcomer.forget(catalogue[0])
    assert not newcomer.list_entries.exists()


def test_a_dismissed_title_is_remembered_once_and_can_come_back(
    newcomer: User, catalogue: list[Anime]
) -> None:
    newcomer.dismiss(catalogue[0])
    newcomer.dismiss(catalogue[0], "look")
    assert newcomer.feedback.get().reason == "look"
    newcomer.undo_dismiss(catalogue[0])
    assert not Feedback.objects.exists()


def test_every_change_tells_that_what_was_computed_is_old(
    newcomer: User, catalogue: list[Anime]
) -> None:
    title = catalogue[0]
    seen = [version(newcomer)]
    for change in (
        lambda: newcomer.rate(title, score=8),
        lambda: newcomer.set_status(title, "watching"),
        lambda: newcomer.set_watched(title, 3),
        lambda: newcomer.forget(title),
        lambda: newcomer.dismiss(title),
        lambda: newcomer.undo_dismiss(title),
    ):
        change()
        seen.append(version(newcomer))
        assert newcomer.list_version == seen[-1]
    assert seen == sorted(set(seen))


@pytest.mark.parametrize("score", [0, 11])
def test_the_database_itself_refuses_an_impossible_score(
    newcomer: User, catalogue: list[Anime], score: int
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        newcomer.rate(catalogue[0], score=score)
    assert not UserAnimeRating.objects.exists()
    assert version(newcomer) == 0


def test_an_unknown_status_is_refused_by_the_database(
    newcomer: User, catalogue: list[Anime]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        newcomer.set_status(catalogue[0], "sleeping")
    assert not UserAnimeRating.objects.exists()
