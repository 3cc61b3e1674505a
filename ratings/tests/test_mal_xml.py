"""The list as XML that MyAnimeList takes."""

from datetime import date
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Anime
from catalog.titles import writable
from ratings.leaving import list_as_mal_xml
from ratings.leaving.mal_xml import cdata, day
from ratings.models import User

# In the order of MyAnimeList's own files.
FIELDS = [
    "series_animedb_id",
    "series_title",
    "series_type",
    "series_episodes",
    "my_id",
    "my_watched_episodes",
    "my_start_date",
    "my_finish_date",
    "my_rated",
    "my_score",
    "my_storage",
    "my_storage_value",
    "my_status",
    "my_comments",
    "my_times_watched",
    "my_rewatch_value",
    "my_priority",
    "my_tags",
    "my_rewatching",
    "my_rewatching_ep",
    "my_discuss",
    "my_sns",
    "update_on_import",
]


def tree(member: User) -> ET.Element:
    return ET.fromstring("".join(list_as_mal_xml(member)))


def first(member: User) -> dict[str, str | None]:
    return {field.tag: field.text for field in tree(member).findall("anime")[0]}


@pytest.fixture
def member(db, catalogue: list[Anime]) -> User:
    """One title: an 8, twice seen, from 2019 to April 2020."""
    member = User.objects.create_user("a<b>&amp;c", password=None)
    entry = member.rate(catalogue[0], score=8)
    entry.started_on, entry.started_precision = date(2019, 1, 1), "year"
    entry.finished_on, entry.finished_precision = date(2020, 4, 1), "month"
    entry.rewatches = 2
    entry.save()
    return member


def test_the_fields_are_those_of_their_own_files_in_their_order(member: User) -> None:
    assert list(first(member)) == FIELDS


def test_a_line_says_what_the_list_says(member: User) -> None:
    line = first(member)
    expected = {
        "series_animedb_id": "9000001",
        "series_title": "Minato no Akari",
        "series_type": "TV",
        "series_episodes": "12",
        "my_watched_episodes": "12",
        "my_start_date": "2019-00-00",
        "my_finish_date": "2020-04-00",
        "my_score": "8",
        "my_status": "Completed",
        "my_times_watched": "2",
        "update_on_import": "1",
    }
    assert {name: line[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("status", "theirs"),
    [
        ("watching", "Watching"),
        ("completed", "Completed"),
        ("on_hold", "On-Hold"),
        ("dropped", "Dropped"),
        ("planned", "Plan to Watch"),
    ],
)
def test_states_are_their_words(
    newcomer: User, catalogue: list[Anime], status: str, theirs: str
) -> None:
    newcomer.set_status(catalogue[0], status)
    assert first(newcomer)["my_status"] == theirs
    assert first(newcomer)["my_score"] == "0"
    assert first(newcomer)["my_start_date"] == "0000-00-00"
    assert first(newcomer)["my_watched_episodes"] == ("12" if status == "completed" else "0")


def test_a_title_that_no_catalogue_has_described_is_in_it(
    newcomer: User, hidden_titles: list[Anime]
) -> None:
    newcomer.rate(hidden_titles[1], score=5)
    line = first(newcomer)
    assert (line["series_animedb_id"], line["series_title"]) == ("9000102", "#9000102")
    assert (line["series_type"], line["series_episodes"]) == ("Unknown", "0")


def test_the_head_counts(keen: User, catalogue: list[Anime]) -> None:
    keen.set_status(catalogue[-1], "planned")
    head = {field.tag: field.text for field in tree(keen).find("myinfo") or ()}
    assert head == {
        "user_id": "0",
        "user_name": "keen",
        "user_export_type": "1",
        "user_total_anime": "8",
        "user_total_watching": "0",
        "user_total_completed": "7",
        "user_total_onhold": "0",
        "user_total_dropped": "0",
        "user_total_plantowatch": "1",
    }


def test_a_name_that_looks_like_xml_is_a_name(member: User) -> None:
    assert tree(member).findtext("myinfo/user_name") == "a<b>&amp;c"


def test_an_empty_list_is_a_document_too(newcomer: User) -> None:
    assert tree(newcomer).findall("anime") == []


HOSTILE = "]]></series_title><my_score>1</my_score><![CDATA[ ]]]]>> & < \x07\x1b\x85 灯台"


def test_a_title_cannot_write_fields_of_its_own(member: User, catalogue: list[Anime]) -> None:
    Anime.objects.filter(pk=catalogue[0].pk).update(title=HOSTILE)
    line = first(member)
    assert line["my_score"] == "8"
    assert line["series_title"] == HOSTILE.replace("\x07", "").replace("\x1b", "")


@given(st.text(max_size=60) | st.text(alphabet="]>[<!CDAT&\x00\x08\ud800\ufffe\r\n", max_size=30))
def test_any_text_in_cdata_is_read_back(text: str) -> None:
    read = ET.fromstring(f"<a>{cdata(text)}</a>".encode()).text or ""
    # XML reads every end of a line as one.
    assert read == writable(text).replace("\r\n", "\n").replace("\r", "\n")


@given(st.dates(), st.sampled_from(["", "day", "month", "year"]))
def test_a_day_has_ten_places(known: date, precision: str) -> None:
    written = day(known, precision)
    assert len(written) == 10
    assert written.startswith(f"{known.year:04}-")
    assert written.endswith("-00") is (precision in ("month", "year"))


def test_the_page_gives_it_as_a_file(client: Client, keen: User) -> None:
    client.force_login(keen)
    answer = client.get(reverse("ratings:export-xml"))
    assert answer["Content-Type"] == "application/xml; charset=utf-8"
    assert answer["Content-Disposition"].endswith('.xml"')
    assert len(ET.fromstring(answer.getvalue()).findall("anime")) == 7


def test_the_number_of_queries_does_not_grow_with_the_list(
    keen: User, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(2):
        tree(keen)
