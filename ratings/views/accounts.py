"""Signing up, in and out, and what a member decides about their account."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework.authtoken.models import Token

from ratings.feeds import token_of
from ratings.forms import PublicForm, SignUpForm
from ratings.gate import MemberRequest, members_only, next_page

NEW_TOKEN = "new_api_token"  # noqa: S105  # where the session keeps it until it was shown


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(next_page(request, resolve_url(settings.LOGIN_REDIRECT_URL)))
    form = SignUpForm(request.POST if request.method == "POST" else None)
    if member := form.sign_up():
        login(request, member)
        return redirect(next_page(request, resolve_url(settings.SIGN_UP_REDIRECT_URL)))
    return render(request, "ratings/sign_up.html", {"form": form, "next": next_page(request, "")})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def account(request: MemberRequest) -> HttpResponse:
    form = PublicForm(request.POST if request.method == "POST" else None, instance=request.user)
    if form.is_valid():
        form.save()
        public = form.cleaned_data["is_public"]
        messages.success(request, f"Your list is now {'public' if public else 'private'}.")
        return redirect("ratings:account")
    context = {
        "form": form,
        "feed": _feed_address(request),
        "has_token": Token.objects.filter(user=request.user).exists(),
        # Shown once, then only kept.
        "new_token": request.session.pop(NEW_TOKEN, None),
    }
    return render(request, "ratings/account.html", context)


def _feed_address(request: MemberRequest) -> str:
    token = token_of(request.user)
    return request.build_absolute_uri(reverse("ratings:feed", args=[token])) if token else ""


@require_POST
@members_only
def renew_token(request: MemberRequest) -> HttpResponse:
    """Make the member's API token; an old one is worth nothing from then on."""
    key = Token.generate_key()
    if not Token.objects.filter(user=request.user).update(key=key):
        key = Token.objects.get_or_create(user=request.user, defaults={"key": key})[0].key
    request.session[NEW_TOKEN] = key
    return redirect("ratings:account")


@require_POST
@members_only
def delete_token(request: MemberRequest) -> HttpResponse:
    Token.objects.filter(user=request.user).delete()
    messages.success(request, "Your API token works no more.")
    return redirect("ratings:account")
