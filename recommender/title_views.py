"""What the models say beside a title: how it meets the member's taste, and what stands around it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from catalog.charts import csv_answer
from catalog.models import Anime, CatalogueVersion
from ratings.gate import PageRequest
from recommender import fitting, network_chart
from recommender.experiments import exposing


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def fit(request: PageRequest, mal_id: int) -> HttpResponse:
    """Predicted score and what speaks for and against; for whoever has no list an invitation."""
    anime = _title(mal_id)
    context = {"anime": anime, "heading": "You and this title", "part": "recommender/_fit.html"}
    if request.user.is_authenticated:
        version = CatalogueVersion.now()
        context["meeting"] = fitting.meeting(request.user, anime, version)
        exposing.note_opened(request.user, anime.pk)
    template = "recommender/_fit.html" if request.htmx else "catalog/part.html"
    return render(request, template, context)


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def around(request: PageRequest, mal_id: int) -> HttpResponse:
    """The network of what is nearest to the title."""
    anime = _title(mal_id)
    context = {
        "anime": anime,
        "heading": "What stands around it",
        "part": "recommender/_network.html",
        "chart": network_chart.chart_around(anime),
    }
    template = "recommender/_network.html" if request.htmx else "catalog/part.html"
    return render(request, template, context)


@require_safe
@never_cache
def around_csv(request: HttpRequest, mal_id: int) -> HttpResponse:
    chart = network_chart.chart_around(_title(mal_id))
    rows = chart.rows if chart else []
    return csv_answer(f"around-{mal_id}", network_chart.COLUMNS, rows)


def _title(mal_id: int) -> Anime:
    return get_object_or_404(Anime.objects.visible().lean(), pk=mal_id)
