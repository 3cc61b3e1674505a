"""What a member follows: when each is on next, and what else they may want to follow."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from catalog.broadcasts import Episode, next_episode
from catalog.models import Anime
from catalog.querysets import AnimeQuerySet
from ratings.models import User, WatchStatus

# So many are suggested, so many that have ended are shown, and so many are ever waited for at once.
SUGGESTED, ENDED, AWAITED = 24, 100, 500
# What is on the list in these states one may want to follow.
EAGER = (WatchStatus.WATCHING, WatchStatus.PLANNED)


@dataclass(frozen=True)
class Coming:
    anime: Anime
    episode: Episode | None
    now: datetime

    @property
    def countdown(self) -> str:
        return self.episode.countdown(self.now) if self.episode else ""

    @property
    def begins(self) -> str:
        """'9 January 2027' of what has not begun and whose hour is not known."""
        return "" if self.episode or self.anime.status != "upcoming" else self.anime.begins


@dataclass(frozen=True)
class Following:
    coming: list[Coming]
    unknown: list[Coming]
    ended: list[Anime]
    suggested: list[Coming]


def following(member: User, now: datetime) -> Following:
    awaited = _soonest_first(awaited_titles(member), now)
    return Following(
        coming=[one for one in awaited if one.episode],
        unknown=[one for one in awaited if not one.episode],
        ended=list(_followed(member).exclude(pk__in=[one.anime.pk for one in awaited])[:ENDED]),
        suggested=_soonest_first(_suggested(member), now),
    )


def awaited_titles(member: User) -> list[Anime]:
    """What the member follows that has more to show."""
    return list(_followed(member).still_to_come()[:AWAITED])


def _followed(member: User) -> AnimeQuerySet:
    """The last one followed first."""
    found = Anime.objects.visible().lean().filter(follows__user=member)
    return found.order_by("-follows__since", "-follows__pk")


def _suggested(member: User) -> list[Anime]:
    """What is on the list, has more to show, and is not followed."""
    on_list = member.list_entries.filter(status__in=EAGER).values("anime")
    found = Anime.objects.visible().lean().still_to_come().filter(pk__in=on_list)
    others = found.exclude(pk__in=member.follows.values("anime"))
    return list(others.most_watched_first()[:SUGGESTED])


def _soonest_first(titles: Iterable[Anime], now: datetime) -> list[Coming]:
    found = [Coming(title, next_episode(title, now), now) for title in titles]
    never = datetime.max.replace(tzinfo=now.tzinfo)
    return sorted(found, key=lambda one: one.episode.starts if one.episode else never)
