"""Pages that belong to no app: home, errors, health."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from animerec.health import state_of_dependencies
from catalog.models import Anime


@dataclass(frozen=True)
class Shelf:
    id: str
    name: str
    more: str
    titles: list[Anime]


SHELF = 8


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What is worth looking at without an account."""
    titles, browse = Anime.objects.recommendable().for_cards(), reverse("catalog:browse")
    shelves = [
        Shelf(
            "watched",
            "Most watched",
            f"{browse}?sort=members",
            list(titles.most_watched_first()[:SHELF]),
        ),
        Shelf("loved", "Best loved", f"{browse}?sort=score", list(titles.best_first()[:SHELF])),
        Shelf("newest", "Newest", f"{browse}?sort=newest", list(titles.newest_first()[:SHELF])),
    ]
    context = {
        "shelves": shelves,
        "nothing": not shelves[0].titles,
        "start": f"{browse}?sort=members",
    }
    return render(request, "home.html", context)


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """This process runs; nothing else is asked."""
    return JsonResponse({"status": "ok"})


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
    return render(request, "500.html", status=500)
