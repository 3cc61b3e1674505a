"""What the members' lists say beside a title: how far one is with its family, and who gave what."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from catalog.charts import csv_answer
from catalog.family import Family
from catalog.models import Anime
from ratings import histogram
from ratings.gate import PageRequest
from ratings.marking import marked
from ratings.models import User


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def family(request: PageRequest, mal_id: int) -> HttpResponse:
    """The member's own marks on the covers of a family; htmx puts each in its place."""
    anime = _title(mal_id)
    found = marked(_member(request), Family.of(anime))
    context = {"anime": anime, "marked": found, "part": "ratings/_family_list.html"}
    page = {"heading": "Its family and you", **context}
    if request.htmx:
        return render(request, "ratings/_family.html", context)
    return render(request, "catalog/part.html", page)


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def scores(request: PageRequest, mal_id: int) -> HttpResponse:
    anime = _title(mal_id)
    found = histogram.scores_of(anime)
    context = {
        "anime": anime,
        "heading": "Scores",
        "part": "ratings/_scores.html",
        "chart": histogram.histogram(anime, found, _own_score(request, anime)),
        "few": histogram.few(found),
        "by_year": histogram.by_year(anime),
    }
    template = context["part"] if request.htmx else "catalog/part.html"
    return render(request, str(template), context)


@require_safe
def scores_csv(request: HttpRequest, mal_id: int) -> HttpResponse:
    found = histogram.scores_of(_title(mal_id))
    return csv_answer(f"scores-{mal_id}", histogram.COLUMNS, found.rows)


def _title(mal_id: int) -> Anime:
    return get_object_or_404(Anime.objects.visible().lean(), pk=mal_id)


def _member(request: HttpRequest) -> User | None:
    return request.user if request.user.is_authenticated else None


def _own_score(request: HttpRequest, anime: Anime) -> int | None:
    member = _member(request)
    own = member and member.list_entries.filter(anime=anime).values_list("score", flat=True).first()
    return own or None
