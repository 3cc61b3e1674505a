"""Every address is asked as everybody there is; see `permissions.py`."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from django.urls import get_resolver, resolve
from pytest_django import Settings

from catalog.models import Anime, Season
from ratings.addresses import token_for
from ratings.feeds import renew, token_of
from ratings.models import ListImport, ListImportLine, Origin, User
from ratings.tests.keys import key_of
from recommender import serving, training
from recommender.models import TrainedModel, TrainingRun
from recommender.tests.trials import draft
from tests.permissions import ASK, DOOR, DOORS, GONE, NO, NOT_ASKED, OK, Door, Who

pytestmark = pytest.mark.django_db

# What the parts of a request that changes something hold: enough to be understood, or refused as wrong.
BODIES: dict[str, Any] = {"/api/v1/recommend": {"list": []}, "lines/1": {"anime_id": None}}


@pytest.fixture(autouse=True)
def quiet(settings: Settings, tmp_path: Path) -> None:
    settings.API_RATES = {"anon": None, "user": None}
    settings.GUESTS_PER_HOUR = 100_000
    settings.ARTIFACTS_DIR = tmp_path
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": str(tmp_path)}}
    serving.forget_loaded()
    cache.clear()


@pytest.fixture
def everybody(catalogue: list[Anime]) -> dict[Who, User | None]:
    member = User.objects.create_user("ines", password="a long enough one")
    curator = User.objects.create_user("curator", is_staff=True)
    curator.user_permissions.add(Permission.objects.get(codename="change_anime"))
    return {
        Who.STRANGER: None,
        Who.GUEST: User.objects.create(username="guest:1", origin=Origin.GUEST),
        Who.MEMBER: member,
        Who.OTHER: User.objects.create_user("tom"),
        Who.CURATOR: curator,
        Who.STAFF: User.objects.create_superuser("staff"),
    }


@pytest.fixture
def places(everybody: dict[Who, User | None], catalogue: list[Anime]) -> dict[str, Any]:
    member = everybody[Who.MEMBER]
    assert member
    title = catalogue[0]
    Anime.objects.filter(pk=title.pk).update(status="airing", season=Season.SPRING, year=2020)
    public = User.objects.create_user("olga", is_public=True)
    public.rate(title, score=7)
    training.train(TrainingRun.objects.create(kinds=["content"]), fewest_members=1, evaluate=False)
    return {
        "title": title.pk, "year": 2020, "member": member.pk, "public": public.pk,
        "experiment": draft().name,
    }  # fmt: skip


def with_things_of_their_own(
    everybody: dict[Who, User | None], places: dict[str, Any]
) -> dict[str, Any]:
    """The member's own, made anew for each request, because some of them take it away."""
    member = everybody[Who.MEMBER]
    assert member
    member.refresh_from_db()
    member.rate(Anime.objects.get(pk=places["title"]), score=9)
    ListImport.objects.filter(user=member).delete()
    run = ListImport.objects.create(user=member, source="mal_xml", subject="x", state="queued")
    ListImportLine.objects.create(
        list_import=run, number=1, fate="doubtful", candidates=[places["title"]]
    )
    member.tokens.all().delete()
    key_of(member)
    renew(member)
    User.objects.filter(pk=member.pk).update(email="ines@quay.example")
    member.refresh_from_db()
    return {
        **places, "run": run.pk, "token": member.tokens.get().pk, "feed": token_of(member),
        "confirm": token_for(member),
    }  # fmt: skip


def asked(door: Door, viewer: User | None, places: dict[str, Any]) -> Any:
    client = Client(raise_request_exception=False)
    if viewer:
        client.force_login(viewer)
    path = door.path.format(**places)
    if door.method == "GET":
        return client.get(path)
    if path.startswith("/api/"):
        body = next((one for end, one in BODIES.items() if path.endswith(end)), {})
        raw = b"" if door.method == "DELETE" else json.dumps(body).encode()
        return client.generic(door.method, path, raw, "application/json")
    parts = urlsplit(path)
    return client.post(parts.path, dict(parse_qsl(parts.query)))


def answer_of(response: Any) -> str:
    if response.status_code in (301, 302):
        target = response["Location"]
        return DOOR if target.startswith(("/sign-in/", "/sign-up/", "/admin/login/")) else OK
    return {401: ASK, 403: NO, 404: GONE}.get(response.status_code, OK)


@pytest.mark.parametrize("who", list(Who))
def test_everybody_is_answered_as_the_table_says(
    who: Who, everybody: dict[Who, User | None], places: dict[str, Any]
) -> None:
    wrong, was_a_change = [], True
    now: dict[str, Any] = {}
    for door in DOORS:
        # A look takes nothing away.
        if not now or door.method != "GET" or was_a_change:
            now = with_things_of_their_own(everybody, places)
            # What others have of the title must not stand in for what is the member's.
            for one in (Who.GUEST, Who.OTHER, Who.CURATOR, Who.STAFF):
                if there := everybody[one]:
                    there.list_entries.all().delete()
        was_a_change = door.method != "GET"
        response = asked(door, everybody[who], now)
        expected = door.may[list(Who).index(who)]
        if response.status_code >= 500 or answer_of(response) != expected:
            wrong.append(f"{door.method} {door.path}: {response.status_code}, not {expected}")
    assert not wrong, "\n".join(wrong)


def test_every_address_is_in_the_table(
    everybody: dict[Who, User | None], places: dict[str, Any]
) -> None:
    now = with_things_of_their_own(everybody, places)
    there = {resolve(urlsplit(door.path.format(**now)).path).view_name for door in DOORS}
    names = set(_names(get_resolver().url_patterns))
    assert names - there - NOT_ASKED == set()


def _names(patterns: Any, space: str = "") -> Any:
    for pattern in patterns:
        inner = getattr(pattern, "url_patterns", None)
        if inner is None:
            # The last route of the API has no name: it answers what no other does.
            if pattern.name:
                yield f"{space}{pattern.name}"
        elif str(pattern.pattern) != "admin/":
            yield from _names(inner, f"{pattern.namespace}:" if pattern.namespace else space)


def admin_lists() -> list[str]:
    from django.contrib import admin
    from django.urls import reverse

    return [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    ]


@pytest.mark.parametrize("who", list(Who))
def test_the_admin_is_for_staff_and_each_table_for_who_may(
    who: Who, everybody: dict[Who, User | None], catalogue: list[Anime]
) -> None:
    client = Client()
    if viewer := everybody[who]:
        client.force_login(viewer)
    answers = {path: answer_of(client.get(path)) for path in admin_lists()}
    assert len(answers) > 12
    if who == Who.STAFF:
        assert set(answers.values()) == {OK}
    elif who == Who.CURATOR:
        assert {path for path, answer in answers.items() if answer == OK} == {
            "/admin/catalog/anime/"
        }
        assert set(answers.values()) == {OK, NO}
    else:
        assert set(answers.values()) == {DOOR}


# The audit log


def test_what_staff_do_and_look_at_is_noted(
    everybody: dict[Who, User | None], places: dict[str, Any]
) -> None:
    staff, member = everybody[Who.STAFF], everybody[Who.MEMBER]
    assert staff
    assert member
    client = Client()
    client.force_login(staff)
    client.post("/staff/training/start/")
    for _ in range(3):
        client.get(f"/members/{member.pk}/")
        client.get(f"/api/v1/list?user_id={member.pk}")
    client.get(f"/members/{places['public']}/")
    noted = [(entry.user, entry.get_change_message()) for entry in LogEntry.objects.order_by("pk")]
    assert noted == [
        (staff, "Asked for a training."),
        (staff, "Looked at the list, which is not public."),
    ]
    page = client.get("/admin/admin/logentry/").text
    assert "Looked at the list, which is not public." in page
    one = LogEntry.objects.all()[0]
    for verb in ("delete", "change"):
        answer = client.post(f"/admin/admin/logentry/{one.pk}/{verb}/", {"post": "yes"})
        assert answer.status_code in (403, 404)
    assert LogEntry.objects.count() == 2


def test_the_session_is_another_after_signing_in(client: Client, catalogue: list[Anime]) -> None:
    """Whoever fixed a visitor's session before knows nothing of the one after."""
    User.objects.create_user("ines", password="a long enough one")
    client.post(f"/anime/{catalogue[0].pk}/rate/", {"score": "7"})
    before = client.cookies["sessionid"].value
    client.post("/sign-in/", {"username": "ines", "password": "a long enough one"})
    after = client.cookies["sessionid"].value
    assert after
    assert after != before
    stale = Client()
    stale.cookies["sessionid"] = before
    assert stale.get("/account/").status_code == 302
    assert TrainedModel.objects.count() == 0
