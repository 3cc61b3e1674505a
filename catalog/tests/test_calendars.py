"""What the site writes is read back by another library, whatever a title is called."""

from datetime import UTC, date, datetime, time, timedelta

import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.calendars import calendar_of
from catalog.models import Anime
from catalog.titles import writable

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SITE = "https://anime.example"
BELL = "\x07"


def title(**changes: object) -> Anime:
    facts = {
        "mal_id": 9_000_001,
        "title": "Minato no Akari",
        "type": "tv",
        "status": "airing",
        "episodes": 12,
        "duration": 1440,
        "aired_from": date(2026, 10, 3),
        "aired_from_precision": "day",
        "broadcast_day": 5,
        "broadcast_time": time(1, 30),
        "broadcast_zone": "Asia/Tokyo",
    }
    return Anime(**{**facts, **changes})


def written(*titles: Anime, name: str = "Fall 2026") -> bytes:
    return calendar_of(titles, name=name, site=SITE, now=NOW)


def events(*titles: Anime) -> list:
    calendar = vobject.readOne(written(*titles).decode())
    return list(calendar.contents.get("vevent", []))


def test_a_known_broadcast_is_a_weekly_series_of_so_many() -> None:
    (event,) = events(title())
    assert event.summary.value == "Minato no Akari"
    assert event.dtstart.value.astimezone(UTC) == datetime(2026, 10, 2, 16, 30, tzinfo=UTC)
    assert event.duration.value == timedelta(minutes=24)
    assert event.rrule.value == "FREQ=WEEKLY;COUNT=12"
    assert event.url.value == f"{SITE}/anime/9000001/"
    assert event.transp.value == "TRANSPARENT"


def test_the_last_day_ends_the_series_where_nobody_knows_the_number() -> None:
    (event,) = events(title(episodes=None, aired_to=date(2026, 10, 31), aired_to_precision="day"))
    assert event.rrule.value == "FREQ=WEEKLY;COUNT=5"


def test_a_series_without_an_end_is_told_half_a_year_ahead() -> None:
    (event,) = events(title(episodes=None))
    assert event.rrule.value == "FREQ=WEEKLY;UNTIL=20270526T120000Z"


def test_a_series_that_runs_for_decades_begins_a_quarter_ago() -> None:
    (event,) = events(title(episodes=None, aired_from=date(1999, 10, 23)))
    assert event.dtstart.value.date() == date(2026, 8, 29)


def test_in_a_zone_whose_clocks_change_it_stays_at_its_hour() -> None:
    (event,) = events(title(broadcast_zone="America/New_York", broadcast_day=5))
    hours = {moment.strftime("%H:%M %z") for moment in event.getrruleset()}
    assert event.dtstart.params["X-VOBJ-ORIGINAL-TZID"] == ["America/New_York"]
    assert hours == {"01:30 -0400", "01:30 -0500"}


def test_without_a_broadcast_the_first_day_is_an_event_of_a_day() -> None:
    (event,) = events(title(broadcast_day=None))
    assert event.dtstart.value == date(2026, 10, 3)
    assert not isinstance(event.dtstart.value, datetime)


def test_a_day_that_is_not_known_is_no_event() -> None:
    month = title(broadcast_day=None, aired_from_precision="month")
    assert events(month, title(broadcast_day=None, aired_from=None)) == []


def test_the_same_title_keeps_its_name_for_programs() -> None:
    early, late = (
        vobject.readOne(
            calendar_of([title()], name=name, site=SITE, now=NOW + timedelta(days=days)).decode()
        )
        for name, days in (("a", 0), ("b", 30))
    )
    assert early.vevent.uid.value == late.vevent.uid.value == "anime-9000001@anime.example"


def test_a_calendar_without_events_can_be_read_too() -> None:
    calendar = vobject.readOne(written().decode())
    assert "vevent" not in calendar.contents
    assert "vtimezone" in calendar.contents


def test_two_zones_are_described_once_each() -> None:
    text = written(
        title(), title(mal_id=9_000_002), title(mal_id=9_000_003, broadcast_zone="Europe/Paris")
    ).decode()
    assert text.count("BEGIN:VTIMEZONE") == 2


HOSTILE = f'A,b;c\\d: "e"\r\nEND:VEVENT\nBEGIN:VALARM{BELL}\0 灯台' + "長" * 90


def test_a_title_cannot_write_lines_of_its_own() -> None:
    data = written(title(title=HOSTILE), name=HOSTILE)
    (event,) = vobject.readOne(data.decode()).contents["vevent"]
    assert event.summary.value == 'A,b;c\\d: "e" END:VEVENT BEGIN:VALARM 灯台' + "長" * 90
    assert data.count(b"\r\nEND:VEVENT") == 1
    assert b"\r\nBEGIN:VALARM" not in data


def is_well_formed(data: bytes) -> bool:
    lines = data.split(b"\r\n")
    return (
        lines[-1] == b""
        and all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
        and all(byte >= 32 or byte in b"\r\n" for byte in data)
    )


@settings(deadline=None)
@given(
    name=st.text(max_size=300),
    english=st.text(max_size=300),
    seconds=st.none() | st.integers(0, 2**31),
    episodes=st.none() | st.integers(0, 2**31),
    first=st.none() | st.dates(),
    last=st.none() | st.dates(),
)
def test_whatever_a_title_is_called_the_calendar_is_well_formed(
    name: str,
    english: str,
    seconds: int | None,
    episodes: int | None,
    first: date | None,
    last: date | None,
) -> None:
    odd = title(
        title=name, title_english=english, duration=seconds, episodes=episodes,
        aired_from=first, aired_to=last, aired_to_precision="month",
    )  # fmt: skip
    data = calendar_of([odd], name=name, site=SITE, now=NOW)
    assert is_well_formed(data)
    found = vobject.readOne(data.decode()).contents.get("vevent", [])
    assert len(found) == data.count(b"\r\nBEGIN:VEVENT")
    for event in found:
        assert event.summary.value == " ".join(writable(odd.display_title).split())
