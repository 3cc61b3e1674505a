"""Pages that belong to no app: home, errors, health."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseServerError, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from animerec.health import state_of_dependencies
from catalog.models import Anime, Season
from catalog.querysets import AnimeQuerySet
from catalog.seasons import SeasonOfYear
from catalog.viewing import for_everybody


@dataclass(frozen=True)
class Shelf:
    id: str
    name: str
    more: str
    titles: list[Anime]


SHELF = 8
# A season with fewer titles makes no shelf.
A_SEASON = 4


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, where to begin, and what is worth looking at."""
    titles, browse = Anime.objects.recommendable().lean(), reverse("catalog:browse")
    watched = list(titles.most_watched_first()[:SHELF])
    loved = list(titles.best_first()[:SHELF])
    shelves = [
        Shelf("watched", "Most watched", browse, watched),
        Shelf("loved", "Best loved", f"{browse}?sort=score", loved),
        _newest(titles, browse),
    ]
    context = {
        "shelves": shelves,
        "fan": list(dict.fromkeys([*loved[:3], *watched[:6:2]]))[:5],
        "start": reverse("recommender:quiz"),
    }
    return render(request, "home.html", context)


def _newest(titles: AnimeQuerySet, browse: str) -> Shelf:
    """This season, or the newest of which there is anything to show."""
    this = SeasonOfYear.now()
    now = Anime.objects.of_seasons().in_season(this.name, this.year).lean()
    found = list(now.most_watched_first()[:SHELF])
    if len(found) >= A_SEASON:
        return Shelf("newest", f"This season: {this}", reverse("recommender:seasons"), found)
    season = titles.newest_season(at_least=A_SEASON)
    if season is None:
        return Shelf("newest", "Newest", f"{browse}?sort=newest", list(titles.newest_first()[:SHELF]))  # fmt: skip
    name, year = season
    found = list(titles.in_season(name, year).most_watched_first()[:SHELF])
    address = reverse("recommender:season", args=[year, name])
    return Shelf("newest", f"{Season(name).label} {year}", address, found)


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
    # Without the request: whatever broke may break its context too.
    return HttpResponseServerError(render_to_string("500.html"))
