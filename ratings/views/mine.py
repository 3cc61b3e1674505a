"""What I gave a title: seen and changed from its page, from a card and from my list."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from catalog.models import Anime
from ratings.forms import EpisodesForm, ScoreForm, StatusForm
from ratings.gate import MemberRequest, PageRequest, guests_welcome, next_page
from ratings.models import UserAnimeRating, WatchStatus

# What a change is answered with, by the place it was made in.
SHAPES = {
    "controls": "ratings/_mine_controls.html",
    "row": "ratings/_row.html",
    "card": "ratings/_on_card.html",
}
# In this shape the page under `next` answers itself, as it does without htmx.
OF_NEXT_PAGE = "next"
LIST_CHANGED = "list-changed"


@require_safe
@never_cache
def mine(request: PageRequest, mal_id: int) -> HttpResponse:
    anime = _title(mal_id)
    template = "ratings/_mine.html" if request.htmx else "ratings/mine.html"
    return render(request, template, _facts(request, anime))


@require_POST
@guests_welcome
def rate(request: MemberRequest, mal_id: int) -> HttpResponse:
    anime = _title(mal_id)
    form = ScoreForm(request.POST)
    if not form.is_valid():
        return _refused(request, anime, form)
    score = form.cleaned_data["score"]
    # Nothing was given, so there is nothing to take back, and no reason to list the title.
    if score is not None or _entry(request, anime):
        request.user.rate(anime, score=score)
    said = (
        "You took your score back." if score is None else f"You gave it {_article(score)} {score}."
    )
    return _changed(request, anime, said)


@require_POST
@guests_welcome
def status(request: MemberRequest, mal_id: int) -> HttpResponse:
    anime = _title(mal_id)
    form = StatusForm(request.POST)
    if not form.is_valid():
        return _refused(request, anime, form)
    entry = request.user.set_status(anime, form.cleaned_data["status"])
    return _changed(request, anime, f"On your list: {entry.get_status_display()}.")


@require_POST
@guests_welcome
def episodes(request: MemberRequest, mal_id: int) -> HttpResponse:
    anime = _title(mal_id)
    form = EpisodesForm(anime, request.POST)
    if not form.is_valid():
        return _refused(request, anime, form)
    entry = request.user.set_watched(anime, form.cleaned_data["episodes"])
    return _changed(request, anime, f"You have seen {entry.episodes_words(anime.episodes)}.")


@require_POST
@guests_welcome
def forget(request: MemberRequest, mal_id: int) -> HttpResponse:
    anime = _title(mal_id)
    request.user.forget(anime)
    return _changed(request, anime, "Taken off your list.")


def _title(mal_id: int) -> Anime:
    return get_object_or_404(Anime.objects.visible().defer("synopsis", "search_text"), pk=mal_id)


def _entry(request: HttpRequest, anime: Anime) -> UserAnimeRating | None:
    if not request.user.is_authenticated:
        return None
    return request.user.list_entries.filter(anime=anime).first()


def _facts(request: HttpRequest, anime: Anime, **more: Any) -> dict[str, Any]:
    entry = _entry(request, anime)
    if entry:
        entry.anime = anime
    choices = {"scores": range(1, 11), "statuses": WatchStatus.choices}
    here = next_page(request, request.get_full_path())
    followed = request.user.followed_among([anime]) if request.user.is_authenticated else set()
    facts: dict[str, Any] = {
        "anime": anime,
        "entry": entry,
        "is_own": True,
        "here": here,
        "followed": followed,
    }
    seen = (entry.shown_episodes or 0) if entry else 0
    # Nobody counts to one, nor before the first episode is shown.
    if anime.episodes != 1 and anime.status != "upcoming":
        facts["counter"] = {"seen": seen, "next": seen + 1, "is_last": seen == anime.episodes}
    return {**facts, **choices, **more}


def _changed(request: MemberRequest, anime: Anime, said: str) -> HttpResponse:
    shape = request.POST.get("shape", "")
    if not request.htmx or shape == OF_NEXT_PAGE:
        messages.success(request, f"{anime.display_title}: {said}")
        return redirect(next_page(request, anime.get_absolute_url()))
    template = SHAPES.get(shape, SHAPES["controls"])
    answer = render(request, template, _facts(request, anime, said=said))
    # What else on the page tells of the list asks anew.
    return trigger_client_event(answer, LIST_CHANGED)


def _refused(request: MemberRequest, anime: Anime, form: forms.Form) -> HttpResponse:
    problem = " ".join(str(error) for errors in form.errors.values() for error in errors)
    shape = SHAPES["row" if request.POST.get("shape") == "row" else "controls"]
    template = shape if request.htmx else "ratings/mine.html"
    return render(request, template, _facts(request, anime, problem=problem), status=400)


def _article(score: int) -> str:
    return "an" if score == 8 else "a"
