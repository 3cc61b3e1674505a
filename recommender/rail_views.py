"""Beside the ranking: what comes next of what a member knows, and what is new."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from ratings.gate import MemberRequest, guests_welcome
from recommender.cards import with_titles
from recommender.continuing import next_titles
from recommender.newest import new_titles

# On For you; the page behind it has more.
NEXT_ON_RAIL, NEW_ON_RAIL = 6, 8
NEXT_SHOWN, NEW_SHOWN = 60, 48


@require_safe
@never_cache
@vary_on_headers("HX-Request")
@guests_welcome
def next_seasons(request: MemberRequest) -> HttpResponse:
    limit = NEXT_ON_RAIL if request.htmx else NEXT_SHOWN
    template = "recommender/_continue.html" if request.htmx else "recommender/continue.html"
    return render(request, template, {"titles": next_titles(request.user, limit=limit)})


@require_safe
@never_cache
@vary_on_headers("HX-Request")
@guests_welcome
def newest(request: MemberRequest) -> HttpResponse:
    found = new_titles(request.user, top_n=NEW_ON_RAIL if request.htmx else NEW_SHOWN)
    cards = with_titles(found.found) if found else []
    template = "recommender/_newest.html" if request.htmx else "recommender/newest.html"
    return render(request, template, {"newest": found, "cards": cards})
