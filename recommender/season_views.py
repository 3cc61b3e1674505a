"""Pages and calendars of seasons: what begins when, and when the next episode is on."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from catalog.addresses import address
from catalog.models import Anime
from catalog.seasons import FIRST_YEAR, YEARS_AHEAD, SeasonOfYear
from catalog.views import calendar_answer
from recommender.cards import card_facts
from recommender.seasons import SeasonPage, Shelf, years

AN_HOUR = 3600


@require_safe
@never_cache
def current(request: HttpRequest) -> HttpResponse:
    return _page(request, SeasonOfYear.now())


@require_safe
@never_cache
def season(request: HttpRequest, year: int, name: str) -> HttpResponse:
    found = SeasonOfYear.named(year, name)
    return _page(request, found) if found else _no_such_season(request)


@require_safe
@cache_control(public=True, max_age=AN_HOUR)
def calendar(request: HttpRequest, year: int, name: str) -> HttpResponse:
    found = SeasonOfYear.named(year, name)
    if found is None:
        return _no_such_season(request)
    titles = Anime.objects.of_seasons().premiering_in(found).lean().most_watched_first()
    return calendar_answer(request, titles, f"{found} · animerec")


def _page(request: HttpRequest, season: SeasonOfYear) -> HttpResponse:
    now = timezone.now()
    member = request.user if request.user.is_authenticated else None
    asked = request.GET.get("sort", "")
    page = SeasonPage(season, member, now, sort=asked, whole=request.GET.get("all", ""))
    context = {
        "page": page,
        "shelves": [(shelf, _cards(page, shelf)) for shelf in page.shelves],
        "sort_is_unknown": asked and asked not in page.orders,
        "decades": _year_links(season, now),
        "is_current": season == SeasonOfYear.now(now),
        "followed": page.followed,
        "scores": range(1, 11),
        "here": request.get_full_path(),
    }
    return render(request, "recommender/season.html", context)


def _year_links(season: SeasonOfYear, now: datetime) -> list[list[tuple[int, str]]]:
    """The same season of every year, by decade."""
    return [
        [(year, address("recommender:season", year, season.name)) for year in decade]
        for decade in years(now)
    ]


def _cards(page: SeasonPage, shelf: Shelf) -> list[dict[str, Any]]:
    return [_card(page, title) for title in shelf.titles]


def _card(page: SeasonPage, title: Anime) -> dict[str, Any]:
    answer = page.recommended.get(title.pk)
    return {
        "anime": title,
        "note": page.note(title),
        "entry": page.entries.get(title.pk),
        "predicted": page.predicted.get(title.pk),
        "why_last": page.why_last(title),
        **(card_facts(title, answer) if answer else {}),
    }


def _no_such_season(request: HttpRequest) -> HttpResponse:
    last = SeasonOfYear.now().year + YEARS_AHEAD
    bounds = {"first": FIRST_YEAR, "last": last}
    return render(request, "recommender/no_season.html", bounds, status=404)
