"""What stands around every page: its face elsewhere, and what is said when something goes wrong."""

import re
from html import unescape

import pytest
from django.contrib.staticfiles import finders
from django.test import Client, RequestFactory
from django.urls import reverse

from animerec import views
from catalog.models import Anime

IN_HTMX = {"HTTP_HX_REQUEST": "true"}


def head(page: str, name: str) -> str:
    found = re.search(rf'<meta (?:property|name)="{re.escape(name)}" content="([^"]*)"', page)
    return unescape(found[1]) if found else ""


@pytest.mark.django_db
def test_the_manifest_names_pictures_that_exist(client: Client) -> None:
    response = client.get("/manifest.webmanifest")
    assert response.headers["Content-Type"] == "application/manifest+json"
    content = response.json()
    assert content["display"] == "standalone"
    assert {icon["purpose"] for icon in content["icons"]} == {"any", "maskable"}
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in content["icons"]}
    for icon in content["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/"))
    for shortcut in content["shortcuts"]:
        assert client.get(shortcut["url"]).status_code < 400


@pytest.mark.django_db
def test_a_page_tells_those_who_link_to_it_what_it_is(client: Client) -> None:
    page = client.get(reverse("catalog:browse")).text
    assert head(page, "og:site_name") == "animerec"
    assert head(page, "og:title")
    assert head(page, "og:title") in page.partition("<title>")[2].partition("</title>")[0]
    assert head(page, "og:description") == head(page, "description")
    assert head(page, "og:url").endswith(reverse("catalog:browse"))
    assert head(page, "og:image").startswith("http")
    assert head(page, "twitter:card") == "summary_large_image"
    assert page.count('name="theme-color"') == 2


def test_the_card_for_links_is_there_and_light() -> None:
    file = finders.find("img/social.png")
    with open(file, "rb") as card:
        content = card.read()
    assert len(content) < 120_000
    assert int.from_bytes(content[16:20]) == 1200
    assert int.from_bytes(content[20:24]) == 630


def test_what_a_title_is_called_cannot_leave_the_head(
    client: Client, catalogue: list[Anime]
) -> None:
    hostile = '"><script>alert(7)</script>'
    Anime.objects.filter(pk=catalogue[0].pk).update(title=hostile, title_english=hostile)
    page = client.get(reverse("catalog:anime", args=[catalogue[0].pk])).text
    assert "<script>alert(7)" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("extra", [{}, IN_HTMX], ids=["a page", "a fragment"])
def test_what_is_not_there_is_a_page_of_the_site(
    client: Client, extra: dict[str, str], settings
) -> None:
    settings.DEBUG = False
    response = client.get("/no-such-page/", **extra)
    assert response.status_code == 404
    assert "There is nothing here" in response.text
    assert 'href="/"' in response.text


@pytest.mark.django_db
@pytest.mark.parametrize("extra", [{}, IN_HTMX], ids=["a page", "a fragment"])
def test_a_form_without_its_token_is_refused_in_a_sentence(extra: dict[str, str]) -> None:
    response = Client(enforce_csrf_checks=True).post(reverse("ratings:sign-in"), {}, **extra)
    assert response.status_code == 403
    assert "Go back, reload the page and send it again" in response.text


def test_what_makes_no_sense_is_said_to_make_none(rf: RequestFactory) -> None:
    response = views.bad_request(rf.get("/"))
    assert response.status_code == 400
    assert "That request makes no sense" in response.content.decode()


def test_when_the_site_breaks_the_page_that_says_so_leans_on_nothing(rf: RequestFactory) -> None:
    """No database, no session, no member: any of these may be what broke."""
    response = views.server_error(rf.get("/"))
    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()
    assert "<script" not in response.content.decode()
