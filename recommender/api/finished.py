"""Answers of GET /recommend and /similar as finished bytes, sent before the API's machinery wakes.

The key of an answer names all that it depends on: who asks and the version of their list, which models
are served, the version of the catalogue, the day, how the viewer likes titles, and the whole question.
So a new rating or an activation makes exactly the answers old that it concerns, and nothing is ever
thrown out by hand. Whatever is not plain (a wrong token, another type of answer) the API answers itself.
"""

import hashlib
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import IntegerField, Q, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import quote_etag
from rest_framework.response import Response

from catalog import viewing
from catalog.models import CatalogueVersion
from ratings import limits
from ratings.api.throttling import Throttle
from ratings.models import AccessToken, User
from ratings.models.token import A_WHILE, digest_of
from recommender.models import TrainedModel
from recommender.serving.keeping import kept

# What no version tells (a title that a curator hides by hand) is in the answer by then.
SECONDS = 300
JSON = "application/json"
LONGEST = 1000
Api = Callable[[HttpRequest], HttpResponse]


class Asker(NamedTuple):
    """Who asks: 0 for nobody in particular. `viewer`: how they like titles."""

    pk: int
    list_version: int
    viewer: tuple[str, bool]


NOBODY = Asker(0, 0, (viewing.NOBODY.language, viewing.NOBODY.adult))


def recommendations(api: Api) -> Api:
    """The view of GET /recommend; other methods go straight to the API."""

    # With all that the schema and the middleware look for in a view of the API.
    @wraps(api)
    def view(request: HttpRequest) -> HttpResponse:
        return _answer(request, api, "recommend", _whose) if _is_plain(request) else api(request)

    return view


def similar(api: Api) -> Api:
    @wraps(api)
    def view(request: HttpRequest) -> HttpResponse:
        return _answer(request, api, "similar", _nobody) if _is_plain(request) else api(request)

    return view


def _is_plain(request: HttpRequest) -> bool:
    """Asked by a program: a browser's session is looked up by the API, which costs more than the rest."""
    said = request.META
    return (
        request.method == "GET"
        and said.get("HTTP_ACCEPT", "*/*") in ("*/*", JSON)
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        # What Django itself would stumble over, the API answers in its own shape.
        and "charset" not in said.get("CONTENT_TYPE", "").lower()
        and len(said.get("QUERY_STRING", "")) < LONGEST
    )


def _answer(
    request: HttpRequest, api: Api, what: str, whose: Callable[[HttpRequest, int], Asker | None]
) -> HttpResponse:
    asker = _asker(request)
    if asker is None:
        return api(request)
    about = whose(request, asker.pk)
    if about is None or not _may_ask(request, asker):
        return api(request)
    fresh: list[HttpResponse] = []

    def make() -> bytes | None:
        answer = api(request)
        # As Django would after the view: what comes of it may be a 304, which is not kept.
        fresh.append(answer.render() if isinstance(answer, Response) else answer)
        return fresh[0].content if fresh[0].status_code == 200 else None

    body = kept(what, _key(request, what, about, asker.viewer), make, seconds=SECONDS)
    # Made just now: with all that the API says beside it, also where it failed.
    if fresh:
        return fresh[0]
    return _sent(request, body, is_public=what == "similar") if body else api(request)


def _sent(request: HttpRequest, body: bytes, *, is_public: bool) -> HttpResponse:
    tag = quote_etag(hashlib.md5(body, usedforsecurity=False).hexdigest())
    answer = HttpResponse(body, content_type=JSON, headers={"ETag": tag})
    if is_public:
        patch_cache_control(answer, public=True, max_age=60)
    else:
        patch_cache_control(answer, private=True, no_cache=True)
        patch_vary_headers(answer, ["Accept", "Authorization", "Cookie"])
    return get_conditional_response(request, etag=tag, response=answer) or answer


def _may_ask(request: HttpRequest, asker: Asker) -> bool:
    """Counted here; the API does not count a second time."""
    may = Throttle().may_ask(asker.pk or None, limits.address_of(request))
    request.is_counted = may  # type: ignore[attr-defined]  # read by the throttle
    return may


def _key(request: HttpRequest, what: str, about: Asker, viewer: tuple[str, bool]) -> str:
    question = (
        request.get_host(), request.scheme, request.META.get("QUERY_STRING", ""), about[:2], viewer,
        settings.SHOW_ADULT, settings.ADULT_ON_REQUEST, timezone.localdate(), _served(),
    )  # fmt: skip
    return f"{what}:{hashlib.sha256(repr(question).encode()).hexdigest()[:40]}"


# --- who, in a question each that is put together once


def _asker(request: HttpRequest) -> Asker | None:
    """None where the API has to say what is wrong."""
    said = request.headers.get("Authorization")
    if said is None:
        return NOBODY
    keyword, _, key = said.partition(" ")
    if keyword not in ("Bearer", "Token") or not key.isascii():
        return None
    row = _by_digest.first(digest_of(key))
    if row is None:
        return None
    token, *member = row
    _note_use(token)
    return Asker(member[0], member[1], (member[2], bool(member[3])))


def _whose(request: HttpRequest, asker: int) -> Asker | None:
    """Whose list it is about: the asker's own, or that of a member who shows it to everybody."""
    wanted = request.GET.get("user_id")
    if wanted is None:
        return Asker(asker, _version_of.first(asker)[0], NOBODY.viewer) if asker else None
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 19):
        return None
    row = _public.first(int(wanted)) if int(wanted) != asker else _version_of.first(asker)
    return Asker(int(wanted), row[0], NOBODY.viewer) if row else None


def _nobody(request: HttpRequest, asker: int) -> Asker:
    return NOBODY


_noted: dict[int, float] = {}


def _note_use(token: int) -> None:
    """At most once a minute in each process, and once a minute of all."""
    now = time.monotonic()
    if now - _noted.get(token, -A_WHILE.total_seconds()) < A_WHILE.total_seconds():
        return
    if len(_noted) > 10_000:
        _noted.clear()
    _noted[token] = now
    moment = timezone.now()
    old = Q(used_at=None) | Q(used_at__lt=moment - A_WHILE)
    AccessToken.objects.filter(old, pk=token).update(used_at=moment)


class Prepared:
    """A query whose SQL is put together once: for the value that comes where `stands_for` is."""

    def __init__(self, made: Callable[[Any], "QuerySet[Any, Any]"], stands_for: Any) -> None:
        self.made, self.stands_for = made, stands_for
        self.sql: dict[str, tuple[str, tuple[Any, ...]]] = {}

    def rows(self, value: Any = None) -> list[tuple[Any, ...]]:
        sql, names = self._sql()
        given = [value if name == self.stands_for else name for name in names]
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    def first(self, value: Any) -> Any:
        rows = self.rows(value)
        return rows[0] if rows else None

    def _sql(self) -> tuple[str, tuple[Any, ...]]:
        vendor = connection.vendor
        if vendor not in self.sql:
            query = self.made(self.stands_for).query
            self.sql[vendor] = query.get_compiler(connection=connection).as_sql()
        return self.sql[vendor]


_by_digest = Prepared(
    lambda digest: AccessToken.objects.filter(digest=digest, member__is_active=True).values_list(
        "pk", "member", "member__list_version", "member__title_language", "member__wants_adult"
    ),
    "-" * 64,
)
_version_of = Prepared(lambda pk: User.objects.filter(pk=pk).values_list("list_version"), -1)
_public = Prepared(
    lambda pk: User.objects.shown_to(None).filter(pk=pk).values_list("list_version"), -1
)
_versions = Prepared(
    lambda _: (
        TrainedModel.objects.active()
        .order_by()
        .values_list("pk", Value(0, IntegerField()))
        .union(CatalogueVersion.objects.values_list("number", Value(1, IntegerField())), all=True)
    ),
    None,
)


def _served() -> list[tuple[Any, ...]]:
    """Which models are served, and the catalogue's version."""
    return sorted(_versions.rows())
