"""Strangers and guests, as browsers make them."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Anime
from ratings.models import Origin, User

PASSWORD = "lantern-on-the-quay"
SIGN_UP, SIGN_IN = reverse("ratings:sign-up"), reverse("ratings:sign-in")


def rate(client: Client, anime: Anime, score: int = 8, **more: object):
    return client.post(reverse("ratings:rate", args=[anime.pk]), {"score": score}, **more)


def guest_of(client: Client) -> User:
    return User.objects.get(pk=client.session["_auth_user_id"], origin=Origin.GUEST)


def idle(guest: User, days: int) -> None:
    """As if they had come, and changed anything, so many days ago."""
    then = timezone.now() - timedelta(days=days)
    User.objects.filter(pk=guest.pk).update(last_login=then, date_joined=then)
    guest.list_entries.update(rated_at=then)


def sign_up(client: Client, name: str = "ines", **more: str):
    both = {"password1": PASSWORD, "password2": PASSWORD}
    return client.post(SIGN_UP, {"username": name, **both, **more})


def sign_in(client: Client, name: str = "ines", **more: str):
    return client.post(SIGN_IN, {"username": name, "password": PASSWORD, **more})
