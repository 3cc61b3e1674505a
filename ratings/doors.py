"""How often somebody may knock at a door: to sign in, to sign up, to ask for a new password."""

from collections.abc import Iterator
from math import ceil

from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse

from ratings import limits

TOO_MANY = "too_many"
# Beside the tries at one account from one address: at any account from it, and at one from anywhere.
# Larger, or whoever shares an address could keep others out, and anybody a member.
FROM_ADDRESS, AT_ACCOUNT = 5, 10


class Knocking(AuthenticationForm):
    """A wrong password counts; a right one does not, and opens nothing once the door is shut."""

    error_messages = {
        "invalid_login": "This name and this password do not go together.",
        "inactive": "This account is closed.",
    }

    def clean(self) -> dict[str, object]:
        knocks = list(self._knocks())
        # Counted before the password is looked at: a hundred tries at once are a hundred.
        if any(limits.is_over(what, who, most=most) for what, who, most in knocks):
            raise ValidationError(in_words("tries to sign in"), code=TOO_MANY)
        cleaned = super().clean()
        for what, who, _ in knocks:
            limits.take_back(what, who)
        return cleaned

    def _knocks(self) -> Iterator[tuple[str, str, int]]:
        account = self.cleaned_data.get("username", "").casefold()
        address = limits.address_of(self.request) if self.request else ""
        most = settings.SIGN_IN_TRIES_PER_HOUR
        yield "sign-in", f"{account} {address}", most
        yield "sign-in-from", address, most * FROM_ADDRESS
        yield "sign-in-at", account, most * AT_ACCOUNT


class AdminKnocking(Knocking, AdminAuthenticationForm):
    """The same at the admin's door, which opens to staff alone."""

    error_messages = {**AdminAuthenticationForm.error_messages, **Knocking.error_messages}


def is_shut(request: HttpRequest, what: str, *, most: int) -> bool:
    """Count one more of `what` by the address of `request`."""
    return limits.is_over(what, limits.address_of(request), most=most)


def in_words(what: str) -> str:
    minutes = ceil(limits.seconds_left() / 60)
    return f"Too many {what} within this hour. Try again in {minutes} minute{'s' * (minutes != 1)}."


def refuse(form: BaseForm, what: str) -> None:
    form.add_error(None, ValidationError(in_words(what), code=TOO_MANY))


def answered(form: BaseForm, answer: HttpResponse) -> HttpResponse:
    """`answer`, which shows `form`: 429 where that says the door is shut."""
    if form.is_bound and form.has_error(NON_FIELD_ERRORS, TOO_MANY):
        answer.status_code = 429
        answer["Retry-After"] = str(limits.seconds_left())
    return answer
