"""The quiz: a few answers, and the list says something."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from catalog.models import Anime, Genre, GenreKind
from ratings.gate import MemberRequest, PageRequest, guests_welcome, next_page
from ratings.models import User
from recommender import quiz
from recommender.favourites import GONE_AT, UnknownGenre
from recommender.models import NotSeen

# So many cards stand on the page at once.
CARDS = 5
# So many answers can be taken back on the page before all are asked for.
SAID = 6
SAID_AT_MOST = 500
LONGEST_ID = 10


@require_safe
@never_cache
@vary_on_headers("HX-Request")
@guests_welcome
def show(request: MemberRequest) -> HttpResponse:
    template = "recommender/_quiz.html" if request.htmx else "recommender/quiz.html"
    return render(request, template, _page(request, request.user))


@require_POST
@guests_welcome
def choose_genres(request: MemberRequest) -> HttpResponse:
    names = sorted(set(request.POST.getlist("genre")))
    try:
        quiz.Quiz(request.user).choose_genres(names)
    except UnknownGenre:
        raise Http404 from None
    said = f"You like {', '.join(names)}." if names else "No favourite genre."
    messages.success(request, said)
    return redirect(_after(request))


@require_POST
@guests_welcome
def say_not_seen(request: MemberRequest, mal_id: int) -> HttpResponse:
    anime = _title(mal_id)
    quiz.say_not_seen(request.user, [anime.pk])
    messages.success(request, f"{anime.display_title}: not seen.")
    return redirect(_after(request))


@require_POST
@guests_welcome
def unsay_not_seen(request: MemberRequest, mal_id: int) -> HttpResponse:
    anime = _title(mal_id)
    quiz.unsay_not_seen(request.user, [anime.pk])
    messages.success(request, f"{anime.display_title} may be asked about again.")
    return redirect(_after(request))


def _title(mal_id: int) -> Anime:
    return get_object_or_404(Anime.objects.visible().lean(), pk=mal_id)


def _after(request: MemberRequest) -> str:
    """htmx follows to the same page, and is answered with its changed part."""
    return next_page(request, reverse("recommender:quiz"))


def _page(request: PageRequest, member: User) -> dict[str, Any]:
    now = quiz.Quiz(member)
    asked = now.next_titles(CARDS, _shown(request))
    everything = request.GET.get("said") == "all"
    said = _said(member, SAID_AT_MOST if everything else SAID)
    return {
        "cards": list(Anime.objects.in_the_order_of(asked).for_cards()),
        "here": f"{reverse('recommender:quiz')}?shown={','.join(map(str, asked))}",
        "known": len(now.answers.known),
        "missing": now.answers.missing,
        "shelves": _shelves(now),
        "genres_open": request.GET.get("genres") == "open",
        "favourites": now.favourites,
        "genres_count": bool(now.favourites) and len(now.answers.known) < GONE_AT,
        "scores": range(1, 11),
        "said": said,
        "more_said": not everything and len(now.answers.not_seen) > len(said),
    }


def _shown(request: PageRequest) -> list[int]:
    """Which cards stand on the page, in their places; what is no id is passed over."""
    wanted = request.GET.get("shown", "").split(",")[:CARDS]
    return [int(pk) for pk in wanted if pk.isascii() and pk.isdigit() and len(pk) < LONGEST_ID]


def _said(member: User, most: int) -> list[NotSeen]:
    """The titles said not to be known, the last one first."""
    standing = NotSeen.objects.standing(member).filter(anime__in=Anime.objects.visible())
    rows = standing.select_related("anime").defer("anime__synopsis", "anime__search_text")
    return list(rows.order_by("-said_at", "-pk")[:most])


def _shelves(now: quiz.Quiz) -> list[dict[str, Any]]:
    """Genres first and in sight; themes and audiences under one line each."""
    labels = {
        GenreKind.GENRE: "Genres",
        GenreKind.THEME: "Themes",
        GenreKind.DEMOGRAPHIC: "Audience",
    }
    shelves = [(label, [g for g in now.genres if g.kind == kind]) for kind, label in labels.items()]
    return [_shelf(label, genres, now.favourites) for label, genres in shelves if genres]


def _shelf(label: str, genres: list[Genre], chosen: list[str]) -> dict[str, Any]:
    is_open = any(genre.name in chosen for genre in genres)
    return {"label": label, "genres": genres, "is_open": is_open}
