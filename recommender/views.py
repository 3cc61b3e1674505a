"""What to watch next, what is like a title, and what not to hear of again."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from catalog.models import Anime
from ratings.gate import MemberRequest, PageRequest, guests_welcome, next_page
from ratings.models import User
from recommender import favourites, likeness_words, serving
from recommender.api.params import titles_allowed
from recommender.forms import MOST, STEP, DialsForm, WishForm, how_many
from recommender.quiz import A_FEW
from recommender.serving import Recommendation, SimilarTitle

SIMILAR_SHOWN = 12
# A card has room for two reasons.
CAUSES_NAMED = 2


@require_safe
@never_cache
@vary_on_headers("HX-Request", "HX-Target")
@guests_welcome
def for_you(request: MemberRequest) -> HttpResponse:
    form, dials = WishForm(request.GET), DialsForm(request.GET)
    top_n, models = how_many(request.GET.get("n")), serving.active_models()
    among = titles_allowed(form.wishes)
    found = serving.recommend(
        request.user, top_n=top_n, among=among, dials=dials.dials, models=models
    )
    context = {
        **_asked(form, dials),
        **_about(request.user),
        "cards": with_titles(found),
        "model": serving.active_model(models),
        "here": request.get_full_path(),
        "more": _more(form, dials, top_n) if len(found) == top_n else "",
    }
    swap = request.headers.get("HX-Target") == "results"
    template = "recommender/_found.html" if swap else "recommender/for_you.html"
    return render(request, template, context)


def _asked(form: WishForm, dials: DialsForm) -> dict[str, Any]:
    return {
        "form": form,
        "dials": dials,
        "asked": bool(form.wishes or dials.turned),
        "wrong": bool(form.errors or dials.errors),
    }


def _about(member: User) -> dict[str, Any]:
    """How much of the list there is to go by, and what else there is."""
    given = member.list_entries.of_visible_titles().summary()
    return {
        **given,
        "missing": max(0, A_FEW - given["scored"]),
        "hidden": member.feedback.count(),
        # Of a list that has begun the cards themselves tell.
        "favourites": [] if given["watched"] else favourites.names_of(member),
    }


@require_safe
@vary_on_headers("HX-Request")
def similar(request: PageRequest, mal_id: int) -> HttpResponse:
    anime = get_object_or_404(Anime.objects.visible().lean(), pk=mal_id)
    cards = with_titles(serving.similar(mal_id, top_n=SIMILAR_SHOWN))
    template = "recommender/_similar.html" if request.htmx else "recommender/similar.html"
    return render(request, template, {"anime": anime, "cards": cards})


@require_safe
@never_cache
@guests_welcome
def hidden(request: MemberRequest) -> HttpResponse:
    """What the member is not interested in, each with a way back."""
    titles = Anime.objects.visible().filter(feedback__user=request.user).order_by("-feedback__pk")
    return render(request, "recommender/hidden.html", {"titles": titles.for_cards()})


@require_POST
@guests_welcome
def dismiss(request: MemberRequest, mal_id: int) -> HttpResponse:
    anime = _title(mal_id)
    request.user.dismiss(anime)
    if request.htmx:
        return render(request, "recommender/_hidden.html", {"anime": anime})
    said = f"Hidden: {anime.display_title}. You can bring it back under Hidden titles."
    messages.success(request, said)
    return redirect(next_page(request, reverse("recommender:for-you")))


@require_POST
@guests_welcome
def undo_dismiss(request: MemberRequest, mal_id: int) -> HttpResponse:
    anime = _title(mal_id)
    request.user.undo_dismiss(anime)
    if request.htmx:
        again = serving.recommend(request.user, top_n=1, among=Anime.objects.filter(pk=mal_id))
        card = with_titles(again)[0] if again else {"anime": anime}
        return render(request, "recommender/_card.html", {"card": card})
    messages.success(request, f"{anime.display_title} may be recommended again.")
    return redirect(next_page(request, reverse("recommender:for-you")))


def with_titles(found: Iterable[Recommendation | SimilarTitle]) -> list[dict[str, Any]]:
    """Put the title beside each answer."""
    answers = {answer.anime_id: answer for answer in found}
    # An answer kept from before may name a title that is hidden since.
    titles = Anime.objects.visible().in_the_order_of(answers).for_cards()
    return [{"anime": anime, **card_facts(anime, answers[anime.pk])} for anime in titles]


def card_facts(anime: Anime, answer: Recommendation | SimilarTitle) -> dict[str, Any]:
    """What a card says beside its title."""
    if isinstance(answer, SimilarTitle):
        return {
            "shared": _shared_words(anime, answer.shared),
            "why": likeness_words.why(answer.watched, answer.alike),
            "watched": round(100 * answer.watched),
        }
    named = answer.causes[:CAUSES_NAMED]
    titles = [cause for cause in named if cause.kind == "title"]
    return {
        "recommendation": answer,
        "gave": [cause for cause in titles if cause.score],
        "watched": [cause for cause in titles if not cause.score],
        "features": [cause for cause in named if cause.kind != "title"],
        "percent": round(100 * sum(cause.share for cause in named)),
    }


def _shared_words(anime: Anime, shared: tuple[str, ...]) -> str:
    """'Mystery, Seinen; studio Lantern House'."""
    genres = {genre.name for genre in anime.genres.all()}
    words = ", ".join(name for name in shared if name in genres)
    studios = ", ".join(name for name in shared if name not in genres)
    return "; ".join(filter(None, [words, studios and f"studio {studios}"]))


def _title(mal_id: int) -> Anime:
    return get_object_or_404(Anime.objects.visible().for_cards(), pk=mal_id)


def _more(form: WishForm, dials: DialsForm, top_n: int) -> str:
    """The address with more of the same; empty where there is no more."""
    if top_n >= MOST:
        return ""
    asked = {name: str(value) for name, value in form.wishes.items()}
    return "?" + urlencode({**asked, **dials.turned, "n": top_n + STEP})
