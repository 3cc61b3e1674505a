"""`purge_source`: what came from one source goes, what is anybody's stays."""

import io
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from catalog.etl.loading import load_records
from catalog.etl.record import AnimeRecord
from catalog.models import Absence, Anime, AnimeSnapshot, Genre, SourceRecord, TitleSynonym
from ratings.models import User, UserAnimeRating

pytestmark = pytest.mark.django_db
ALONE, LISTED, SHARED, OTHER = range(9_000_001, 9_000_005)


def load(source, *ids, **said):
    load_records(
        [
            AnimeRecord(
                mal_id=pk, title=f"{source} {pk}", synonyms=["GO"], genres=["Drama"], **said
            )
            for pk in ids
        ],
        source=source,
    )


@pytest.fixture
def told():
    """One title of mal2023 alone, one of it on a member's list, one that jikan tells of too, one of jikan's."""
    load("mal2023", ALONE, LISTED, SHARED, score=7.0)
    load("jikan", SHARED, OTHER, synopsis="Trees of glass.")
    member = User.objects.create(username="keen")
    member.rate(Anime.objects.get(pk=LISTED), score=9)
    brought = User.objects.create(username="m1", origin="mal2023", external_id=1)
    brought.rate(Anime.objects.get(pk=ALONE), score=5)
    return member


def purge(*options):
    out = io.StringIO()
    call_command("purge_source", *options, stdout=out)
    return out.getvalue()


def test_a_dry_run_counts_and_changes_nothing(told):
    out = purge("mal2023", "--dry-run")
    assert "2 titles that no other source describes" in out
    assert "1 titles that others describe too" in out
    assert "1 members with 1 lines" in out
    assert (Anime.objects.count(), User.objects.count()) == (4, 2)


def test_titles_and_members_of_the_source_go_and_lists_of_others_stay(told):
    out = purge("mal2023", "--yes")
    assert "1 titles are gone; 1 are on lists that stay" in out
    assert sorted(Anime.objects.values_list("pk", flat=True)) == [LISTED, SHARED, OTHER]
    assert [user.username for user in User.objects.all()] == ["keen"]
    assert UserAnimeRating.objects.get().score == 9
    assert set(SourceRecord.objects.values_list("source", flat=True)) == {"jikan"}


def test_a_title_on_a_list_keeps_its_number_alone(told):
    purge("mal2023", "--yes")
    stub = Anime.objects.get(pk=LISTED)
    assert stub.is_stub
    assert (stub.title, stub.search_text, stub.mean_score) == ("", "", None)
    assert not TitleSynonym.objects.filter(anime=LISTED).exists()
    assert not AnimeSnapshot.objects.filter(anime=LISTED).exists()
    assert Genre.objects.exists()


def test_the_next_load_of_another_source_writes_over_what_was_shared(told):
    purge("jikan", "--yes")
    load("mal2023", SHARED, score=7.0)
    assert Anime.objects.get(pk=SHARED).title == f"mal2023 {SHARED}"


def test_a_title_that_only_the_source_took_for_gone_is_there_again(told):
    today = date(2026, 5, 1)
    Anime.objects.filter(pk__in=(SHARED, OTHER)).update(gone_on=today)
    for source, pk in (("mal2023", SHARED), ("mal2023", OTHER), ("jikan", OTHER)):
        Absence.objects.create(source=source, mal_id=pk, days=3, last_on=today)
    purge("mal2023", "--yes")
    assert Anime.objects.get(pk=SHARED).gone_on is None
    assert Anime.objects.get(pk=OTHER).gone_on == today


def test_it_asks_before_it_deletes(told, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: "no")
    with pytest.raises(CommandError, match="nothing was changed"):
        purge("mal2023")
    assert Anime.objects.count() == 4
    monkeypatch.setattr("builtins.input", lambda question: "y")
    purge("mal2023")
    assert Anime.objects.count() == 3


def test_where_nobody_can_answer_it_wants_to_be_told(told, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(CommandError, match="add --yes"):
        purge("mal2023")
    assert Anime.objects.count() == 4


def test_a_source_that_told_nothing_is_refused_and_the_others_are_named(told):
    with pytest.raises(
        CommandError, match=r"nothing here came from 'kitsu'; there is jikan, mal2023"
    ):
        purge("kitsu", "--yes")


def test_nobody_who_signed_up_is_ever_meant(told):
    with pytest.raises(CommandError, match="nothing here came from ''"):
        purge("", "--yes")
    assert User.objects.filter(username="keen").exists()


def test_twice_is_refused_the_second_time(told):
    purge("jikan", "--yes")
    with pytest.raises(CommandError):
        purge("jikan", "--yes")
