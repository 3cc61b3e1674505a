"""The secret address of a member's calendar."""

from django.core.signing import BadSignature, Signer
from django.db.models import F

from ratings.models import User

# What stands between the parts may be in no signature.
SIGNER = Signer(salt="ratings.feeds.calendar", sep=".")
LONGEST = 100


def token_of(member: User) -> str:
    """The last part of the address; empty where the member has none."""
    if not member.calendar_generation:
        return ""
    return SIGNER.sign(f"{member.pk}-{member.calendar_generation}")


def member_of(token: str) -> User | None:
    """Whose calendar it is; None where it is nobody's, or not any more."""
    try:
        pk, _, generation = SIGNER.unsign(token[:LONGEST]).partition("-")
    except BadSignature:
        return None
    members = User.objects.filter(is_active=True, calendar_generation=int(generation))
    return members.filter(pk=int(pk)).first()


def renew(member: User) -> None:
    """Make an address, or a new one: from then on the old one is worth nothing."""
    User.objects.filter(pk=member.pk).update(calendar_generation=F("calendar_generation") + 1)
    member.refresh_from_db(fields=["calendar_generation"])
