"""Who may act on a page, and which page comes after."""

from collections.abc import Callable
from functools import wraps
from math import ceil
from typing import Concatenate, ParamSpec, TypeGuard, TypeVar, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from ratings import guests, limits
from ratings.models import User

TOO_MANY = (
    "Too many new guests came from your address within this hour. "
    "Sign up or sign in, or try again later."
)
P = ParamSpec("P")
Answer = TypeVar("Answer", bound=HttpResponseBase)


class PageRequest(HttpRequest):
    """A request as the middleware hands it on."""

    htmx: HtmxDetails


class MemberRequest(PageRequest):
    """The same from a member, a guest, or a stranger who only looks."""

    user: User


View = Callable[Concatenate[MemberRequest, P], Answer]
Guarded = Callable[Concatenate[HttpRequest, P], Answer | HttpResponse]


def has_account(user: object) -> TypeGuard[User]:
    return isinstance(user, User) and user.is_authenticated and not user.is_guest


def members_only(view: View[P, Answer]) -> Guarded[P, Answer]:
    """For accounts: others are sent to sign in, or a guest to sign up, and from there back."""

    @wraps(view)
    def guarded(
        request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> Answer | HttpResponse:
        if has_account(request.user):
            return view(cast(MemberRequest, request), *args, **kwargs)
        return _to_the_door(cast(PageRequest, request), kwargs.get("mal_id"))

    return guarded


def known_only(view: View[P, Answer]) -> Guarded[P, Answer]:
    """For whoever has anything here already, accounts and guests."""

    @wraps(view)
    def guarded(
        request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> Answer | HttpResponse:
        if request.user.is_authenticated:
            return view(_welcomed(request), *args, **kwargs)
        return _to_the_door(cast(PageRequest, request), kwargs.get("mal_id"))

    return guarded


def guests_welcome(view: View[P, Answer]) -> Guarded[P, Answer]:
    """For everybody: a change makes a guest of a stranger, a mere look shows an empty list."""

    @wraps(view)
    def guarded(
        request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> Answer | HttpResponse:
        try:
            return view(_welcomed(request), *args, **kwargs)
        except guests.TooManyGuests:
            return _too_many(cast(PageRequest, request))

    return guarded


def _welcomed(request: HttpRequest) -> MemberRequest:
    """The request of somebody who can be asked for a list."""
    member = request.user
    if isinstance(member, User) and member.is_authenticated:
        if member.is_guest:
            guests.stay(request, member)
    elif request.method == "POST":
        guests.welcome(request)
    else:
        request.user = guests.stranger()
    return cast(MemberRequest, request)


def _too_many(request: PageRequest) -> HttpResponse:
    left = limits.seconds_left()
    if request.htmx:
        # The script loads the page anew, which says it.
        messages.error(request, TOO_MANY)
        answer = HttpResponse("<!doctype html>", status=429)
    else:
        context = {"minutes": ceil(left / 60), "page": next_page(request, reverse("home"))}
        answer = render(request, "429.html", context, status=429)
    answer["Retry-After"] = str(left)
    return answer


def _to_the_door(request: PageRequest, mal_id: object) -> HttpResponse:
    """To sign in; a guest to sign up."""
    if request.user.is_authenticated:
        messages.info(request, "That takes an account.")
    door = "ratings:sign-up" if request.user.is_authenticated else settings.LOGIN_URL
    answer = redirect_to_login(_page_of(request, mal_id), resolve_url(door))
    # A fragment has no room for a sign-in page: the whole window goes there.
    return HttpResponseClientRedirect(answer.url) if request.htmx else answer


def _page_of(request: PageRequest, mal_id: object) -> str:
    """The page the request came from; an address that only takes POST is none."""
    if request.method != "POST" and not request.htmx:
        return request.get_full_path()
    home = reverse("catalog:anime", args=[mal_id]) if mal_id is not None else "/"
    return request.htmx.current_url_abs_path or next_page(request, home)


def next_page(request: HttpRequest, default: str) -> str:
    """Where `next` leads when that is a page of this site, else `default`."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    hosts = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(asked, hosts, require_https=request.is_secure())
    # A word is no address: `redirect` would look for a view of that name.
    return asked if is_ours and asked.startswith(("/", "http://", "https://")) else default
