"""Who may act on a page, and which page comes after."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from ratings.models import User

P = ParamSpec("P")
Answer = TypeVar("Answer", bound=HttpResponseBase)


class PageRequest(HttpRequest):
    """A request as the middleware hands it on."""

    htmx: HtmxDetails


class MemberRequest(PageRequest):
    """The same from a member who has signed in."""

    user: User


def members_only(
    view: Callable[Concatenate[MemberRequest, P], Answer],
) -> Callable[Concatenate[HttpRequest, P], Answer | HttpResponse]:
    """Send a guest to sign in, and from there back to the page they were on."""

    @wraps(view)
    def guarded(
        request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> Answer | HttpResponse:
        if request.user.is_authenticated:
            return view(cast(MemberRequest, request), *args, **kwargs)
        return _to_sign_in(cast(PageRequest, request), kwargs.get("mal_id"))

    return guarded


def _to_sign_in(request: PageRequest, mal_id: object) -> HttpResponse:
    answer = redirect_to_login(_page_of(request, mal_id), resolve_url(settings.LOGIN_URL))
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
    return asked if is_ours else default
