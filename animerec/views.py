"""Pages that belong to no app: home, errors, health."""

import sys

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseServerError, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from animerec import metrics as numbers
from animerec.health import state_of_dependencies
from animerec.home import shelves_for_everybody, shelves_of
from catalog.api.problems import AWAY, MEDIA_TYPE, Unavailable, problem
from catalog.viewing import for_everybody
from ratings import doors

# So many covers lie fanned out beside the greeting of a stranger.
FAN = 5


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """What this is, where to begin, and what is worth looking at; for a member, where they are."""
    member = request.user
    if member.is_authenticated:
        return render(request, "home.html", {"shelves": shelves_of(member)})
    shelves = shelves_for_everybody()
    _, loved, watched = (shelf.titles for shelf in shelves)
    fan = list(dict.fromkeys([*loved[:3], *watched[:6:2]]))[:FAN]
    return render(request, "home.html", {"shelves": shelves, "fan": fan})


@never_cache
def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """The admin's own door, which answers 429 once it is shut."""
    answer = admin.site.login(request)
    if isinstance(answer, TemplateResponse) and answer.context_data:
        return doors.answered(answer.context_data["form"], answer)
    return answer


@for_everybody
@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus; not there for whoever may not ask."""
    address, said = request.META.get("REMOTE_ADDR", ""), request.headers.get("Authorization", "")
    if not numbers.may_scrape(address, said):
        raise Http404
    return HttpResponse(numbers.scraped(), content_type=numbers.CONTENT_TYPE_LATEST)


@for_everybody
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """This process runs; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@for_everybody
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """What the site leans on answers; 503 says which does not."""
    found = state_of_dependencies()
    down = "down" in found.values()
    return JsonResponse({"status": "down" if down else "ok", **found}, status=503 if down else 200)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of the site; or, while the database is away, that it cannot answer now."""
    if isinstance(sys.exc_info()[1], AWAY):
        return _unavailable(request)
    # Without the request: whatever broke may break its context too.
    return HttpResponseServerError(render_to_string("500.html"))


def _unavailable(request: HttpRequest) -> HttpResponse:
    headers = {"Retry-After": str(Unavailable.wait), "Cache-Control": "no-store"}
    if not request.path.startswith("/api/"):
        return HttpResponse(render_to_string("503.html"), status=503, headers=headers)
    # What fails before the API's own machinery wakes.
    body = problem(Unavailable.default_code, Unavailable.default_detail)
    body["request_id"] = request.request_id  # type: ignore[attr-defined]  # the outermost middleware's
    return JsonResponse(body, status=503, content_type=MEDIA_TYPE, headers=headers)
