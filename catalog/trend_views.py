"""Pages of trends: all of them small, one large, and its numbers as a file."""

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from catalog.charts import Chart, csv_answer
from catalog.trends import TRENDS, Trend, drawn, overview
from catalog.trends.wishes import WishForm


@require_safe
def trends(request: HttpRequest) -> HttpResponse:
    return render(request, "catalog/trends/all.html", {"charts": overview()})


@require_safe
def trend(request: HttpRequest, slug: str) -> HttpResponse:
    one = _trend_or_404(slug)
    form, chart = _asked(request, one)
    context = {
        "trend": one,
        "others": TRENDS.values(),
        "form": form,
        "chart": chart,
        "fields": [field for field in form if field.name != "genre"],
        "genres": form["genre"] if "genre" in form.fields else None,
        # As it would be shared: without what makes no sense.
        "address": request.build_absolute_uri(f"{request.path}?{form.in_address}".rstrip("?")),
    }
    return render(request, "catalog/trends/one.html", context)


@require_safe
def trend_csv(request: HttpRequest, slug: str) -> HttpResponse:
    one = _trend_or_404(slug)
    _, chart = _asked(request, one)
    return csv_answer(f"animerec-{slug}", chart.columns, chart.rows)


def _trend_or_404(slug: str) -> Trend:
    if slug not in TRENDS:
        raise Http404
    return TRENDS[slug]


def _asked(request: HttpRequest, one: Trend) -> tuple[WishForm, Chart]:
    form = WishForm(request.GET, one.fields, list(one.ways))
    chart = drawn(one, form.wish)
    address = reverse("catalog:trend-csv", args=[one.slug])
    asked = form.in_address
    return form, replace(chart, level=1, csv=f"{address}?{asked}" if asked else address)
