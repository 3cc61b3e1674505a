"""What was learned of a member's taste, and their word against it."""

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ratings.gate import MemberRequest, PageRequest, guests_welcome, next_page
from recommender import taste, taste_rows

SAID = {"less": "Less of", "more": "More of", "undo": "As your list says:"}


@require_safe
@never_cache
def show(request: PageRequest) -> HttpResponse:
    context = _page(request) if request.user.is_authenticated else {"guest": True}
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
