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
from django.db.models import Aggregate, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import quote_etag
from rest_framework.response import Response

from catalog import viewing
from catalog.models import CatalogueVersion
from catalog.prepared import Prepared
from ratings import limits
from ratings.api.throttling import Throttle
from ratings.models import AccessToken, User
from ratings.models.token import A_WHILE, digest_of
from recommender.api import plain as plain_answers
from recommender.models import TrainedModel
from recommender.serving.keeping import kept

# What no version tells (a title that a curator hides by hand) is in the answer by then.
SECONDS = 300
JSON = "application/json"
LONGEST = 1000
Api = Callable[[HttpRequest], HttpResponse]


class Asker(NamedTuple):
    """Who asks, or whose list is asked for: 0 for nobody in particular. `viewer`: how they like titles."""

    pk: int
    list_version: int
    viewer: tuple[str, bool]


# The catalogue's version, and which models are served.
Served = tuple[Any, ...]
NOTHING: Served = ()
NOBODY = Asker(0, 0, (viewing.NOBODY.language, viewing.NOBODY.adult))


def recommendations(api: Api) -> Api:
    """The view of GET /recommend; other methods go straight to the API."""
    return _before(api, "recommend", _look_for_list, _recommended)


def similar(api: Api) -> Api:
    return _before(api, "similar", _look_for_nobody)


def _before(api: Api, what: str, look: "Look", plain: "Plain | None" = None) -> Api:
    # With all that the schema and the middleware look for in a view of the API.
    @wraps(api)
    def view(request: HttpRequest) -> HttpResponse:
        return _answer(request, api, what, look, plain) if _is_plain(request) else api(request)

    return view


def _recommended(request: HttpRequest, known: "Known") -> bytes | None:
    version, models = known.served
    return plain_answers.answer(
        request,
        about=known.about[:2],
        viewer=viewing.Viewer(*known.asker.viewer),
        version=version or 0,
        models=models or "",
    )


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
    request: HttpRequest, api: Api, what: str, look: "Look", plain: "Plain | None"
) -> HttpResponse:
    known = look(request)
    if known is None or not _may_ask(request, known.asker):
        return api(request)
    fresh: list[HttpResponse] = []

    def make() -> bytes | None:
        if plain and (body := plain(request, known)):
            return body
        answer = api(request)
        # As Django would after the view: what comes of it may be a 304, which is not kept.
        fresh.append(answer.render() if isinstance(answer, Response) else answer)
        return fresh[0].content if fresh[0].status_code == 200 else None

    body = kept(what, _key(request, what, known), make, seconds=SECONDS)
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


def _key(request: HttpRequest, what: str, known: "Known") -> str:
    question = (
        request.get_host(), request.scheme, request.META.get("QUERY_STRING", ""), known.about[:2],
        known.asker.viewer, settings.SHOW_ADULT, settings.ADULT_ON_REQUEST, timezone.localdate(),
        known.served,
    )  # fmt: skip
    return f"{what}:{hashlib.sha256(repr(question).encode()).hexdigest()[:40]}"


# --- who asks about whom, and what is served: one question, two where a token asks for another's list


class Known(NamedTuple):
    asker: Asker
    about: Asker
    served: Served


# None where it takes the API itself.
Plain = Callable[[HttpRequest, Known], bytes | None]
# None where the API has to say what is wrong.
Look = Callable[[HttpRequest], Known | None]


def _look_for_list(request: HttpRequest) -> Known | None:
    """Whose list it is about: the asker's own, or that of a member who shows it to everybody."""
    wanted, said = request.GET.get("user_id"), request.headers.get("Authorization")
    if wanted is not None and not (wanted.isascii() and wanted.isdigit() and len(wanted) < 19):
        return None
    asker, served = _by_token(said) if said is not None else (NOBODY, NOTHING)
    if wanted is None or int(wanted) == asker.pk:
        return Known(asker, asker, served) if asker.pk else None
    if said is not None and not asker.pk:
        return None
    row = _shown.row(int(wanted))
    return Known(asker, _asker_in(row), row[:2]) if row else None


def _look_for_nobody(request: HttpRequest) -> Known | None:
    """The same for everybody, whatever token comes along."""
    row = _of_nobody.row(1)
    return Known(NOBODY, NOBODY, row) if row else None


def _by_token(said: str) -> tuple[Asker, Served]:
    keyword, _, key = said.partition(" ")
    if keyword not in ("Bearer", "Token") or not key.isascii():
        return NOBODY, NOTHING
    row = _of_token.row(digest_of(key))
    if row is None:
        return NOBODY, NOTHING
    _note_use(row[6], digest_of(key))
    return _asker_in(row), row[:2]


def _asker_in(row: tuple[Any, ...]) -> Asker:
    _, _, pk, version, language, adult, *_ = row
    return Asker(pk, version, (language, bool(adult)))


_noted: dict[str, float] = {}


def _note_use(token: int, digest: str) -> None:
    """At most once a minute in each process, and once a minute of all."""
    now = time.monotonic()
    if now - _noted.get(digest, -A_WHILE.total_seconds()) < A_WHILE.total_seconds():
        return
    if len(_noted) > 10_000:
        _noted.clear()
    _noted[digest] = now
    moment = timezone.now()
    old = Q(used_at=None) | Q(used_at__lt=moment - A_WHILE)
    AccessToken.objects.filter(old, pk=token).update(used_at=moment)


class Joined(Aggregate):
    """Texts with commas between them."""

    template = "STRING_AGG(%(expressions)s, ',' ORDER BY %(expressions)s)"
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return super().as_sql(
            compiler, connection, template="GROUP_CONCAT(%(expressions)s)", **more
        )


def _versions() -> dict[str, Subquery]:
    served = TrainedModel.objects.active().order_by().values(whole=Value(1))
    together = served.annotate(all_of_them=Joined(Cast("pk", TextField()))).values("all_of_them")
    catalogue = CatalogueVersion.objects.order_by().values("number")[:1]
    return {"catalogue": Subquery(catalogue), "models": Subquery(together)}


def _with_versions(members: "QuerySet[Any, Any]", *names: str) -> "QuerySet[Any, Any]":
    told = members.order_by().annotate(**_versions())
    found: QuerySet[Any, Any] = told.values_list("catalogue", "models", *names)
    return found


WHO = ("list_version", "title_language", "wants_adult")
_of_token = Prepared(
    lambda digest: _with_versions(
        AccessToken.objects.filter(digest=digest, member__is_active=True),
        "member", *(f"member__{name}" for name in WHO), "pk",
    ),
    "-" * 64,
)  # fmt: skip
_shown = Prepared(
    lambda pk: _with_versions(User.objects.shown_to(None).filter(pk=pk), "pk", *WHO), -1
)
_of_nobody = Prepared(lambda pk: _with_versions(CatalogueVersion.objects.filter(pk=pk)), -1)
