"""E-mail addresses of members: said, shown to be theirs, and written to."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.core.mail import send_mail
from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from catalog.queue import QUEUE_IS_GONE
from ratings import limits
from ratings.models import User

# Of no use for anything else that is signed here.
SIGNER = TimestampSigner(salt="ratings.addresses.confirm")
VALID = timedelta(days=3)
LONGEST = 1000
# So many letters an hour to one member, and to one address whose password somebody forgot.
CONFIRMATIONS, RESETS = 5, 3


class TooManyLetters(Exception):
    """So many have been sent within the hour."""


class NoMail(Exception):
    """Nobody is there to send a letter."""


def change(member: User, address: str) -> bool:
    """Keep the address, and ask it whether it is the member's; False where it was known to be.

    TooManyLetters and NoMail where nobody can be asked now: then nothing has changed.
    """
    if address == member.email and address == member.confirmed_email:
        return False
    if address and limits.is_over("confirmations", str(member.pk), most=CONFIRMATIONS):
        raise TooManyLetters
    with _mail(), transaction.atomic():
        User.objects.filter(pk=member.pk).update(email=address, confirmed_email="")
        member.email, member.confirmed_email = address, ""
        if address:
            _ask(member)
    return bool(address)


def ask_newcomer(member: User) -> None:
    """After signing up, which does not fail for want of mail."""
    if member.email and not member.confirmed_email:
        try:
            change(member, member.email)
        except (TooManyLetters, NoMail):
            return


def token_for(member: User) -> str:
    return SIGNER.sign_object([member.pk, member.email])


def member_of(token: str) -> User | None:
    """Whose address it is; None where the link is too old, was changed, or the address is another by now."""
    try:
        pk, address = SIGNER.unsign_object(token[:LONGEST], max_age=VALID)
    except (BadSignature, ValueError):
        return None
    return User.objects.filter(pk=pk, email=address, is_active=True).exclude(email="").first()


def confirm(member: User) -> None:
    # Only while it is still the same: it may have been changed in another window.
    User.objects.filter(pk=member.pk, email=member.email).update(confirmed_email=member.email)


def write_confirmation(member_id: int) -> None:
    """The worker's part."""
    member = User.objects.filter(pk=member_id).exclude(email="").first()
    if member is None or member.confirmed_email == member.email:
        return
    path = reverse("ratings:confirm-email", args=[token_for(member)])
    facts = {"member": member, "link": settings.SITE_URL + path, "days": VALID.days}
    subject = render_to_string("ratings/mail/confirm_subject.txt", facts).strip()
    send_mail(subject, render_to_string("ratings/mail/confirm.txt", facts), None, [member.email])


# --- a forgotten password


def ask_for_reset(address: str) -> None:
    """The same work for every address: whether anybody has it only the worker looks up."""
    from ratings.tasks import write_reset

    with _mail():
        write_reset.delay(address)


def write_resets(address: str) -> None:
    """The worker's part: a letter for each account that has shown the address to be its own."""
    form = ConfirmedResetForm({"email": address})
    if not form.is_valid() or limits.is_over("resets", address.casefold(), most=RESETS):
        return
    site = urlsplit(settings.SITE_URL)
    form.save(
        domain_override=site.netloc,
        use_https=site.scheme == "https",
        subject_template_name="ratings/mail/reset_subject.txt",
        email_template_name="ratings/mail/reset.txt",
    )


class ConfirmedResetForm(PasswordResetForm):
    def get_users(self, email: str) -> Any:
        found = User.objects.filter(confirmed_email__iexact=email, is_active=True)
        # What is written to is `email`, and it must be the one that was confirmed.
        return [one for one in found if one.has_usable_password() and one.email == one.confirmed_email]  # fmt: skip


def _ask(member: User) -> None:
    from ratings.tasks import write_confirmation

    transaction.on_commit(lambda: write_confirmation.delay(member.pk))


@contextmanager
def _mail() -> Iterator[None]:
    try:
        yield
    except QUEUE_IS_GONE as gone:
        raise NoMail from gone
