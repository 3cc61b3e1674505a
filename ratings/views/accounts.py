"""Signing up and in, and the account page with what is decided there at once."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from ratings import addresses, doors, guests
from ratings.account_forms import EmailForm, PreferencesForm, PublicForm, SignUpForm
from ratings.doors import Knocking
from ratings.feeds import token_of
from ratings.gate import MemberRequest, has_account, members_only, next_page
from ratings.models import User
from ratings.token_form import TokenForm

NEW_TOKEN = "new_api_token"  # noqa: S105  # where the session keeps it until it was shown
WRITTEN = "A letter is on its way to {}. Open the link in it, and the address is yours here."
TOO_MANY = "Several letters went out within this hour. Try again in an hour."
NO_MAIL = "This site cannot send mail at the moment. Nothing was changed; try again later."


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    if has_account(request.user):
        return redirect(next_page(request, resolve_url(settings.LOGIN_REDIRECT_URL)))
    guest = _guest(request)
    data = request.POST if request.method == "POST" else None
    form = SignUpForm(data, guest=guest, visitor=guests.visitors.number_of(request))
    if form.is_bound and doors.is_shut(request, "sign-up", most=settings.SIGN_UPS_PER_HOUR):
        doors.refuse(form, "tries to sign up")
    elif member := form.sign_up():
        _sign_in(request, member)
        addresses.ask_newcomer(member)
        return redirect(next_page(request, guests.landing(member)))
    context = {"form": form, "next": next_page(request, ""), "listed": _listed(guest)}
    return doors.answered(form, render(request, "ratings/sign_up.html", context))


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    after = next_page(request, resolve_url(settings.LOGIN_REDIRECT_URL))
    if has_account(request.user):
        return redirect(after)
    form = Knocking(request, request.POST if request.method == "POST" else None)
    if form.is_valid():
        _sign_in(request, form.get_user())
        return redirect(after)
    listed = _listed(_guest(request))
    context = {"form": form, "next": next_page(request, ""), "listed": listed}
    return doors.answered(form, render(request, "ratings/sign_in.html", context))


def _sign_in(request: HttpRequest, member: Any) -> None:
    taken = guests.sign_in(request, member)
    if taken and taken.sentence:
        messages.success(request, taken.sentence)


def _guest(request: HttpRequest) -> User | None:
    return request.user if request.user.is_authenticated else None


def _listed(guest: User | None) -> int:
    """How many titles would be kept."""
    return guest.list_entries.count() if guest else 0


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def account(request: MemberRequest) -> HttpResponse:
    form = PublicForm(request.POST if request.method == "POST" else None, instance=request.user)
    if form.is_valid():
        form.instance.save(update_fields=["is_public"])
        public = form.cleaned_data["is_public"]
        messages.success(request, f"Your list is now {'public' if public else 'private'}.")
        return redirect("ratings:account")
    return page(request, form=form)


@require_POST
@members_only
def preferences(request: MemberRequest) -> HttpResponse:
    """Names, hours, and titles for adults; the page again where something is wrong."""
    form = PreferencesForm(request.POST, instance=User.objects.get(pk=request.user.pk))
    if not form.is_valid():
        return page(request, preferences=form, status=400)
    form.keep()
    messages.success(request, "Kept. Every page goes by it from now on.")
    return redirect("ratings:account")


@sensitive_post_parameters()
@require_POST
@members_only
def email(request: MemberRequest) -> HttpResponse:
    """Keep an address, and write to it; or take it away."""
    member = User.objects.get(pk=request.user.pk)
    form = EmailForm(member, request.POST)
    if member.is_simulated or not form.is_valid():
        return page(request, email=form, status=400)
    try:
        asked = addresses.change(member, form.cleaned_data["email"])
    except (addresses.TooManyLetters, addresses.NoMail) as trouble:
        is_many = isinstance(trouble, addresses.TooManyLetters)
        form.add_error("email", TOO_MANY if is_many else NO_MAIL)
        return page(request, email=form, status=429 if is_many else 503)
    said = WRITTEN.format(member.email) if asked else _address_said(member)
    messages.success(request, said)
    return redirect("ratings:account")


def _address_said(member: User) -> str:
    return "That address is yours here already." if member.email else "No address of yours is kept."


def page(request: MemberRequest, status: int = 200, **forms: Any) -> HttpResponse:
    member = request.user
    context = {
        "form": PublicForm(instance=member),
        "preferences": PreferencesForm(None, instance=member),
        "email": EmailForm(member),
        "feed": _feed_address(request),
        "token": TokenForm(member),
        "tokens": member.tokens.order_by("name"),
        # Shown once, then only kept.
        "new_token": request.session.pop(NEW_TOKEN, None),
        **forms,
    }
    return render(request, "ratings/account.html", context, status=status)


def _feed_address(request: MemberRequest) -> str:
    token = token_of(request.user)
    return request.build_absolute_uri(reverse("ratings:feed", args=[token])) if token else ""
