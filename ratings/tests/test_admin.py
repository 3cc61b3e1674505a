"""What an operator sees of members and their lists."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from catalog.models import Anime
from ratings.models import Feedback, ListImport, Origin, User, UserAnimeRating

pytestmark = pytest.mark.django_db

ANIME = reverse("admin:catalog_anime_changelist")
MEMBERS = reverse("admin:ratings_user_changelist")
ENTRIES = reverse("admin:ratings_useranimerating_changelist")
FEEDBACK = reverse("admin:ratings_feedback_changelist")
IMPORTS = reverse("admin:ratings_listimport_changelist")


@pytest.fixture
def chief(client: Client) -> Client:
    user = User.objects.create(username="chief", is_staff=True, is_superuser=True)
    client.force_login(user)
    return client


@pytest.fixture
def ines(db: None) -> User:
    """Rates a little."""
    return User.objects.create_user("ines", "ines@example.org", "lantern-42")


@pytest.fixture
def harbour(db: None) -> Anime:
    return Anime.objects.create(mal_id=9_000_001, title="Harbour Lights")


def shown(page: Any) -> list[str]:
    return [str(row) for row in page.context["cl"].result_list]


def test_the_list_of_titles_counts_ratings_and_sorts_by_them(
    chief: Client, ines: User, harbour: Anime
) -> None:
    Anime.objects.create(mal_id=9_000_002, title="Nobody Saw It")
    ines.rate(harbour, score=9)
    page = chief.get(ANIME, {"o": "-10"})
    assert [row.rating_count for row in page.context["cl"].result_list] == [1, 0]
    assert f"{ENTRIES}?anime={harbour.pk}".encode() in page.content


def test_the_number_of_ratings_leads_to_them(chief: Client, ines: User, harbour: Anime) -> None:
    other = Anime.objects.create(mal_id=9_000_002, title="Other")
    for anime in (harbour, other):
        ines.rate(anime, score=9)
    assert len(shown(chief.get(ENTRIES, {"anime": harbour.pk}))) == 1
    assert len(shown(chief.get(ENTRIES, {"user": ines.pk}))) == 2


def test_members_show_how_long_their_list_is(chief: Client, ines: User, harbour: Anime) -> None:
    ines.rate(harbour, score=9)
    page = chief.get(MEMBERS, {"o": "-4"})
    assert [row.list_size for row in page.context["cl"].result_list] == [1, 0]


@pytest.mark.parametrize("typed", ["member-x", "4711"])
def test_a_member_is_found_by_name_and_by_the_number_of_their_dataset(
    chief: Client, typed: str
) -> None:
    User.objects.create(username="member-x", origin=Origin.MAL2020, external_id=4711)
    assert shown(chief.get(MEMBERS, {"q": typed})) == ["member-x"]


@pytest.mark.parametrize("typed", ["9" * 18, "9" * 40, "nobody"])
def test_a_search_for_no_member_finds_none(chief: Client, typed: str) -> None:
    assert shown(chief.get(MEMBERS, {"q": typed})) == []


def test_members_are_filtered_by_where_they_came_from(chief: Client) -> None:
    User.objects.create(username="sim-1", origin=Origin.SIMULATED)
    assert shown(chief.get(MEMBERS, {"origin__exact": "simulated"})) == ["sim-1"]


def test_a_password_is_never_shown_only_set(chief: Client, ines: User) -> None:
    page = chief.get(reverse("admin:ratings_user_change", args=[ines.pk]))
    algorithm, *_, salt, digest = ines.password.split("$")
    for secret in (algorithm, salt[:6], digest[:6]):
        assert secret not in page.content.decode()
    change = reverse("admin:auth_user_password_change", args=[ines.pk])
    assert change.encode() in page.content
    data = {"password1": "new-lantern-43", "password2": "new-lantern-43", "set-password": "1"}
    assert chief.post(change, data).status_code == 302
    ines.refresh_from_db()
    assert ines.check_password("new-lantern-43")


def test_a_member_can_be_added_and_made_public(chief: Client) -> None:
    data = {
        "username": "newcomer",
        "password1": "lantern-42-x",
        "password2": "lantern-42-x",
        "usable_password": "true",
    }
    assert chief.post(reverse("admin:ratings_user_add"), data).status_code == 302
    newcomer = User.objects.get(username="newcomer")
    data = {"username": "newcomer", "is_public": "on", "is_active": "on"}
    page = reverse("admin:ratings_user_change", args=[newcomer.pk])
    assert chief.post(page, data).status_code == 302
    newcomer.refresh_from_db()
    assert newcomer.is_public
    assert newcomer.check_password("lantern-42-x")


def test_only_a_superuser_hands_out_rights(client: Client, ines: User) -> None:
    staff = User.objects.create(username="staff", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
    client.force_login(staff)
    page = reverse("admin:ratings_user_change", args=[staff.pk])
    data = {"username": "staff", "is_superuser": "on", "is_staff": "on", "is_active": "on"}
    assert client.post(page, data).status_code == 302
    staff.refresh_from_db()
    assert not staff.is_superuser


def test_staff_cannot_take_over_a_superuser_by_a_new_password(
    client: Client, chief: Client
) -> None:
    staff = User.objects.create(username="staff", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
    client.force_login(staff)
    boss = User.objects.get(username="chief")
    change = reverse("admin:auth_user_password_change", args=[boss.pk])
    data = {"password1": "new-lantern-43", "password2": "new-lantern-43", "set-password": "1"}
    assert client.post(change, data).status_code == 403


def test_a_score_changed_by_hand_makes_old_recommendations_old(
    chief: Client, ines: User, harbour: Anime
) -> None:
    entry = ines.rate(harbour, score=9)
    before = User.objects.get(pk=ines.pk).list_version
    page = reverse("admin:ratings_useranimerating_change", args=[entry.pk])
    assert chief.post(page, {"status": "dropped", "score": "2"}).status_code == 302
    after = User.objects.get(pk=ines.pk).list_version
    data = {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"}
    assert chief.post(ENTRIES, data).status_code == 302
    assert before < after < User.objects.get(pk=ines.pk).list_version
    assert not UserAnimeRating.objects.exists()


def test_a_score_of_eleven_is_refused(chief: Client, ines: User, harbour: Anime) -> None:
    entry = ines.rate(harbour, score=9)
    page = reverse("admin:ratings_useranimerating_change", args=[entry.pk])
    assert chief.post(page, {"status": "completed", "score": "11"}).status_code == 200
    entry.refresh_from_db()
    assert entry.score == 9


@pytest.mark.parametrize(
    ("chosen", "found"), [("9", 1), ("none", 1), ("8", 0), ("x", 0), ("\0", 0)]
)
def test_entries_are_filtered_by_score(
    chief: Client, ines: User, harbour: Anime, chosen: str, found: int
) -> None:
    ines.rate(harbour, score=9)
    ines.set_status(Anime.objects.create(mal_id=9_000_002, title="Later"), "planned")
    assert len(shown(chief.get(ENTRIES, {"score": chosen}))) == found


def test_feedback_and_imports_are_read_only(chief: Client, ines: User, harbour: Anime) -> None:
    ines.dismiss(harbour, "look")
    brought = ListImport.objects.create(user=ines, source="mal", subject="list.xml")
    for name, row in (("feedback", Feedback.objects.get()), ("listimport", brought)):
        page = chief.get(reverse(f"admin:ratings_{name}_change", args=[row.pk]))
        assert b'name="_save"' not in page.content
        assert chief.get(reverse(f"admin:ratings_{name}_add")).status_code == 403


def test_the_keys_of_the_api_are_not_in_the_admin() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("admin:ratings_accesstoken_changelist")


def test_a_member_with_a_list_can_be_deleted(chief: Client, ines: User, harbour: Anime) -> None:
    ines.rate(harbour, score=9)
    ines.dismiss(Anime.objects.create(mal_id=9_000_002, title="Later"))
    page = reverse("admin:ratings_user_delete", args=[ines.pk])
    assert chief.post(page, {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=ines.pk).exists()


def fill(count: int) -> None:
    """Members who each rated, dismissed and imported."""
    start = User.objects.count()
    for number in range(start, start + count):
        member = User.objects.create(username=f"filler-{number}")
        anime = Anime.objects.create(mal_id=9_100_000 + number, title=f"Filler {number}")
        UserAnimeRating.objects.create(user=member, anime=anime, score=7)
        Feedback.objects.create(user=member, anime=anime)
        ListImport.objects.create(user=member, source="mal", subject="list.xml")


@pytest.mark.parametrize(
    ("address", "budget"), [(ANIME, 5), (MEMBERS, 4), (ENTRIES, 4), (FEEDBACK, 4), (IMPORTS, 5)]
)
def test_a_list_asks_as_many_queries_for_forty_rows_as_for_two(
    chief: Client, address: str, budget: int
) -> None:
    numbers = []
    for rows in (2, 38):
        fill(rows)
        with CaptureQueriesContext(connection) as queries:
            assert chief.get(address).status_code == 200
        numbers.append(len(queries))
    assert numbers == [budget, budget]


def test_a_page_of_entries_never_counts_the_whole_table(chief: Client, ines: User) -> None:
    with CaptureQueriesContext(connection) as queries:
        chief.get(ENTRIES)
    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
    assert len(counts) == 1
    assert "LIMIT 10000" in counts[0]
