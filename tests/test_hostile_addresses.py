"""Addresses edited by hand: no page breaks, and none hands back what it was sent as markup."""

from urllib.parse import urlsplit

import pytest

from tests.pages import Page, Who
from tests.walking import Cast, name_of, views

pytestmark = pytest.mark.django_db

SCRIPT = "%3Cscript%3Ealert(7)%3C/script%3E"
# What pages read; each is sent what it does not expect. Unknown names must do no harm either.
NAMES = (
    "page", "q", "sort", "genre", "exclude", "type", "status", "source", "season", "studio", "age",
    "year_min", "year_max", "year", "score_min", "score_max", "episodes_min", "episodes_max", "n",
    "popularity", "diversity", "exploration", "per_franchise", "tab", "all", "next", "with", "member",
    "show", "language", "from", "to", "x", "y", "zoom", "title", "from_year", "view", "why", "since",
)  # fmt: skip
VALUES = {
    "minus one": "-1",
    "nought": "0",
    "huge": "99999999999999999999",
    "a word": "abc",
    "over 32 bits": "2147483648",
    "not a number": "NaN",
    "infinite": "1e999",
    "other digits": "%D9%A3",  # Arabic-Indic three, which int() reads
    "superscript": "%C2%B2",  # a digit to isdigit(), none to int()
    "script": SCRIPT,
    "quotes": "%22%27%3E%3Csvg%20onload=alert(7)%3E",
    "nul": "a%00b",
    "broken utf-8": "%ff%fe",
    "broken percent": "%zz%",
    "lone surrogate": "%ED%A0%80",
    "blank": "",
    "elsewhere": "//evil.example/%0d%0aSet-Cookie:x=1",
}
QUERIES = {
    **{label: "&".join(f"{name}={value}" for name in NAMES) for label, value in VALUES.items()},
    "year 99999": "year_min=99999&year_max=99999&year=99999",
    "years swapped": "year_min=2020&year_max=1990",
    "ten kilobytes": "q=" + "a" * 10_000,
    "ten kilobytes of letters": "q=" + "%E3%81%82" * 3_400,
    "one a thousand times": "genre=1&" * 1000,
    "brackets": "genre[]=1&q[$ne]=1",
}
# One by one, where a neighbour that makes no sense could keep the page from reading further.
ALONE = {
    f"{name}={value}": f"{name}={value}"
    for name in ("page", "n")
    for value in ("-1", VALUES["huge"], "%C2%B2")
}
DJANGOS_OWN = {"sign-in", "password", "reset", "reset-password"}
HARDEST = ("huge", "a word", "script", "nul", "broken utf-8", "over 32 bits")
# It waits a second for workers each time, and reads nothing of its address.
VIEWS = [view for view in views() if view[0].name != "staff-workers"]


FULLEST = [(page, who) for page, who in VIEWS if who is page.who[-1]]


@pytest.mark.parametrize("view", VIEWS, ids=name_of)
def test_a_page_answers_whatever_stands_behind_the_question_mark(
    cast: Cast, view: tuple[Page, Who]
) -> None:
    page, who = view
    client, path = cast.client(who), urlsplit(cast.address(page)).path
    # Whoever sees most of a page meets all of it, the others what is hardest.
    hardest = {label: QUERIES[label] for label in HARDEST}
    asked = QUERIES | ALONE if who is page.who[-1] else hardest
    wrong = []
    for label, query in asked.items():
        response = client.get(path, QUERY_STRING=query)
        wrong += [f"{label}: {response.status_code}"] if response.status_code >= 500 else []
        body = response.content
        if b"<script>alert(7)" in body or b"<svg onload" in body:
            wrong.append(f"{label}: echoed as markup")
        if response.headers.get("Location", "").startswith("//"):
            wrong.append(f"{label}: leads to another site")
    assert wrong == []


FRAGMENT = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "results"}


@pytest.mark.parametrize("view", FULLEST, ids=name_of)
def test_so_does_a_fragment(cast: Cast, view: tuple[Page, Who]) -> None:
    page, who = view
    client, path = cast.client(who), urlsplit(cast.address(page)).path
    statuses = {
        label: client.get(path, QUERY_STRING=QUERIES[label], **FRAGMENT).status_code
        for label in HARDEST
    }
    assert {label: status for label, status in statuses.items() if status >= 500} == {}


@pytest.mark.parametrize("view", VIEWS, ids=name_of)
def test_a_page_refuses_methods_it_does_not_know(cast: Cast, view: tuple[Page, Who]) -> None:
    page, who = view
    client, address = cast.client(who), cast.address(page)
    # Django's own forms take a PUT for a POST, which they refuse for what is in it.
    expected = {200, 405} if page.name in DJANGOS_OWN else {405} if page.route else {404}
    for method in ("PUT", "DELETE", "PATCH"):
        assert client.generic(method, address).status_code in expected
    # Forms answer a post that makes no sense; what is only looked at refuses it.
    assert client.post(address, {"nonsense": "\x00"}).status_code < 500


# Where a form stands on the page itself.
POSTED = DJANGOS_OWN | {"sign-up", "imports", "account", "delete", "not-found"}
READ_ONLY = [(page, who) for page, who in VIEWS if page.name not in POSTED]


@pytest.mark.parametrize("view", READ_ONLY, ids=name_of)
def test_what_is_only_looked_at_takes_no_post(cast: Cast, view: tuple[Page, Who]) -> None:
    page, who = view
    assert cast.client(who).post(cast.address(page)).status_code == 405


@pytest.mark.parametrize("number", [0, 999_999_999, 2**31, 2**63, 10**30])
def test_ids_of_nothing_lead_to_not_found(cast: Cast, number: int) -> None:
    wrong = []
    for page, who in VIEWS:
        # Behind a question mark it is a wish, which may come to nothing.
        if not any(f"/{place}/" in page.path for place in ("{title}", "{member}")):
            continue
        address = page.path.format(**{**cast.places, "title": number, "member": number})
        status = cast.client(who).get(address).status_code
        wrong += [f"{address}: {status}"] if status != 404 else []
    assert wrong == []


@pytest.mark.parametrize("who", [Who.GUEST, Who.MEMBER])
def test_addresses_that_are_no_addresses(cast: Cast, who: Who) -> None:
    client = cast.client(who)
    for address in ("/anime/%00/", "/anime/%ff%fe/", "/%2e%2e/%2e%2e/etc/passwd", "/seasons/99999/spring/", "/seasons/2020/%3Cscript%3E/", "/anime/1/%0d%0ax/", "/" + "a" * 9000):  # fmt: skip
        response = client.get(address)
        assert response.status_code in {301, 400, 404}, address
        assert b"<script>" not in response.content
