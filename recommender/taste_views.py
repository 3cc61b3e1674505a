"""What was learned of a member's taste, and their word against it."""

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ratings.gate import MemberRequest, PageRequest, guests_welcome, next_page
from ratings.models import User
from recommender import portrait, taste, taste_rows
from recommender.belonging import UNSEEN
from recommender.compared import titles_by_id
from recommender.habits import habits_of
from recommender.own_lines import read_lines
from recommender.whereabouts import picture

SAID = {"less": "Less of", "more": "More of", "undo": "As your list says:"}


@require_safe
@never_cache
def show(request: PageRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return render(request, "recommender/taste.html", {"guest": True})
    context = _page(request)
    context |= _rest(cast(MemberRequest, request).user, context["profile"])
    return render(request, "recommender/taste.html", context)


@require_POST
@guests_welcome
def correct(request: MemberRequest) -> HttpResponse:
    kind, name = request.POST.get("kind", ""), request.POST.get("name", "")
    change = request.POST.get("change", "")
    # PostgreSQL has no NUL in a text, so no trait has one.
    if change not in SAID or "\0" in kind + name:
        raise Http404
    try:
        taste.correct(request.user, kind=kind, name=name, change=cast(taste.Change, change))
    except taste.UnknownTrait:
        raise Http404 from None
    said = f"{SAID[change]} {taste_rows.label_of(kind, name)}. Your recommendations follow."
    if request.htmx:
        return render(request, "recommender/_taste.html", {**_page(request), "said": said})
    messages.success(request, said)
    return redirect(next_page(request, reverse("recommender:taste")))


def _page(request: PageRequest) -> dict[str, Any]:
    """What is learned, and the member's word on it: the part of the page that htmx swaps."""
    profile = taste.profile_of(cast(MemberRequest, request).user)
    whole = request.GET.get("all") or request.POST.get("all") or ""
    return {
        "profile": profile,
        "sentences": taste_rows.sentences(profile),
        "shelves": taste_rows.shelves(profile, whole),
        "whole": whole,
        "here": request.get_full_path()
        if request.method != "POST"
        else reverse("recommender:taste"),
    }


def _rest(member: User, profile: taste.Profile) -> dict[str, Any]:
    """Who the member is, where they belong and how they score."""
    lines = read_lines(member)
    where, habits, group = picture(profile.atlas, lines), habits_of(lines), profile.belonging
    ids = taste_rows.named(where, habits, group)
    titles, leanings = titles_by_id(ids), taste_rows.leanings(profile)
    return {
        "leanings": leanings,
        "least_sure": taste_rows.least_sure(leanings),
        "portrait": portrait.sentences(lines),
        "where": where,
        "near": [titles[pk] for pk in (where.near if where else ()) if pk in titles],
        "far": [titles[pk] for pk in (where.far if where else ()) if pk in titles],
        "habits": habits,
        "above": [(titles[line.anime_id], line) for line in habits.above],
        "below": [(titles[line.anime_id], line) for line in habits.below],
        "belonging": group,
        "emblems": [titles[pk] for pk in (group.emblems if group else ()) if pk in titles],
        "unseen": [titles[pk] for pk in (group.unseen if group else ()) if pk in titles][:UNSEEN],
    }
