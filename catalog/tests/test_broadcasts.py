"""When the next episode is shown: zones, clocks that change, first and last days."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.broadcasts import Broadcast, next_episode, zone_named
from catalog.models import Anime

# A Wednesday.
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def airing(**changes: object) -> Anime:
    """Saturdays at 01:30 in Tokyo, from 3 October 2026 on, twelve times."""
    facts = {
        "mal_id": 9_000_001,
        "title": "Minato no Akari",
        "status": "airing",
        "episodes": 12,
        "aired_from": date(2026, 10, 3),
        "aired_from_precision": "day",
        "broadcast_day": 5,
        "broadcast_time": time(1, 30),
        "broadcast_zone": "Asia/Tokyo",
    }
    return Anime(**{**facts, **changes})


def test_the_next_one_is_the_next_such_weekday_in_its_zone() -> None:
    episode = next_episode(airing(), NOW)
    assert episode is not None
    assert episode.starts.isoformat() == "2026-11-28T01:30:00+09:00"
    assert episode.starts.astimezone(UTC) == datetime(2026, 11, 27, 16, 30, tzinfo=UTC)


def test_it_is_numbered_by_weeks_from_the_first_day() -> None:
    episode = next_episode(airing(), NOW)
    assert episode is not None
    assert episode.number == 9


def test_the_very_moment_it_begins_still_counts_and_a_second_later_does_not() -> None:
    begins = datetime(2026, 11, 27, 16, 30, tzinfo=UTC)
    at, after = (next_episode(airing(), moment) for moment in (begins, begins.replace(second=1)))
    assert at is not None
    assert after is not None
    assert (at.number, after.number) == (9, 10)


def test_before_the_first_day_the_first_episode_is_next() -> None:
    coming = airing(status="upcoming", aired_from=date(2027, 1, 9))
    episode = next_episode(coming, NOW)
    assert episode is not None
    assert (episode.number, episode.starts.date()) == (1, date(2027, 1, 9))


def test_after_the_last_number_nothing_comes() -> None:
    last = datetime(2026, 12, 18, 16, 30, tzinfo=UTC)
    assert getattr(next_episode(airing(), last), "number", None) == 12
    assert next_episode(airing(), last.replace(minute=31)) is None


@pytest.mark.parametrize(
    ("day", "precision", "is_over"),
    [
        (date(2026, 11, 21), "day", True),
        (date(2026, 11, 28), "day", False),
        (date(2026, 11, 1), "month", False),
        (date(2026, 10, 1), "month", True),
        (date(2026, 1, 1), "year", False),
        (date(2025, 1, 1), "year", True),
        (date(9999, 12, 31), "month", False),
    ],
)
def test_after_the_last_day_nothing_comes(day: date, precision: str, *, is_over: bool) -> None:
    ended = airing(episodes=None, aired_to=day, aired_to_precision=precision)
    assert (next_episode(ended, NOW) is None) is is_over


@pytest.mark.parametrize(
    "changes",
    [
        {"aired_from_precision": "month", "aired_from": date(2026, 10, 1)},
        {"aired_from": None, "aired_from_precision": ""},
        {"aired_from": date(2026, 10, 1)},  # a Thursday: the first was shown out of turn
    ],
)
def test_where_the_first_day_is_not_sure_it_has_no_number(changes: dict) -> None:
    episode = next_episode(airing(**changes), NOW)
    assert episode is not None
    assert episode.number is None


@pytest.mark.parametrize(
    "changes",
    [
        {"broadcast_zone": ""},
        {"broadcast_zone": "Mars/Olympus"},
        {"broadcast_zone": "../../etc/passwd"},
        {"broadcast_zone": "Asia"},
        {"broadcast_zone": "\0"},
        {"broadcast_zone": "x" * 40},
        {"broadcast_day": None},
        {"broadcast_time": None},
        {"status": "finished"},
        {"status": ""},
        {"status": "upcoming", "aired_from": None},
    ],
)
def test_what_is_not_known_or_over_has_no_next_episode(changes: dict) -> None:
    assert next_episode(airing(**changes), NOW) is None


def test_monday_at_midnight_is_day_0() -> None:
    episode = next_episode(airing(broadcast_day=0, broadcast_time=time(0, 0)), NOW)
    assert episode is not None
    assert episode.starts.isoformat() == "2026-11-30T00:00:00+09:00"


# Where clocks change


def in_new_york(at: time, first: date) -> Broadcast:
    found = Broadcast.of(
        airing(
            broadcast_zone="America/New_York",
            broadcast_day=6,
            broadcast_time=at,
            aired_from=first,
            episodes=None,
        )
    )
    assert found is not None
    return found


def starts(broadcast: Broadcast, moment: datetime, count: int) -> list[str]:
    episodes = broadcast.from_moment(moment)
    return [next(episodes).starts.isoformat() for _ in range(count)]


def test_an_evening_stays_where_it_is_on_the_clock() -> None:
    evenings = in_new_york(time(20, 0), date(2026, 10, 25))
    assert starts(evenings, datetime(2026, 10, 25, tzinfo=UTC), 2) == [
        "2026-10-25T20:00:00-04:00",
        "2026-11-01T20:00:00-05:00",
    ]


def test_a_time_that_a_day_leaps_over_is_an_hour_later() -> None:
    nights = in_new_york(time(2, 30), date(2026, 3, 8))
    assert starts(nights, datetime(2026, 3, 7, tzinfo=UTC), 2) == [
        "2026-03-08T03:30:00-04:00",
        "2026-03-15T02:30:00-04:00",
    ]


def test_a_time_that_a_day_has_twice_is_the_first_of_them() -> None:
    nights = in_new_york(time(1, 30), date(2026, 11, 1))
    assert starts(nights, datetime(2026, 10, 31, tzinfo=UTC), 1) == ["2026-11-01T01:30:00-04:00"]


def test_where_a_day_never_was_the_week_goes_on() -> None:
    # Samoa went from 29 to 31 December 2011.
    fridays = Broadcast.of(
        airing(broadcast_zone="Pacific/Apia", broadcast_day=4, aired_from=date(2011, 12, 23))
    )
    assert fridays is not None
    found = starts(fridays, datetime(2011, 12, 20, tzinfo=UTC), 3)
    assert len(set(found)) == 3


ZONES = ["Asia/Tokyo", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"]


@given(
    moment=st.datetimes(datetime(1950, 1, 1), datetime(2090, 1, 1)).map(
        lambda naive: naive.replace(tzinfo=UTC)
    ),
    zone=st.sampled_from(ZONES),
    weekday=st.integers(0, 6),
    at=st.times(),
)
def test_it_is_always_within_a_week_and_on_its_weekday(
    moment: datetime, zone: str, weekday: int, at: time
) -> None:
    title = airing(
        aired_from=None,
        episodes=None,
        broadcast_zone=zone,
        broadcast_day=weekday,
        broadcast_time=at,
    )
    episode = next_episode(title, moment)
    assert episode is not None
    # An hour more where the clock leaps in between.
    assert 0 <= (episode.starts - moment).total_seconds() <= 7 * 86_400 + 3600
    assert episode.starts.weekday() in (weekday, (weekday + 1) % 7)
    assert str(episode.starts.tzinfo) == zone


@given(day=st.dates(), last=st.none() | st.dates(), moment=st.datetimes(timezones=st.just(UTC)))
def test_no_day_is_too_far_off(day: date, last: date | None, moment: datetime) -> None:
    if not 1900 < moment.year < 9990:
        return
    title = airing(aired_from=day, aired_to=last, aired_to_precision="year")
    episode = next_episode(title, moment)
    assert episode is None or episode.starts >= moment


def test_zones_are_known_by_their_names() -> None:
    assert str(zone_named("Asia/Tokyo")) == "Asia/Tokyo"
    assert zone_named("Tokyo") is None
