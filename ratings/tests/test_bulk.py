"""Many lines of my list changed at once, and back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Anime
from ratings import bulk, undoing
from ratings.models import ListChange, User, UserAnimeRating

pytestmark = pytest.mark.django_db

MY_LIST, BULK, UNDO = (reverse(f"ratings:{name}") for name in ("my-list", "list-bulk", "list-undo"))


def picks(member: User, *titles: Anime) -> list[str]:
    found = member.list_entries.filter(anime__in=titles) if titles else member.list_entries.all()
    return [f"{entry.anime_id}.{entry.stamp}" for entry in found]


def lines(member: User) -> dict[int, tuple]:
    found = member.list_entries.all()
    return {
        one.anime_id: (one.status, one.score, one.watched_episodes, one.rated_at, one.counts, one.rewatches, one.source)
        for one in found
    }  # fmt: skip


def send(client: Client, what: str, pick: list[str] | None = None, **more: object):
    which = "ticked" if pick is not None else "all"
    said = {"what": what, "which": which, "pick": pick or [], **more}
    return client.post(BULK, said, follow=True)


def version(member: User) -> int:
    return User.objects.values_list("list_version", flat=True).get(pk=member.pk)


@pytest.mark.parametrize(
    ("what", "column", "value"),
    [
        ("status:dropped", "status", "dropped"),
        ("score:3", "score", 3),
        ("score:", "score", None),
        ("counts:no", "counts", False),
    ],
)
def test_the_ticked_are_changed_and_the_others_are_not(
    as_keen: Client, keen: User, catalogue: list[Anime], what: str, column: str, value: object
) -> None:
    before, at = lines(keen), version(keen)
    page = send(as_keen, what, picks(keen, catalogue[0], catalogue[1]))
    changed = keen.list_entries.filter(**{column: value})
    assert {entry.anime_id for entry in changed} == {catalogue[0].pk, catalogue[1].pk}
    assert "2 titles." in page.text
    assert version(keen) == at + 1
    back = as_keen.post(UNDO, follow=True)
    assert "Undone: 2 titles as before." in back.text
    assert lines(keen) == before
    assert version(keen) == at + 2


def test_a_score_for_what_was_planned_completes_it(
    as_casual: Client, casual: User, catalogue: list[Anime]
) -> None:
    send(as_casual, "score:8", picks(casual))
    assert casual.list_entries.get(anime=catalogue[3]).status == "completed"
    as_casual.post(UNDO)
    entry = casual.list_entries.get(anime=catalogue[3])
    assert (entry.status, entry.score) == ("planned", None)


def test_counting_again(as_keen: Client, keen: User, catalogue: list[Anime]) -> None:
    send(as_keen, "counts:no", picks(keen))
    assert "does not count" in as_keen.get(MY_LIST).text
    send(as_keen, "counts:yes", picks(keen, catalogue[0]))
    assert keen.list_entries.filter(counts=True).count() == 1


def test_taking_off_asks_first_and_can_be_undone_to_the_last_column(
    as_keen: Client, keen: User, catalogue: list[Anime]
) -> None:
    keen.list_entries.filter(anime=catalogue[0]).update(
        counts=False, rewatches=2, watched_episodes=12, source="mal_xml"
    )
    before = lines(keen)
    ticked = picks(keen, catalogue[0], catalogue[1])
    asked = send(as_keen, "off:", ticked)
    assert "2 titles" in asked.text
    assert lines(keen) == before
    send(as_keen, "off:", ticked, sure="1")
    assert keen.list_entries.count() == 5
    as_keen.post(UNDO)
    assert lines(keen) == before


def test_all_that_the_filters_find_are_asked_about_with_their_number(
    as_keen: Client, keen: User
) -> None:
    asked = send(as_keen, "status:on_hold", filter="score_min=8", seen=str(version(keen)))
    assert "<b>3 titles</b>" in asked.text
    assert not keen.list_entries.filter(status="on_hold").exists()
    send(as_keen, "status:on_hold", filter="score_min=8", seen=str(version(keen)), sure="1")
    assert keen.list_entries.filter(status="on_hold").count() == 3


def test_a_list_that_changed_since_the_question_is_asked_about_again(
    as_keen: Client, keen: User, catalogue: list[Anime]
) -> None:
    seen = str(version(keen))
    keen.rate(catalogue[7], score=10)
    page = send(as_keen, "off:", filter="", seen=seen, sure="1")
    assert "Your list changed since you were asked" in page.text
    assert "<b>8 titles</b>" in page.text
    assert keen.list_entries.count() == 8


def test_a_line_that_changed_since_the_page_was_opened_is_left_and_named(
    as_keen: Client, keen: User, catalogue: list[Anime]
) -> None:
    ticked = picks(keen, catalogue[0], catalogue[1])
    keen.rate(catalogue[0], score=2)
    page = send(as_keen, "status:dropped", ticked)
    assert "1 of the ticked changed since you opened the page and stays as it is: Harbour Lights." in page.text  # fmt: skip
    assert [one.anime_id for one in keen.list_entries.filter(status="dropped")] == [catalogue[1].pk]


def test_titles_that_are_not_on_my_list_are_ignored_and_said(
    as_casual: Client, casual: User, keen: User, catalogue: list[Anime]
) -> None:
    theirs = lines(keen)
    page = send(
        as_casual,
        "status:dropped",
        [*picks(keen, catalogue[1], catalogue[2]), "x", "9" * 40, "\0.1"],
    )
    assert "5 of the ticked are not on your list." in page.text
    assert lines(keen) == theirs
    assert not casual.list_entries.filter(status="dropped").exists()
    assert not ListChange.objects.exists()


def test_another_members_list_is_out_of_reach_of_all(
    as_casual: Client, casual: User, keen: User
) -> None:
    theirs = lines(keen)
    send(as_casual, "off:", filter=f"user={keen.pk}", seen=str(version(casual)), sure="1")
    assert lines(keen) == theirs
    assert not casual.list_entries.exists()


def test_sent_twice_it_is_done_once_and_can_still_be_undone(as_keen: Client, keen: User) -> None:
    before, ticked = lines(keen), picks(keen)
    send(as_keen, "status:dropped", ticked)
    at = version(keen)
    page = send(as_keen, "status:dropped", ticked)
    # The lines are others than those that were seen; were they not, they would be so already.
    assert "stay as they are" in page.text
    again = send(as_keen, "status:dropped", picks(keen))
    assert "nothing to change" in again.text
    assert version(keen) == at
    assert "Undone: 7 titles as before." in as_keen.post(UNDO, follow=True).text
    assert "There is nothing to undo." in as_keen.post(UNDO, follow=True).text
    assert lines(keen) == before


def test_what_changed_since_stays_when_all_the_rest_is_undone(
    as_keen: Client, keen: User, catalogue: list[Anime]
) -> None:
    send(as_keen, "score:1", picks(keen))
    keen.rate(catalogue[0], score=6)
    keen.forget(catalogue[1])
    page = as_keen.post(UNDO, follow=True)
    assert "Undone: 5 titles as before." in page.text
    assert "2 changed since, and stayed as they are." in page.text
    assert keen.list_entries.get(anime=catalogue[0]).score == 6
    assert not keen.list_entries.filter(anime=catalogue[1]).exists()


def test_what_was_taken_off_and_put_back_by_hand_stays_as_it_is_now(
    keen: User, catalogue: list[Anime]
) -> None:
    bulk.take_off(member=keen, entries=UserAnimeRating.objects.filter(user=keen))
    keen.rate(catalogue[0], score=1)
    Anime.objects.filter(pk=catalogue[1].pk).delete()
    undone = undoing.undo(keen)
    assert undone == undoing.Undone(restored=5, left=2)
    assert keen.list_entries.get(anime=catalogue[0]).score == 1


def test_undo_is_offered_for_a_day(as_keen: Client, keen: User) -> None:
    send(as_keen, "score:1", picks(keen))
    assert "Score set to 1: 7 titles." in as_keen.get(MY_LIST).text
    ListChange.objects.update(made_at=timezone.now() - timedelta(days=1, minutes=1))
    assert "Score set to 1" not in as_keen.get(MY_LIST).text
    assert "There is nothing to undo." in as_keen.post(UNDO, follow=True).text


def test_one_member_undoes_nothing_of_another(as_casual: Client, casual: User, keen: User) -> None:
    bulk.take_off(member=keen, entries=UserAnimeRating.objects.filter(user=keen))
    as_casual.post(UNDO)
    assert not keen.list_entries.exists()
    assert ListChange.objects.get().user == keen


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"what": "", "pick": ["1.x"]}, "Say what to do with the titles."),
        ({"what": "password:1", "pick": ["1.x"]}, "Say what to do with the titles."),
        ({"what": "score:11", "pick": ["1.x"]}, "Say what to do with the titles."),
        ({"what": "score:5\0", "pick": ["1.x"]}, "Say what to do with the titles."),
        ({"what": "score:5"}, "Tick the titles first."),
        ({"what": "off:", "which": "all", "filter": "status=asleep", "sure": "1"}, "There is no such status. Nothing was changed."),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_explained(
    as_keen: Client, keen: User, said: dict, problem: str
) -> None:
    assert problem in as_keen.post(BULK, said, follow=True).text
    assert keen.list_entries.count() == 7


def test_five_thousand_ticks_are_refused_and_five_thousand_lines_are_not(
    as_casual: Client, casual: User
) -> None:
    assert as_casual.post(BULK, {"what": "score:5", "pick": list(range(5000))}).status_code == 400
    titles = Anime.objects.bulk_create(
        Anime(mal_id=9_300_000 + n, title=f"Filler {n}") for n in range(5000)
    )
    UserAnimeRating.objects.bulk_create(UserAnimeRating(user=casual, anime=one) for one in titles)
    before = lines(casual)
    send(as_casual, "score:5", filter="", seen=str(version(casual)), sure="1")
    assert casual.list_entries.filter(score=5).count() == 5002
    assert "Undone: 5,002 titles as before." in as_casual.post(UNDO, follow=True).text
    assert lines(casual) == before
    send(as_casual, "off:", filter="", seen=str(version(casual)), sure="1")
    as_casual.post(UNDO)
    assert lines(casual) == before


@pytest.mark.parametrize("address", [BULK, UNDO, reverse("ratings:list-save")])
def test_guests_sign_in_and_nothing_is_changed_by_looking(client: Client, address: str) -> None:
    assert client.post(address)["Location"].startswith(reverse("ratings:sign-in"))
    assert client.get(address).status_code == 405


def test_only_pages_of_this_site_come_next(as_keen: Client, keen: User) -> None:
    said = {"what": "score:5", "pick": picks(keen), "next": "https://elsewhere.example/"}
    assert as_keen.post(BULK, said)["Location"] == MY_LIST


def test_hidden_titles_are_not_reached_by_all(
    as_casual: Client, casual: User, hidden_titles: list[Anime]
) -> None:
    casual.rate(hidden_titles[0], score=9)
    send(as_casual, "off:", filter="", seen=str(version(casual)), sure="1")
    assert [one.anime_id for one in casual.list_entries.all()] == [hidden_titles[0].pk]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes one after the other")
def test_two_at_the_same_moment_change_the_list_once(keen: User) -> None:
    before = lines(keen)

    def drop(_: int) -> int:
        try:
            mine = UserAnimeRating.objects.filter(user=keen)
            return bulk.set_status(member=keen, entries=mine, status="dropped")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as at_once:
        assert sorted(at_once.map(drop, range(4))) == [0, 0, 0, 7]
    assert undoing.undo(keen) == undoing.Undone(restored=7, left=0)
    assert lines(keen) == before
