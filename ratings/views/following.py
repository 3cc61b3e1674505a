"""Following titles, what is on next, and the member's own calendar."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_POST, require_safe

from catalog.models import Anime
from catalog.views import calendar_answer
from ratings import feeds
from ratings.following import awaited_titles, following
from ratings.gate import MemberRequest, guests_welcome, members_only, next_page

A_QUARTER_OF_AN_HOUR = 15 * 60


@require_safe
@never_cache
@guests_welcome
def show(request: MemberRequest) -> HttpResponse:
    found = following(request.user, timezone.now())
    awaited = [one.anime for one in (*found.coming, *found.unknown)]
    context = {
        "found": found,
        "followed": {anime.pk for anime in awaited},
        "here": request.get_full_path(),
        "zone": timezone.get_current_timezone_name(),
    }
    return render(request, "ratings/following.html", context)


@require_POST
@guests_welcome
def follow(request: MemberRequest, mal_id: int) -> HttpResponse:
    anime = _title(mal_id)
    request.user.follow(anime)
    return _changed(request, anime, is_followed=True)


@require_POST
@guests_welcome
def unfollow(request: MemberRequest, mal_id: int) -> HttpResponse:
    anime = _title(mal_id)
    request.user.unfollow(anime)
    return _changed(request, anime, is_followed=False)


@require_safe
@cache_control(private=True, max_age=A_QUARTER_OF_AN_HOUR)
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The address is all that is asked for: programs that read calendars cannot sign in."""
    member = feeds.member_of(token)
    if member is None:
        raise Http404
    answer = calendar_answer(request, awaited_titles(member), "Following · animerec")
    answer["X-Robots-Tag"] = "noindex"
    return answer


@require_POST
@members_only
def renew_feed(request: MemberRequest) -> HttpResponse:
    had_one = bool(request.user.calendar_generation)
    feeds.renew(request.user)
    said = "The old address works no more." if had_one else "Your calendar has an address."
    messages.success(request, said)
    return redirect("ratings:account")


def _title(mal_id: int) -> Anime:
    return get_object_or_404(Anime.objects.visible().lean(), pk=mal_id)


def _changed(request: MemberRequest, anime: Anime, *, is_followed: bool) -> HttpResponse:
    if request.htmx:
        here = next_page(request, anime.get_absolute_url())
        followed = {anime.pk} if is_followed else set()
        context = {"anime": anime, "followed": followed, "here": here}
        return render(request, "ratings/_follow.html", context)
    said = "You follow it." if is_followed else "You follow it no more."
    messages.success(request, f"{anime.display_title}: {said}")
    return redirect(next_page(request, anime.get_absolute_url()))
