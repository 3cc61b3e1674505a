"""A list is imported for its member: titles for adults come onto it where they are shown to them."""

import io
from pathlib import Path

import pytest
from django.core.management import call_command

from catalog.models import Anime
from ratings.importing.lists import applying, previewing, running, undoing, waiting
from ratings.models import Fate, ListImport, User

pytestmark = pytest.mark.django_db

FILE = b"mal_id,score\n9000001,8\n9000101,7\n"


@pytest.fixture
def grown(newcomer: User, catalogue: list[Anime], hidden_titles: list[Anime]) -> User:
    newcomer.wants_adult = True
    newcomer.save()
    return newcomer


def brought(member: User, file: bytes = FILE) -> ListImport:
    run = previewing.preview_file(member, io.BytesIO(file), "list.csv")
    applying.start(run, "theirs")
    running.carry_out(run.pk)
    run.refresh_from_db()
    return run


def listed(member: User) -> list[int]:
    return list(member.list_entries.order_by("anime_id").values_list("anime_id", flat=True))


def test_who_asks_for_them_gets_them_onto_the_list(grown: User) -> None:
    run = brought(grown)
    assert run.counts["written"] == 2
    assert listed(grown) == [9_000_001, 9_000_101]
    assert undoing.undo(run.pk)
    assert listed(grown) == []


def test_who_does_not_ask_does_not(casual: User, hidden_titles: list[Anime]) -> None:
    run = brought(casual)
    assert run.counts[Fate.ADULT] == 1
    assert 9_000_101 not in listed(casual)


@pytest.mark.parametrize("named", ["Behind the Curtain", "behind the curtain"])
def test_they_are_found_by_their_names_too(grown: User, named: str) -> None:
    Anime.objects.refresh_search_text()
    brought(grown, f"title,score\n{named},7\n".encode())
    assert listed(grown) == [9_000_101]


def test_where_the_operator_keeps_them_from_everybody_nobody_gets_them(
    settings, grown: User
) -> None:
    settings.ADULT_ON_REQUEST = False
    assert brought(grown).counts[Fate.ADULT] == 1


def test_the_command_looks_as_the_member_does(grown: User, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(FILE)
    call_command("import_list", str(file), user=grown.username, stdout=io.StringIO())
    assert listed(grown) == [9_000_001, 9_000_101]


def test_what_was_held_back_comes_once_the_member_asks(grown: User, casual: User) -> None:
    User.objects.filter(pk=grown.pk).update(wants_adult=False)
    run = brought(User.objects.get(pk=grown.pk))
    brought(casual)
    assert waiting.fill_in() == 0
    User.objects.filter(pk=grown.pk).update(wants_adult=True)
    assert waiting.fill_in() == 1
    assert listed(grown) == [9_000_001, 9_000_101]
    assert 9_000_101 not in listed(casual)
    run.refresh_from_db()
    assert (run.counts["written"], run.counts.get(Fate.ADULT, 0)) == (2, 0)
