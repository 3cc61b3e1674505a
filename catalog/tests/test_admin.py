"""What a curator does with the catalogue."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from kombu import Connection

from catalog.models import (
    Anime,
    AnimeGenre,
    AnimeRelation,
    AnimeSnapshot,
    AnimeStudio,
    CatalogueVersion,
    FamilyPart,
    Genre,
    ImportRun,
    SourceRecord,
    Studio,
    TitleSynonym,
)
from catalog.tasks import tell_of_change

pytestmark = pytest.mark.django_db

LIST = reverse("admin:catalog_anime_changelist")
GENRES = reverse("admin:catalog_genre_changelist")
STUDIOS = reverse("admin:catalog_studio_changelist")
RUNS = reverse("admin:catalog_importrun_changelist")
FAMILIES = reverse("admin:catalog_familypart_changelist")


@pytest.fixture
def curator(client: Client) -> Client:
    chief = get_user_model().objects.create(username="curator", is_staff=True, is_superuser=True)
    client.force_login(chief)
    return client


def a_title(number: int, title: str = "Harbour Lights", **facts: Any) -> Anime:
    return Anime.objects.create(mal_id=9_000_000 + number, title=title, **facts)


@pytest.fixture
def harbour(db: None) -> Anime:
    anime = a_title(1, "Minato no Akari", title_english="Harbour Lights", type="tv", year=1998)
    TitleSynonym.objects.create(anime=anime, name="The Lighthouse Keepers")
    Anime.objects.refresh_search_text()
    return anime


def shown(page: Any) -> list[str]:
    return [str(row) for row in page.context["cl"].result_list]


@pytest.mark.parametrize(
    "typed", ["minato", "Harbour Lights", "lighthouse keepers", "harbor lights", "9000001"]
)
def test_a_curator_finds_a_title_by_any_name_and_by_its_number(
    curator: Client, harbour: Anime, typed: str
) -> None:
    a_title(2, "Zebra Quartz")
    Anime.objects.refresh_search_text()
    assert shown(curator.get(LIST, {"q": typed})) == ["Minato no Akari"]


@pytest.mark.parametrize("typed", ["!!!", "qqqqqqqqqqq", "x" * 5000, "99999999999999"])
def test_a_search_for_nothing_finds_nothing(curator: Client, harbour: Anime, typed: str) -> None:
    assert shown(curator.get(LIST, {"q": typed})) == []


def test_the_likeliest_comes_first_unless_a_column_was_chosen(curator: Client) -> None:
    a_title(1, "The Long Road of the Harbour")
    a_title(2, "Harbour")
    Anime.objects.refresh_search_text()
    assert shown(curator.get(LIST, {"q": "harbour"}))[0] == "Harbour"
    assert shown(curator.get(LIST, {"q": "harbour", "o": "2"}))[0].startswith("The Long")


@pytest.mark.parametrize(
    "chosen",
    [
        {"type__exact": "movie"},
        {"status__exact": "airing"},
        {"season__exact": "fall"},
        {"decade": "1990"},
        {"genres__kind__exact": "theme"},
        {"is_adult__exact": "1"},
        {"is_stub__exact": "1"},
        {"synopsis": "missing"},
    ],
)
def test_each_filter_keeps_what_it_names(curator: Client, chosen: dict[str, str]) -> None:
    wanted = {
        "type__exact": {"type": "movie"},
        "status__exact": {"status": "airing"},
        "season__exact": {"season": "fall"},
        "decade": {"year": 1999},
        "is_adult__exact": {"is_adult": True},
        "is_stub__exact": {"is_stub": True},
        "synopsis": {"synopsis": ""},
    }
    a_title(1, "Other", type="tv", status="finished", year=2004, synopsis="A ferry waits.")
    facts = {"synopsis": "A ferry leaves.", **wanted.get(next(iter(chosen)), {})}
    one = a_title(2, "Wanted", **facts)
    AnimeGenre.objects.create(anime=one, genre=Genre.objects.create(name="Sea", kind="theme"))
    assert shown(curator.get(LIST, chosen)) == ["Wanted"]


def change_form(curator: Client, anime: Anime, **changes: Any) -> dict[str, Any]:
    """What the browser would send: every field of the page as it stands, with the changes."""
    page = curator.get(reverse("admin:catalog_anime_change", args=[anime.pk]))
    assert page.status_code == 200
    data: dict[str, Any] = {}
    for form in [page.context["adminform"].form, *_inline_forms(page)]:
        for field in form:
            data[field.html_name] = field.value() if field.value() is not None else ""
    for formset in page.context["inline_admin_formsets"]:
        for field in formset.formset.management_form:
            data[field.html_name] = field.value()
    data = {name: value for name, value in data.items() if value is not False}
    return {**data, **changes}


def _inline_forms(page: Any) -> list[Any]:
    formsets = page.context["inline_admin_formsets"]
    return [form for formset in formsets for form in formset.formset.initial_forms]


def test_a_new_synonym_is_searchable_once_saved(curator: Client, harbour: Anime) -> None:
    data = change_form(
        curator,
        harbour,
        **{
            "synonyms-TOTAL_FORMS": 2,
            "synonyms-1-name": "Quayside Stories",
            "synonyms-1-anime": harbour.pk,
        },
    )
    saved = curator.post(reverse("admin:catalog_anime_change", args=[harbour.pk]), data)
    assert saved.status_code == 302
    assert "quayside stories" in Anime.objects.get().search_text
    assert shown(curator.get(LIST, {"q": "quayside"})) == ["Minato no Akari"]


def test_genres_studios_and_relations_are_edited_in_place(curator: Client, harbour: Anime) -> None:
    genre, studio = Genre.objects.create(name="Sea"), Studio.objects.create(name="Pier Nine")
    rows: dict[str, Any] = {}
    for prefix, values in {
        "genre_links": {"genre": genre.pk},
        "studio_links": {"studio": studio.pk},
        "relations": {"kind": "sequel", "to_mal_id": 9_000_777},
    }.items():
        rows[f"{prefix}-TOTAL_FORMS"] = 1
        rows[f"{prefix}-0-anime"] = harbour.pk
        rows |= {f"{prefix}-0-{name}": value for name, value in values.items()}
    data = change_form(curator, harbour, **rows)
    saved = curator.post(reverse("admin:catalog_anime_change", args=[harbour.pk]), data)
    assert saved.status_code == 302
    assert list(harbour.genres.all()) == [genre]
    assert list(harbour.studios.all()) == [studio]
    assert harbour.relations.get().to_mal_id == 9_000_777


def test_a_relation_changed_by_hand_makes_families_anew(
    curator: Client, harbour: Anime, settings, django_capture_on_commit_callbacks
) -> None:
    settings.CELERY_TASK_ALWAYS_EAGER = True
    second = Anime.objects.create(mal_id=harbour.pk + 50, title="Minato no Akari 2", type="tv")
    rows = {
        "relations-TOTAL_FORMS": 1,
        "relations-0-anime": harbour.pk,
        "relations-0-kind": "sequel",
        "relations-0-to_mal_id": second.pk,
    }
    data = change_form(curator, harbour, **rows)
    with django_capture_on_commit_callbacks(execute=True):
        curator.post(reverse("admin:catalog_anime_change", args=[harbour.pk]), data)
    assert {part.series for part in FamilyPart.objects.all()} == {harbour.pk}
    before = CatalogueVersion.now()
    with django_capture_on_commit_callbacks(execute=True) as told:
        data = change_form(curator, second, title="Minato no Akari II")
        curator.post(reverse("admin:catalog_anime_change", args=[second.pk]), data)
    # Families are not made anew for a name; what is drawn of all titles is.
    assert (told, CatalogueVersion.now()) == ([], before + 1)


@pytest.mark.django_db(transaction=True)
def test_a_relation_is_saved_where_the_queue_is_gone(
    curator: Client, harbour: Anime, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = Connection("redis://127.0.0.1:9/0")
    asked = tell_of_change.apply_async
    monkeypatch.setattr(tell_of_change, "delay", lambda: asked(connection=gone, retry=False))
    rows = {
        "relations-TOTAL_FORMS": 1,
        "relations-0-anime": harbour.pk,
        "relations-0-kind": "sequel",
        "relations-0-to_mal_id": 9_000_777,
    }
    data = change_form(curator, harbour, **rows)
    saved = curator.post(reverse("admin:catalog_anime_change", args=[harbour.pk]), data)
    assert saved.status_code == 302
    assert harbour.relations.get().to_mal_id == 9_000_777


def test_the_number_of_a_title_cannot_be_changed(curator: Client, harbour: Anime) -> None:
    data = change_form(curator, harbour, mal_id=9_000_500)
    curator.post(reverse("admin:catalog_anime_change", args=[harbour.pk]), data)
    assert Anime.objects.get().pk == harbour.pk


def test_a_title_can_be_added_by_hand(curator: Client) -> None:
    page = curator.get(reverse("admin:catalog_anime_add"))
    empty = {
        field.html_name: field.value()
        for formset in page.context["inline_admin_formsets"]
        for field in formset.formset.management_form
    }
    saved = curator.post(
        reverse("admin:catalog_anime_add"), {**empty, "mal_id": 9_000_009, "title": "Salt Wind"}
    )
    assert saved.status_code == 302
    assert Anime.objects.get(pk=9_000_009).search_text == "salt wind"


def test_provenance_and_snapshots_are_shown_and_cannot_be_written(
    curator: Client, harbour: Anime
) -> None:
    SourceRecord.objects.create(
        anime=harbour, source="demo", content_hash="abc123", fetched_at=timezone.now()
    )
    AnimeSnapshot.objects.create(anime=harbour, taken_on="2026-01-02", score=8.5, members=1234)
    page = curator.get(reverse("admin:catalog_anime_change", args=[harbour.pk]))
    assert b"abc123" in page.content
    assert b"1234" in page.content
    assert b'name="source_records-0-source"' not in page.content
    assert b'name="snapshots-0-score"' not in page.content


def act(curator: Client, address: str, action: str, rows: list[Any], **more: Any) -> Any:
    data = {"action": action, "_selected_action": [row.pk for row in rows], **more}
    return curator.post(address, data, follow=True)


def test_changing_the_type_in_bulk_asks_first(curator: Client) -> None:
    rows = [a_title(number, f"Part {number}", type="tv") for number in range(1, 4)]
    asked = act(curator, LIST, "change_type", rows[:2])
    assert b"2 chosen" in asked.content
    assert set(Anime.objects.values_list("type", flat=True)) == {"tv"}
    done = act(curator, LIST, "change_type", rows[:2], apply="1", answer="movie")
    assert b"Changed 2" in done.content
    assert Anime.objects.filter(type="movie").count() == 2
    assert LogEntry.objects.count() == 2


def test_a_type_that_does_not_exist_is_refused(curator: Client) -> None:
    rows = [a_title(1, type="tv")]
    act(curator, LIST, "change_type", rows, apply="1", answer="opera")
    assert Anime.objects.get().type == "tv"


def test_status_and_adult_are_changed_in_bulk(curator: Client) -> None:
    rows = [a_title(number, f"Part {number}") for number in range(1, 4)]
    act(curator, LIST, "change_status", rows, apply="1", answer="finished")
    act(curator, LIST, "mark_adult", rows)
    act(curator, LIST, "mark_not_adult", rows[:1])
    assert Anime.objects.filter(status="finished").count() == 3
    assert Anime.objects.filter(is_adult=True).count() == 2


def test_all_that_a_filter_found_is_changed_not_just_the_page(curator: Client) -> None:
    Anime.objects.bulk_create(
        Anime(mal_id=9_100_000 + n, title=f"Part {n}", type="tv") for n in range(60)
    )
    a_title(1, "Film", type="movie")
    first = Anime.objects.filter(type="tv")[:1]
    found = f"{LIST}?type__exact=tv"
    act(curator, found, "change_status", list(first), select_across="1", apply="1", answer="airing")
    assert Anime.objects.filter(status="airing").count() == 60


def test_merging_asks_which_genre_survives_and_moves_its_titles(curator: Client) -> None:
    kept, double = Genre.objects.create(name="Sci-Fi"), Genre.objects.create(name="Science Fiction")
    both, one = a_title(1, "Both"), a_title(2, "One")
    for genre, anime in [(kept, both), (double, both), (double, one)]:
        AnimeGenre.objects.create(genre=genre, anime=anime)
    asked = act(curator, GENRES, "merge", [kept, double])
    assert b"Which one stays?" in asked.content
    assert Genre.objects.count() == 2
    act(curator, GENRES, "merge", [kept, double], apply="1", answer=kept.pk)
    assert list(Genre.objects.all()) == [kept]
    assert set(kept.anime.all()) == {both, one}


def test_merging_one_alone_is_declined(curator: Client) -> None:
    alone = Studio.objects.create(name="Pier Nine")
    assert b"Choose from 2" in act(curator, STUDIOS, "merge", [alone]).content
    assert Studio.objects.count() == 1


def test_studios_merge_too(curator: Client) -> None:
    kept, double = Studio.objects.create(name="Pier 9"), Studio.objects.create(name="Pier Nine")
    AnimeStudio.objects.create(studio=double, anime=a_title(1))
    act(curator, STUDIOS, "merge", [kept, double], apply="1", answer=kept.pk)
    assert kept.anime.count() == 1
    assert Studio.objects.count() == 1


def test_the_kind_of_genres_is_changed_in_bulk(curator: Client) -> None:
    rows = [Genre.objects.create(name=name) for name in ("Sea", "Ferries")]
    act(curator, GENRES, "change_kind", rows, apply="1", answer="theme")
    assert set(Genre.objects.values_list("kind", flat=True)) == {"theme"}


def test_who_may_only_look_changes_nothing(client: Client) -> None:
    looker = get_user_model().objects.create(username="looker", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(looker)
    anime = a_title(1, type="tv")
    act(client, LIST, "mark_adult", [anime])
    genres = [Genre.objects.create(name=name) for name in ("Sea", "Ferries")]
    act(client, GENRES, "merge", genres, apply="1", answer=genres[0].pk)
    assert Anime.objects.get().is_adult is False
    assert Genre.objects.count() == 2


def test_runs_are_read_and_never_written(curator: Client) -> None:
    run = ImportRun.objects.create(
        source="demo",
        subject="anime.csv",
        counts={"read": 12, "rejected": {"no title": 2}},
        errors=["anime.csv line 7: score is 11"],
    )
    page = curator.get(reverse("admin:catalog_importrun_change", args=[run.pk]))
    assert b"read 12, rejected 2" in page.content
    assert b"line 7" in page.content
    assert b'name="_save"' not in page.content
    assert curator.get(reverse("admin:catalog_importrun_add")).status_code == 403


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("lighthouse keepers", [9_000_001]),
        ("9000002", [9_000_001, 9_000_002]),
        ("!!!", []),
        ("99999999999999", []),
        ("", [9_000_001, 9_000_002, 9_000_003]),
    ],
)
def test_families_are_found_by_title_or_number_and_never_written(
    curator: Client, harbour: Anime, typed: str, found: list[int]
) -> None:
    for number, franchise in ((1, 1), (2, 1), (3, 3)):
        anime = harbour if number == 1 else a_title(number, "Zebra Quartz")
        FamilyPart.objects.create(anime=anime, series=number, franchise=franchise, place=0)
    rows = curator.get(FAMILIES, {"q": typed}).context["cl"].result_list
    assert sorted(row.pk for row in rows) == found
    assert curator.get(reverse("admin:catalog_familypart_add")).status_code == 403
    page = curator.get(reverse("admin:catalog_familypart_change", args=[harbour.pk]))
    assert b'name="_save"' not in page.content


def test_a_title_with_a_family_can_still_be_deleted(curator: Client, harbour: Anime) -> None:
    FamilyPart.objects.create(anime=harbour, series=1, franchise=1, place=0)
    curator.post(reverse("admin:catalog_anime_delete", args=[harbour.pk]), {"post": "yes"})
    assert not Anime.objects.exists()


def fill(count: int) -> None:
    """Titles with two genres and a studio each, and runs."""
    start = 9_200_000 + Anime.objects.count()
    titles = Anime.objects.bulk_create(
        Anime(mal_id=start + n, title=f"Filler {start + n}", year=2000) for n in range(count)
    )
    for anime in titles:
        for kind in ("a", "b"):
            genre = Genre.objects.create(name=f"Genre {kind} {anime.pk}")
            AnimeGenre.objects.create(anime=anime, genre=genre)
        studio = Studio.objects.create(name=f"Studio {anime.pk}")
        AnimeStudio.objects.create(anime=anime, studio=studio)
        ImportRun.objects.create(source="demo", subject=anime.title)
        FamilyPart.objects.create(anime=anime, series=anime.pk, franchise=1, place=0)


@pytest.mark.parametrize(
    ("address", "budget"), [(LIST, 5), (GENRES, 4), (STUDIOS, 4), (RUNS, 6), (FAMILIES, 4)]
)
def test_a_list_asks_as_many_queries_for_forty_rows_as_for_two(
    curator: Client, address: str, budget: int
) -> None:
    numbers = []
    for rows in (2, 38):
        fill(rows)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert curator.get(address).status_code == 200
        numbers.append(len(queries))
    assert numbers == [budget, budget]


def test_a_title_s_page_asks_as_many_queries_for_many_relations_as_for_one(
    curator: Client, harbour: Anime
) -> None:
    numbers = []
    for batch in (range(1), range(1, 30)):
        AnimeRelation.objects.bulk_create(
            AnimeRelation(anime=harbour, kind="other", to_mal_id=9_300_000 + n) for n in batch
        )
        with CaptureQueriesContext(connection) as queries:
            curator.get(reverse("admin:catalog_anime_change", args=[harbour.pk]))
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]
