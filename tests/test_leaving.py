"""Everything about a member goes with them: into a file, or away."""

import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Anime, Genre
from ratings.leaving import MayNotLeave, belongings, erase, everything_as_json
from ratings.leaving.everything import partial
from ratings.models import (
    KeptAnswer,
    ListChange,
    ListImport,
    ListImportLine,
    Origin,
    User,
    UserAnimeRating,
)
from ratings.tests.keys import key_of
from recommender.models import (
    Exposure,
    FavouriteGenre,
    ForYouVisit,
    Impression,
    MutedFeature,
    NotSeen,
    Outcome,
    TasteCorrection,
)

pytestmark = pytest.mark.django_db

DELETE, JSON, ACCOUNT = (
    reverse(f"ratings:{name}") for name in ("delete", "export-json", "account")
)
PASSWORD = "lantern-on-the-quay"


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ines(catalogue: list[Anime]) -> User:
    """Has left a row in every table that knows of members."""
    ines = User.objects.create_user("ines-of-the-quay", "ines@quay.example", PASSWORD)
    fill(ines, catalogue)
    return ines


def fill(member: User, catalogue: list[Anime]) -> None:
    member.rate(catalogue[0], score=8)
    member.set_status(catalogue[1], "planned")
    member.dismiss(catalogue[2], "look")
    member.follow(catalogue[3])
    brought = ListImport.objects.create(user=member, source="mal_xml", subject="list.xml")
    ListImportLine.objects.create(list_import=brought, number=1, mal_id=9_000_001, fate="new")
    key_of(member)
    KeptAnswer.objects.create(member=member, key="once", question="0" * 64, status=200)
    ListChange.objects.create(user=member, kind="off", words="Taken off your list: 1 title.")
    ForYouVisit.objects.create(member=member)
    now = timezone.now()
    Exposure.objects.create(
        experiment=1, variant=0, member=member, listing=uuid4(), position=0, length=1, anime=catalogue[0].pk,
        score=1.0, propensity=1.0, shown_at=now,
    )  # fmt: skip
    Outcome.objects.create(
        experiment=1, variant=0, member=member, anime=catalogue[0].pk, kind="liked", at=now
    )
    Impression.objects.create(
        member=member, anime=catalogue[0].pk, first_at=now, place=0, score=1.0, last_on=now.date(),
        looks_last=1.0,
    )  # fmt: skip
    MutedFeature.objects.create(member=member, name="popularity")
    NotSeen.objects.create(member=member, anime=catalogue[4])
    FavouriteGenre.objects.create(member=member, genre=Genre.objects.all()[0])
    TasteCorrection.objects.create(member=member, kind="genre", name="Drama", value=1)
    member.groups.add(Group.objects.get_or_create(name="readers")[0])
    member.user_permissions.add(Permission.objects.all()[0])
    log(member, member)
    log(member, catalogue[0])


def log(by: User, about: models.Model) -> None:
    LogEntry.objects.create(
        user=by,
        content_type=ContentType.objects.get_for_model(about),
        object_id=str(about.pk),
        object_repr=str(about)[:200],
        action_flag=CHANGE,
    )


def as_json(member: User) -> dict[str, Any]:
    return json.loads("".join(everything_as_json(member)))


def rows_about(member_id: int, name: str) -> list[str]:
    """Every row of every table that refers to the member, by key or by name."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        for row in model._base_manager.all():
            for field in model._meta.concrete_fields:
                value = getattr(row, field.attname)
                related = field.related_model
                is_key = related is not None and related._meta.concrete_model is User
                if (is_key and value == member_id) or (isinstance(value, str) and name in value):
                    found.append(f"{model._meta.label}.{field.name} of {row.pk}")
    sessions = Session.objects.all()
    found += [s.pk for s in sessions if s.get_decoded().get("_auth_user_id") == str(member_id)]
    return found


# Which tables


def test_the_tables_that_know_of_members_are_all_found() -> None:
    assert {one.name for one in belongings()} == {
        "admin.logentry",
        "ratings.accesstoken",
        "ratings.feedback",
        "ratings.follow",
        "ratings.keptanswer",
        "ratings.listchange",
        "ratings.listimport",
        "ratings.listimportline",
        "ratings.user_groups",
        "ratings.user_user_permissions",
        "ratings.useranimerating",
        "recommender.exposure",
        "recommender.favouritegenre",
        "recommender.foryouvisit",
        "recommender.impression",
        "recommender.mutedfeature",
        "recommender.notseen",
        "recommender.outcome",
        "recommender.tastecorrection",
    }


def test_the_cast_of_these_tests_has_a_row_in_each(ines: User) -> None:
    assert [one.name for one in belongings() if not one.rows_of(ines).exists()] == []


# As JSON


def test_the_list_has_exactly_this_shape(ines: User, catalogue: list[Anime]) -> None:
    ines.list_entries.filter(anime=catalogue[0]).update(
        rated_at=datetime(2026, 11, 25, 12, tzinfo=UTC),
        watched_episodes=12,
        started_on=date(2019, 1, 1),
        started_precision="year",
        finished_on=date(2019, 4, 1),
        finished_precision="month",
        rewatches=2,
        counts=False,
    )
    found = as_json(ines)
    assert list(found) == ["format", "version", "exported_at", "member", "list", "more"]
    assert (found["format"], found["version"]) == ("animerec", 1)
    assert found["list"][0] == {
        "mal_id": 9_000_001,
        "title": "Minato no Akari",
        "status": "completed",
        "score": 8,
        "watched_episodes": 12,
        "started_on": "2019",
        "finished_on": "2019-04",
        "rewatches": 2,
        "rated_at": "2026-11-25T12:00:00Z",
        "counts": False,
    }
    assert found["list"][1]["score"] is None
    assert found["list"][1]["started_on"] is None


@pytest.mark.parametrize(
    ("day", "precision", "said"),
    [
        (None, "", None),
        (None, "day", None),
        (date(2019, 4, 2), "day", "2019-04-02"),
        (date(2019, 4, 2), "", "2019-04-02"),
        (date(2019, 4, 1), "month", "2019-04"),
        (date(2019, 1, 1), "year", "2019"),
    ],
)
def test_a_date_is_as_exact_as_it_was_said(
    day: date | None, precision: str, said: str | None
) -> None:
    assert partial(day, precision) == said


def test_every_table_and_every_column_is_told(ines: User) -> None:
    found = as_json(ines)
    assert set(found["more"]) == {one.name for one in belongings()}
    for one in belongings():
        if one.model is not UserAnimeRating:
            assert found["more"][one.name], one.name
            assert set(found["more"][one.name][0]) == set(one.columns)
    assert found["member"]["email"] == "ines@quay.example"


def test_no_column_of_the_list_is_forgotten(ines: User) -> None:
    ines.list_entries.update(source="mal_xml")
    found = as_json(ines)
    told = {"mal_id" if name == "anime_id" else name for name in found["list"][0]}
    told |= set(found["more"]["ratings.useranimerating"][0])
    columns = {field.attname for field in UserAnimeRating._meta.concrete_fields}
    assert columns - told == {"id", "user_id", "started_precision", "finished_precision"}


def test_what_could_be_used_to_act_as_the_member_is_left_out_and_said_so(ines: User) -> None:
    text = "".join(everything_as_json(ines))
    assert ines.password not in text
    assert ines.tokens.get().digest not in text
    assert "Left out: your password" in as_json(ines)["member"]["left_out"]


def test_nothing_of_another_member_is_in_it(ines: User, keen: User) -> None:
    assert "keen" not in "".join(everything_as_json(ines))
    assert len(as_json(keen)["list"]) == 7


def test_titles_of_any_letters_stay_what_they_are(ines: User, catalogue: list[Anime]) -> None:
    name = 'A "quoted" \\ title\n</script> 灯台 \u2028 \x07'
    Anime.objects.filter(pk=catalogue[0].pk).update(title=name)
    assert as_json(ines)["list"][0]["title"] == name


def test_the_page_gives_only_my_own_as_a_file(client: Client, ines: User) -> None:
    client.force_login(ines)
    answer = client.get(JSON)
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"].startswith('attachment; filename="animerec-ines-of-the-')
    assert json.loads(answer.getvalue())["member"]["username"] == "ines-of-the-quay"
    assert "no-store" in answer["Cache-Control"]


def test_a_name_of_any_letters_names_the_file(client: Client) -> None:
    client.force_login(User.objects.create_user("灯台.@+-"))
    answer = client.get(JSON)
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''animerec-%E7")


@pytest.mark.parametrize("name", ["export-json", "export-xml", "delete"])
def test_a_guest_signs_in_first(client: Client, name: str) -> None:
    address = reverse(f"ratings:{name}")
    assert client.get(address)["Location"] == f"{reverse('ratings:sign-in')}?next={address}"


def test_an_empty_list_is_a_document_too(newcomer: User) -> None:
    assert as_json(newcomer)["list"] == []


def test_the_number_of_queries_does_not_grow_with_the_list(
    ines: User, django_assert_max_num_queries
) -> None:
    Anime.objects.bulk_create(Anime(mal_id=9_100_000 + n, title=f"T{n}") for n in range(5000))
    UserAnimeRating.objects.bulk_create(
        UserAnimeRating(user=ines, anime_id=9_100_000 + n, source="csv") for n in range(5000)
    )
    with django_assert_max_num_queries(20):
        assert len(as_json(ines)["list"]) == 5002


# Away


def leave(client: Client, **data: str):
    return client.post(DELETE, data)


def test_the_page_says_what_goes_and_changes_nothing(client: Client, ines: User) -> None:
    client.force_login(ines)
    page = client.get(DELETE).text
    assert "2 list entries" in page
    assert "1 access token" in page
    assert User.objects.filter(pk=ines.pk).exists()


def test_with_the_password_every_row_goes_and_the_member_is_signed_out(
    client: Client, ines: User, keen: User
) -> None:
    elsewhere = Client()
    elsewhere.force_login(ines)
    client.force_login(ines)
    log(keen, ines)
    log(keen, ines.list_entries.first() or ines)
    assert rows_about(ines.pk, ines.username)
    pk, name = ines.pk, ines.username
    answer = leave(client, password=PASSWORD)
    assert answer["Location"] == "/"
    assert rows_about(pk, name) == []
    home = client.get("/")
    assert "Your account is deleted" in home.text
    assert not home.wsgi_request.user.is_authenticated
    assert elsewhere.get(ACCOUNT).status_code == 302


def test_rows_of_others_stay(
    client: Client, ines: User, keen: User, catalogue: list[Anime]
) -> None:
    fill(keen, catalogue)
    before = {one.name: one.rows_of(keen).count() for one in belongings()}
    titles = Anime.objects.count()
    erase(ines)
    assert {one.name: one.rows_of(keen).count() for one in belongings()} == before
    assert Anime.objects.count() == titles


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"password": ""},
        {"password": "wrong"},
        {"name": "ines-of-the-quay"},
        {"password": "\0" * 9},
    ],
)
def test_without_the_password_nothing_goes(client: Client, ines: User, data: dict) -> None:
    client.force_login(ines)
    answer = leave(client, **data)
    assert answer.status_code == 200
    assert "field__error" in answer.text
    assert User.objects.filter(pk=ines.pk).exists()


def test_who_has_no_password_types_their_name(client: Client, newcomer: User) -> None:
    newcomer.set_unusable_password()
    newcomer.save()
    client.force_login(newcomer)
    assert "Type newcomer" in leave(client, name="new").text
    leave(client, name="newcomer")
    assert not User.objects.filter(pk=newcomer.pk).exists()


def test_asked_twice_at_once_it_happens_once(ines: User) -> None:
    as_another_request_has_it = User.objects.get(pk=ines.pk)
    erase(ines)
    erase(as_another_request_has_it)


def test_the_pages_take_as_many_queries_as_there_are_tables(
    client: Client, ines: User, django_assert_max_num_queries
) -> None:
    client.force_login(ines)
    with django_assert_max_num_queries(3):
        client.get(ACCOUNT)
    with django_assert_max_num_queries(2 + len(belongings())):
        client.get(DELETE)


def test_sent_twice_it_is_a_sign_in_page(client: Client, ines: User) -> None:
    client.force_login(ines)
    leave(client, password=PASSWORD)
    assert leave(client, password=PASSWORD)["Location"].startswith(reverse("ratings:sign-in"))


def who_may_not(kind: str) -> User:
    traits = {
        "staff": {"is_staff": True},
        "superuser": {"is_superuser": True},
        "one of two superusers": {"is_superuser": True},
        "demo": {"origin": Origin.SIMULATED},
    }
    if kind == "one of two superusers":
        User.objects.create_user("root", is_superuser=True)
    return User.objects.create_user("worker", password=PASSWORD, **traits[kind])


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("staff", "has to take its rights away first"),
        ("superuser", "the only superuser"),
        ("one of two superusers", "has to take its rights away first"),
        ("demo", "everybody may sign in as"),
    ],
)
def test_who_works_for_the_site_and_the_demonstration_are_refused_with_a_reason(
    client: Client, kind: str, said: str
) -> None:
    member = who_may_not(kind)
    client.force_login(member)
    page = client.get(DELETE)
    assert said in page.text
    assert 'type="password"' not in page.text
    assert leave(client, password=PASSWORD).status_code == 403
    with pytest.raises(MayNotLeave):
        erase(member)
    with pytest.raises(CommandError, match=said):
        call_command("delete_member", "worker", "--yes")
    assert User.objects.filter(pk=member.pk).exists()


# As commands


def test_the_operator_gets_the_same_file(ines: User, tmp_path: Path) -> None:
    file = tmp_path / "ines.json"
    call_command("export_member", "ines-of-the-quay", "--output", str(file), stderr=io.StringIO())
    assert json.loads(file.read_text())["list"] == as_json(ines)["list"]
    assert list(tmp_path.iterdir()) == [file]
    assert file.stat().st_mode & 0o077 == 0


def test_without_a_file_it_goes_to_the_screen(ines: User) -> None:
    out = io.StringIO()
    call_command("export_member", "ines-of-the-quay", "--format", "xml", stdout=out)
    assert out.getvalue().startswith("<?xml")
    assert out.getvalue().endswith("</myanimelist>\n")


def test_a_place_that_cannot_be_written_to_is_named(ines: User, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("export_member", ines.username, "--output", str(tmp_path / "no" / "x.json"))


@pytest.mark.parametrize("command", ["export_member", "delete_member"])
@pytest.mark.parametrize("name", ["nobody", "", "\0"])
def test_a_name_that_nobody_has_is_said(db, command: str, name: str) -> None:
    with pytest.raises(CommandError, match="there is no member called"):
        call_command(command, name)


def test_the_operator_has_to_mean_it(ines: User) -> None:
    with pytest.raises(CommandError, match=r"2 list entries, .*say --yes"):
        call_command("delete_member", ines.username)
    assert User.objects.filter(pk=ines.pk).exists()
    out = io.StringIO()
    pk, name = ines.pk, ines.username
    call_command("delete_member", name, "--yes", stdout=out)
    assert "Deleted: ines-of-the-quay, " in out.getvalue()
    assert rows_about(pk, name) == []
