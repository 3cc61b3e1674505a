"""Answers of GET /recommend and /similar as finished bytes, sent before the site's machinery wakes.

The key of an answer names all that it depends on: who asks and the version of their list, which models
are served, the version of the catalogue, the day, how the viewer likes titles, and the whole question.
So a new rating or an activation makes exactly the answers old that it concerns, and nothing is ever
thrown out by hand. Whatever is not plain (a wrong token, another type of answer) the API answers itself.

A kept answer comes with all headers that it left the site with, so the rest of the middleware, which
costs as much as the answer, has nothing to add. What a request must pass before it is let in (its host,
TLS, how often it may ask) is looked at here.
"""

import hashlib
from collections.abc import Callable
from functools import cache, wraps
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch, resolve, reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import quote_etag

from catalog import viewing
from ratings import limits
from ratings.api.throttling import Throttle
from recommender.api import plain
from recommender.api.asking import Asker, Known, Look, look_for_list, look_for_nobody
from recommender.experiments import exposing
from recommender.experiments.spool import Line
from recommender.serving.keeping import kept_near

# What no version tells (a title that a curator hides by hand) is in the answer by then.
SECONDS, NEAR = 300, 60
JSON = "application/json"
LONGEST = 1000
Api = Callable[[HttpRequest], HttpResponse]


class Finished(NamedTuple):
    """`shown`: the list in it, where experiments count it each time it goes out."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    shown: Line | None


class FinishedMiddleware:
    """Right behind the one that counts and names requests."""

    def __init__(self, get_response: Api) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = _addresses().get(request.path_info)
        if found is None:
            return self.get_response(request)
        if not _is_plain(request):
            return _by_the_site(request, self.get_response)
        what, look, request.resolver_match = found
        return _answer(request, self.get_response, what, look)


@cache
def _addresses() -> dict[str, tuple[str, Look, ResolverMatch]]:
    looks = (
        ("api-recommend", "recommend", look_for_list),
        ("api-similar", "similar", look_for_nobody),
    )
    return {reverse(name): (what, look, resolve(reverse(name))) for name, what, look in looks}


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
        and (request.is_secure() or not settings.SECURE_SSL_REDIRECT)
    )


def _answer(request: HttpRequest, site: Api, what: str, look: Look) -> HttpResponse:
    known = look(request)
    if known is None or not _may_ask(request, known.asker):
        return _by_the_site(request, site)
    # Read by the view, which need not ask again.
    request.known = known  # type: ignore[attr-defined]
    fresh: list[HttpResponse] = []

    def make() -> Finished | None:
        fresh.append(site(request))
        if fresh[0].status_code != 200 or fresh[0].cookies:
            return None
        return Finished(tuple(fresh[0].items()), fresh[0].content, _shown_in(request))

    found = kept_near(what, _key(request, what, known), make, seconds=SECONDS, near=NEAR)
    # Made just now, also where it failed.
    if fresh:
        exposing.note(_shown_in(request))
        return fresh[0]
    return _sent(request, found) if found else _by_the_site(request, site)


def _by_the_site(request: HttpRequest, site: Api) -> HttpResponse:
    answer = site(request)
    exposing.note(_shown_in(request))
    return answer


def _shown_in(request: HttpRequest) -> Line | None:
    return getattr(request, "shown", None)


def _sent(request: HttpRequest, found: Finished) -> HttpResponse:
    exposing.note(found.shown)
    answer = HttpResponse(found.body, headers=dict(found.headers))
    return get_conditional_response(request, etag=answer["ETag"], response=answer) or answer


def _may_ask(request: HttpRequest, asker: Asker) -> bool:
    """Counted here; the API does not count a second time."""
    may = getattr(request, "is_counted", False) or Throttle().may_ask(
        asker.pk or None, limits.address_of(request)
    )
    request.is_counted = may  # type: ignore[attr-defined]  # read by the throttle
    return may


def _key(request: HttpRequest, what: str, known: Known) -> str:
    question = (
        request.get_host(), request.scheme, request.META.get("QUERY_STRING", ""), known.about[:2],
        known.asker.viewer, _takes_part(known), settings.SHOW_ADULT, settings.ADULT_ON_REQUEST, timezone.localdate(),
        # Packed answers are others, and lie packed.
        known.served, "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""),
    )  # fmt: skip
    return f"{what}:{hashlib.sha256(repr(question).encode()).hexdigest()[:40]}"


def _takes_part(known: Known) -> bool:
    """In experiments: only whoever asks for their own list."""
    return known.asker.takes_part and known.asker == known.about


# --- made without the API's machinery


def recommendations(api: Api) -> Api:
    """The view of GET /recommend; other methods, and what is not plain, go straight to the API."""

    # With all that the schema and the middleware look for in a view of the API.
    @wraps(api)
    def view(request: HttpRequest) -> HttpResponse:
        known: Known | None = getattr(request, "known", None)
        body = _made(request, known) if known else None
        return _as_the_api(request, body) if body else api(request)

    return view


def _made(request: HttpRequest, known: Known) -> bytes | None:
    version, models = known.served
    return plain.answer(
        request,
        about=known.about[:2],
        viewer=viewing.Viewer(*known.asker.viewer),
        version=version or 0,
        models=models or "",
        takes_part=_takes_part(known),
    )


def _as_the_api(request: HttpRequest, body: bytes) -> HttpResponse:
    tag = quote_etag(hashlib.md5(body, usedforsecurity=False).hexdigest())
    answer = HttpResponse(body, content_type=JSON, headers={"ETag": tag})
    patch_cache_control(answer, private=True, no_cache=True)
    patch_vary_headers(answer, ["Accept", "Authorization", "Cookie"])
    return get_conditional_response(request, etag=tag, response=answer) or answer
