"""Members without an account: how they come, how they stay or are taken over, how they go."""

from ratings.guests import visitors
from ratings.guests.arriving import TooManyGuests, stay, stranger, welcome
from ratings.guests.idle import delete_idle
from ratings.guests.merging import Taken, take_over
from ratings.guests.settling import landing, settle, sign_in

__all__ = [
    "Taken",
    "TooManyGuests",
    "delete_idle",
    "landing",
    "settle",
    "sign_in",
    "stay",
    "stranger",
    "take_over",
    "visitors",
    "welcome",
]
