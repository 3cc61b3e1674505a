"""What to watch next and why, and what is like a title."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from catalog.models import Anime
from ratings.gate import MemberRequest, PageRequest, guests_welcome
from ratings.guests import visitors
from recommender import datasets, favourites, serving, visits
from recommender.asking import Asked
from recommender.cards import card_facts, with_titles
from recommender.experiments import exposing
from recommender.experiments.choosing import Chosen, recommended
from recommender.experiments.trials import Trial, preview, trial_of, welcomes_strangers
from recommender.models import Variant
from recommender.quiz import A_FEW
from recommender.serving import ActiveModels
from recommender.standing import Standing, last_visit
from recommender.why import Why

__all__ = ["card_facts", "for_you", "similar", "why", "with_titles"]

SIMILAR_SHOWN = 12
MOST_DIGITS = 9


@require_safe
@never_cache
@vary_on_headers("HX-Request", "HX-Target")
@guests_welcome
def for_you(request: MemberRequest) -> HttpResponse:
    asked, models = Asked.of(request.GET), serving.active_models()
    previewed = _previewed(request)
    visitor = visitors.number_of(request)
    trial = preview(previewed) if previewed else trial_of(request.user, asked.version, visitor)
    chosen = _recommended(request, asked, models, trial)
    found, model = chosen.found, chosen.model
    cards = with_titles(found)
    if request.method == "GET":
        # Who looks after the site and tries a variant is not asked what they want.
        exposing.note(exposing.shown(trial, request.user, chosen, on_page=previewed is None))
    context = {
        "asked": asked,
        **_about(request, asked, [card["anime"].pk for card in cards]),
        "cards": cards,
        "model": model,
        "previewed": previewed,
        "here": asked.address,
        "more": asked.more(len(found)),
    }
    swap = request.headers.get("HX-Target") == "results"
    template = "recommender/_found.html" if swap else "recommender/for_you.html"
    answer = render(request, template, context)
    if not request.user.pk and visitor is None and welcomes_strangers(asked.version):
        # From the next look on they take part: whoever keeps no cookie is counted nowhere.
        visitors.give(answer)
    return answer


def _previewed(request: MemberRequest) -> Variant | None:
    """A variant that staff look at; nothing of it is counted."""
    number = request.GET.get("preview", "")
    if not request.user.is_staff or not number.isdecimal() or len(number) > MOST_DIGITS:
        return None
    variants = Variant.objects.select_related("model", "experiment")
    return variants.filter(pk=number).first()


def _recommended(
    request: MemberRequest,
    asked: Asked,
    models: ActiveModels,
    trial: Trial,
    own: datasets.OwnTitles | None = None,
) -> Chosen:
    return recommended(
        request.user,
        trial,
        models=models,
        dials=asked.dials,
        top_n=asked.top_n,
        among=asked.among,
        version=asked.version,
        own=own,
    )


def _about(request: MemberRequest, asked: Asked, shown: list[int]) -> dict[str, Any]:
    """How much of the list there is to go by, what is new, and what does not count."""
    standing = Standing.of(request.user, asked.version)
    return {
        "standing": standing,
        # A narrowed page has other titles at its top, which says nothing of what has changed.
        "news": _news(request, shown) if asked.is_plain else None,
        "missing": max(0, A_FEW - standing.scored),
        "not_counting": standing.left_out,
        # Of a list that has begun the cards themselves tell.
        "favourites": [] if standing.watched else favourites.names_of(request.user),
    }


def _news(request: MemberRequest, shown: list[int]) -> visits.News | None:
    now = timezone.now()
    if not request.user.is_authenticated:
        return None
    visit = last_visit(request.user, now)
    if request.method == "GET":
        visits.remember(request.user, visit, shown, now)
    return visits.news(visit, shown, now)


@require_safe
@never_cache
@vary_on_headers("HX-Request", "HX-Target")
@guests_welcome
def why(request: MemberRequest, mal_id: int) -> HttpResponse:
    """The exact sum behind one title, also one that the page would not show."""
    anime = get_object_or_404(Anime.objects.visible().lean(), pk=mal_id)
    asked, models = Asked.of(request.GET), serving.active_models()
    own = datasets.read_own(request.user)
    trial = trial_of(request.user, asked.version, visitors.number_of(request))
    page = {rec.anime_id: rec for rec in _recommended(request, asked, models, trial, own).found}
    found = page.get(mal_id) or serving.explain(
        request.user, mal_id, models=models, version=asked.version, own=own
    )
    is_settled = mal_id in own.settled
    entry = request.user.list_entries.filter(anime=anime).first() if is_settled else None
    context = {
        "anime": anime,
        "asked": asked,
        "why": Why.of(request.user, found, own),
        "shows_all": "all" in request.GET,
        "is_shown": mal_id in page,
        "entry": entry,
        "is_hidden": is_settled and entry is None,
        "here": asked.address if request.htmx else request.get_full_path(),
    }
    template = "recommender/_why.html" if request.htmx else "recommender/why.html"
    return render(request, template, context)


@require_safe
@vary_on_headers("HX-Request")
def similar(request: PageRequest, mal_id: int) -> HttpResponse:
    anime = get_object_or_404(Anime.objects.visible().lean(), pk=mal_id)
    cards = with_titles(serving.similar(mal_id, top_n=SIMILAR_SHOWN))
    template = "recommender/_similar.html" if request.htmx else "recommender/similar.html"
    return render(request, template, {"anime": anime, "cards": cards})
