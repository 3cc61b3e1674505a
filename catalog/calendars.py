"""Titles as a calendar (RFC 5545): a weekly series where the broadcast is known, else the first day."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from icalendar import Calendar, Event, Timezone

from catalog.broadcasts import Broadcast
from catalog.models import Anime, Precision
from catalog.seasons import JAPAN, YEARS_AHEAD
from catalog.titles import writable

# A series begins at most so long ago, and where nobody knows its end it is told so far ahead.
LOOK_BACK, LOOK_AHEAD = timedelta(weeks=13), timedelta(weeks=26)
# An episode of unknown length.
HALF_AN_HOUR = 30 * 60
LONGEST = 24 * 3600
READ_AGAIN_AFTER = timedelta(hours=12)


def calendar_of(titles: Iterable[Anime], *, name: str, site: str, now: datetime) -> bytes:
    """The calendar called `name`. `site`: the address of the site, without a slash at its end."""
    events = [event for title in titles if (event := _event(title, site=site, now=now))]
    calendar = Calendar()
    calendar.add("prodid", "-//animerec//calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _line(name))
    calendar.add("refresh-interval", READ_AGAIN_AFTER, parameters={"VALUE": "DURATION"})
    for component in _with_zones(events, now):
        calendar.add_component(component)
    return bytes(calendar.to_ical())


def _with_zones(events: Sequence[Event], now: datetime) -> list[Timezone | Event]:
    """Each zone is described once. A calendar without events still needs something in it."""
    zones = {event.start.tzinfo for event in events if isinstance(event.start, datetime)}
    # What clocks do in the years that a series can touch.
    first, last = date(now.year - 1, 1, 1), date(now.year + YEARS_AHEAD, 1, 1)
    described = [
        Timezone.from_tzinfo(zone, first_date=first, last_date=last)
        for zone in sorted(zones or {JAPAN}, key=str)
        if zone is not None
    ]
    return [*described, *events]


def _event(title: Anime, *, site: str, now: datetime) -> Event | None:
    event = _weekly(title, now) or _first_day(title)
    if event is None:
        return None
    event.add("uid", f"anime-{title.pk}@{urlsplit(site).hostname}")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("summary", _line(title.display_title))
    event.add("url", f"{site}{title.get_absolute_url()}")
    # Nobody is busy because something is on.
    event.add("transp", "TRANSPARENT")
    return event


def _weekly(title: Anime, now: datetime) -> Event | None:
    broadcast = Broadcast.of(title)
    first = next(broadcast.from_moment(now - LOOK_BACK), None) if broadcast else None
    if broadcast is None or first is None:
        return None
    event = Event()
    event.add("dtstart", first.starts)
    event.add("duration", timedelta(seconds=min(title.duration or HALF_AN_HOUR, LONGEST)))
    event.add("rrule", {"freq": "weekly", **_end(broadcast.left_from(first), first.starts, now)})
    event.add("description", _line(f"A new episode each week. {title.facts}"))
    return event


def _end(left: int | None, starts: datetime, now: datetime) -> dict[str, int | datetime]:
    if left is not None:
        return {"count": left}
    return {"until": (max(now, starts) + LOOK_AHEAD).astimezone(UTC)}


def _first_day(title: Anime) -> Event | None:
    if title.aired_from is None or title.aired_from_precision != Precision.DAY:
        return None
    event = Event()
    event.add("dtstart", title.aired_from)
    event.add("description", _line(f"The first day. {title.facts}"))
    return event


def _line(text: str) -> str:
    return " ".join(writable(text).split())
