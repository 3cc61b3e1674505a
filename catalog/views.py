"""Pages of the catalogue: browse, one title, its drawn cover."""

from collections.abc import Iterable
from hashlib import md5

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from catalog.broadcasts import countdown
from catalog.calendars import calendar_of
from catalog.charts import csv_answer
from catalog.covers import draw_cover
from catalog.etl.attributions import attributions
from catalog.family import Family
from catalog.filtersets import AnimeFilter
from catalog.models import Anime
from catalog.popularity import COLUMNS, popularity, rows_of, snapshots_of
from catalog.viewing import for_everybody

PAGE = 24
A_WEEK = 7 * 24 * 3600


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def browse(request: HttpRequest) -> HttpResponse:
    # A NUL is in no name and no database takes it.
    asked = request.GET.copy()
    for name, values in request.GET.lists():
        asked.setlist(name, [value.replace("\x00", "") for value in values])
    found = AnimeFilter(asked, queryset=Anime.objects.visible())
    page = Paginator(found.ordered().lean(), PAGE).get_page(asked.get("page"))
    swap = request.headers.get("HX-Target") == "results"
    context = {
        "filter": found,
        "form": found.form,
        "page": page,
        "numbers": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "titles": page.object_list,
        "swap": swap,
    }
    return render(request, "catalog/_results.html" if swap else "catalog/browse.html", context)


@require_safe
def anime(request: HttpRequest, mal_id: int) -> HttpResponse:
    # The records of its sources, for the thanks that they ask for.
    titles = Anime.objects.visible().for_page().prefetch_related("source_records")
    title = get_object_or_404(titles, pk=mal_id)
    days = snapshots_of(title)
    return render(
        request,
        "catalog/anime.html",
        {
            "anime": title,
            "family": Family.of(title),
            "countdown": countdown(title, timezone.now()),
            "attributions": attributions(told.source for told in title.source_records.all()),
            "popularity": popularity(title, days),
            "only_day": days[0] if len(days) == 1 else None,
            "address": request.build_absolute_uri(title.get_absolute_url()),
        },
    )


@require_safe
def popularity_csv(request: HttpRequest, mal_id: int) -> HttpResponse:
    title = get_object_or_404(Anime.objects.visible().only("pk"), pk=mal_id)
    return csv_answer(f"popularity-{mal_id}", COLUMNS, rows_of(snapshots_of(title)))


@for_everybody
@require_safe
@cache_control(public=True, max_age=A_WEEK)
def cover(request: HttpRequest, mal_id: int) -> HttpResponse:
    title = get_object_or_404(Anime.objects.visible().with_family().for_cards(), pk=mal_id)
    names = [genre.name for genre in title.genres.all()]
    svg = draw_cover(mal_id, title.usual_title, names, family=title.family)  # type: ignore[attr-defined]  # annotated
    # By what is drawn: a title that is renamed or gets another genre has another cover.
    tag = quote_etag(md5(svg.encode(), usedforsecurity=False).hexdigest())
    fresh = HttpResponse(svg, content_type="image/svg+xml", headers={"ETag": tag})
    return get_conditional_response(request, etag=tag, response=fresh) or fresh


def calendar_answer(request: HttpRequest, titles: Iterable[Anime], name: str) -> HttpResponse:
    """The titles as a calendar to subscribe to."""
    site = f"{request.scheme}://{request.get_host()}"
    data = calendar_of(titles, name=name, site=site, now=timezone.now())
    return HttpResponse(data, content_type="text/calendar; charset=utf-8")
