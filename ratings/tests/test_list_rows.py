"""One line of my list: edited in the row, on its own page, and without JavaScript; and all of them as a table."""

import csv
import io
from datetime import time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Anime
from ratings.importing.lists.recognising import read_list
from ratings.models import User, UserAnimeRating

pytestmark = pytest.mark.django_db

MY_LIST, SAVE, CSV = (reverse(f"ratings:{name}") for name in ("my-list", "list-save", "list-csv"))
HTMX = {"HX-Request": "true"}


def as_shown(member: User) -> dict[str, object]:
    """The fields of the page, as a browser without scripts sends them."""
    said: dict[str, object] = {"was": []}
    for one in member.list_entries.all():
        said["was"].append(f"{one.anime_id}.{one.stamp}")  # type: ignore[attr-defined]
        said[f"s{one.anime_id}"] = "" if one.score is None else str(one.score)
        said[f"t{one.anime_id}"] = one.status
        said[f"e{one.anime_id}"] = "" if one.watched_episodes is None else one.watched_episodes
    return said


def line(member: User, anime: Anime) -> tuple:
    one = member.list_entries.get(anime=anime)
    return one.score, one.status, one.watched_episodes


def test_a_row_counts_episodes(as_casual: Client, casual: User, catalogue: list[Anime]) -> None:
    casual.set_watched(catalogue[2], 5)
    page = as_casual.get(MY_LIST).text
    assert 'value="5" form="edit"' in page
    assert f'formaction="{reverse("ratings:episodes", args=[catalogue[2].pk])}" name="episodes" value="6"' in page  # fmt: skip
    said = {"episodes": "6", "shape": "row"}
    row = as_casual.post(reverse("ratings:episodes", args=[catalogue[2].pk]), said, headers=HTMX)
    assert row.text.lstrip().startswith(f'<tr id="row-{catalogue[2].pk}"')
    assert 'name="episodes" value="7"' in row.text


def test_after_the_last_episode_there_is_none_to_add(
    as_casual: Client, casual: User, catalogue: list[Anime]
) -> None:
    casual.set_watched(catalogue[2], 26)
    said = {"status": "completed", "shape": "row"}
    row = as_casual.post(reverse("ratings:status", args=[catalogue[2].pk]), said, headers=HTMX)
    assert 'list__plus" hidden' in row.text


def test_a_row_that_is_refused_comes_back_and_says_why(
    as_casual: Client, catalogue: list[Anime]
) -> None:
    said = {"episodes": "many", "shape": "row"}
    row = as_casual.post(reverse("ratings:episodes", args=[catalogue[0].pk]), said, headers=HTMX)
    assert row.status_code == 400
    assert f'<tr id="row-{catalogue[0].pk}"' in row.text
    assert "A number of episodes is a whole number." in row.text


def test_a_row_tells_when_the_next_episode_is_on(as_casual: Client, catalogue: list[Anime]) -> None:
    day = timezone.now().date() + timedelta(days=3)
    Anime.objects.filter(pk=catalogue[0].pk).update(
        status="airing", aired_from=day - timedelta(days=14), aired_from_precision="day",
        broadcast_day=day.weekday(), broadcast_time=time(12), broadcast_zone="UTC",
    )  # fmt: skip
    assert "<b>Episode 3 in" in as_casual.get(MY_LIST).text


def test_a_page_sent_back_as_it_is_changes_nothing(as_casual: Client, casual: User) -> None:
    at = casual.list_version
    assert "Nothing was changed." in as_casual.post(SAVE, as_shown(casual), follow=True).text
    assert User.objects.get(pk=casual.pk).list_version == at


def test_without_scripts_the_whole_page_is_saved(
    as_casual: Client, casual: User, catalogue: list[Anime]
) -> None:
    said = as_shown(casual)
    first, fourth = catalogue[0].pk, catalogue[3].pk
    said |= {f"s{first}": "", f"t{fourth}": "on_hold", f"e{fourth}": "7"}
    page = as_casual.post(SAVE, said, follow=True)
    assert "Saved: Harbour Lights, Snow Journey." in page.text
    assert line(casual, catalogue[0]) == (None, "completed", None)
    assert line(casual, catalogue[3]) == (None, "on_hold", 7)


def test_a_line_that_changed_since_is_left_and_told(
    as_casual: Client, casual: User, catalogue: list[Anime]
) -> None:
    said = as_shown(casual)
    casual.rate(catalogue[0], score=3)
    said[f"s{catalogue[0].pk}"] = "9"
    page = as_casual.post(SAVE, said, follow=True)
    assert "Changed since you opened the page, and left as it is: Harbour Lights." in page.text
    assert line(casual, catalogue[0])[0] == 3


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("s", "11", "A score is a whole number from 1 to 10."),
        ("t", "asleep", "There is no such status."),
        ("e", "-1", "A number of episodes is not below 0."),
        ("e", "\0", "A number of episodes is a whole number."),
    ],
)
def test_a_field_that_makes_no_sense_is_named_and_the_rest_is_saved(
    as_casual: Client, casual: User, catalogue: list[Anime], field: str, value: str, problem: str
) -> None:
    said = as_shown(casual)
    before = line(casual, catalogue[0])
    said |= {f"{field}{catalogue[0].pk}": value, f"s{catalogue[3].pk}": "7"}
    page = as_casual.post(SAVE, said, follow=True)
    assert f"Harbour Lights: {problem}" in page.text
    assert line(casual, catalogue[0]) == before
    assert line(casual, catalogue[3])[0] == 7


def test_lines_of_others_and_nonsense_are_not_saved(
    as_casual: Client, keen: User, catalogue: list[Anime]
) -> None:
    said = as_shown(keen)
    said[f"s{catalogue[1].pk}"] = "1"
    said["was"] = [*said["was"], "x.y", "9" * 50, "\0"]  # type: ignore[misc]
    as_casual.post(SAVE, said)
    assert line(keen, catalogue[1])[0] == 9


def details(anime: Anime | int) -> str:
    return reverse("ratings:list-entry", args=[anime if isinstance(anime, int) else anime.pk])


def test_days_and_times_again_are_kept_as_exact_as_they_are_typed(
    as_casual: Client, casual: User, catalogue: list[Anime]
) -> None:
    said = {"started": "2019-04", "finished": "2019-05-03", "rewatches": "2"}
    as_casual.post(details(catalogue[0]), said)
    page = as_casual.get(MY_LIST).text
    assert "watched 2019-04 to 2019-05-03" in page
    assert "again 2×" in page
    assert "does not count" in page
    entry = casual.list_entries.get(anime=catalogue[0])
    assert (entry.score, entry.started_precision, entry.counts) == (8, "month", False)
    assert 'value="2019-04"' in as_casual.get(details(catalogue[0])).text


@pytest.mark.parametrize(
    "said",
    [
        {"started": "yesterday"}, {"started": "2019-13"}, {"started": "2019-02-30"},
        {"finished": "0000"}, {"started": "2019-04-03\0"}, {"started": "9" * 10_000},
        {"started": "2020", "finished": "2019"}, {"rewatches": "-1"}, {"rewatches": "9" * 30}, {"rewatches": ""},
    ],
)  # fmt: skip
def test_days_that_cannot_be_are_refused(
    as_casual: Client, casual: User, catalogue: list[Anime], said: dict
) -> None:
    answer = as_casual.post(details(catalogue[0]), {"rewatches": "0", "counts": "on", **said})
    assert answer.status_code == 400
    assert "field__error" in answer.text
    assert casual.list_entries.get(anime=catalogue[0]).started_on is None


def test_only_what_is_on_my_list_has_details(
    as_casual: Client, keen: User, catalogue: list[Anime]
) -> None:
    for number in (catalogue[1].pk, 0, 2**31, 2**63, 10**30):
        assert as_casual.get(details(number)).status_code == 404


def table(client: Client, **asked: str) -> list[dict[str, str]]:
    answer = client.get(CSV, asked)
    assert answer.streaming
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_list_is_a_table(as_casual: Client, casual: User, catalogue: list[Anime]) -> None:
    casual.list_entries.filter(anime=catalogue[0]).update(
        started_on="2019-04-01", started_precision="month", watched_episodes=12
    )
    rows = {row["mal_id"]: row for row in table(as_casual)}
    one = rows[str(catalogue[0].pk)]
    assert (one["title"], one["status"], one["score"], one["watched_episodes"], one["started_on"]) == (
        "Harbour Lights", "completed", "8", "12", "2019-04",
    )  # fmt: skip
    assert len(rows) == 2
    assert [row["title"] for row in table(as_casual, status="planned")] == ["Snow Journey"]


def test_no_title_is_a_formula_in_the_table(as_casual: Client, catalogue: list[Anime]) -> None:
    Anime.objects.filter(pk=catalogue[0].pk).update(title_english="=1+1")
    assert "'=1+1" in {row["title"] for row in table(as_casual)}


def test_the_table_comes_back_in_as_the_same_list(as_casual: Client, casual: User) -> None:
    text = b"".join(as_casual.get(CSV).streaming_content)
    found = read_list(io.BytesIO(text))
    assert {(one.mal_id, one.status, one.score) for one in found.lines} == set(
        casual.list_entries.values_list("anime", "status", "score")
    )


def test_a_long_table_takes_as_many_queries_as_a_short_one(
    as_casual: Client, casual: User, django_assert_max_num_queries
) -> None:
    titles = Anime.objects.bulk_create(
        Anime(mal_id=9_300_000 + n, title=f"Filler {n}") for n in range(3000)
    )
    UserAnimeRating.objects.bulk_create(UserAnimeRating(user=casual, anime=one) for one in titles)
    with django_assert_max_num_queries(6):
        assert len(table(as_casual)) == 3002


def test_guests_have_no_table(client: Client) -> None:
    assert client.get(CSV)["Location"].startswith(reverse("ratings:sign-in"))
