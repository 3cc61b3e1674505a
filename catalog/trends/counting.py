"""What the charts are made of: counts by the database, and one pass over the numbers of titles."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import NamedTuple

from django.db.models import (
    Avg,
    Case,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, ExtractYear

from catalog.models import Anime, AnimeGenre, AnimeSnapshot, Season
from catalog.querysets import EXTRAS
from catalog.trends.wishes import Wish

SEASONS = list(Season.values)
# The bounds are half minutes, because pages print whole ones, rounded. Durations are in seconds.
EPISODES = [("1 episode", 1), ("2 to 13", 13), ("14 to 26", 26), ("27 or more", None)]
MINUTES = [("up to 5 min", 330), ("6 to 15 min", 930), ("16 to 30 min", 1830), ("over 30 min", None)]  # fmt: skip
# A mean of fewer scores says nothing about a studio.
FEWEST_SCORED = 3
STUDIOS = 20
FOLLOWED = 100
# Of daily snapshots of those hundred: more than a year of days.
MOST_SNAPSHOTS = 50_000


class Group(NamedTuple):
    year: int
    type: str
    source: str
    episodes: int
    minutes: int
    has_genre: bool
    number: int


class StudioNumbers(NamedTuple):
    name: str
    titles: int
    score: float | None


def _bucket(field: str, buckets: list[tuple[str, int | None]]) -> Case:
    """The place of the bucket that holds the field; -1 where it is not known."""
    bounds = [
        When(
            **{f"{field}__lte" if field == "episodes" else f"{field}__lt": bound}, then=Value(place)
        )
        for place, (_, bound) in enumerate(buckets)
        if bound is not None
    ]
    return Case(
        When(Q(**{field: None}) | Q(**{field: 0}), then=Value(-1)),
        *bounds,
        default=Value(len(buckets) - 1),
        output_field=IntegerField(),
    )


def _quarter() -> Case:
    """0 for winter: by the season, else by the month of the first day; -1 where neither is known."""
    known = Q(aired_from_precision__in=("day", "month"))
    return Case(
        *(When(season=name, then=Value(n)) for n, name in enumerate(SEASONS)),
        *(
            When(known, aired_from__month__lte=last, then=Value(last // 3 - 1))
            for last in (3, 6, 9, 12)
        ),
        default=Value(-1),
        output_field=IntegerField(),
    )


def began() -> Coalesce:
    # PostgreSQL extracts a number with decimals, by which it groups slowly.
    return Coalesce("year", Cast(ExtractYear("aired_from"), IntegerField()))


class Numbers:
    """Of the titles that a wish covers; each is asked for once, when first needed."""

    def __init__(self, wish: Wish) -> None:
        self.wish = wish

    @property
    def titles(self) -> QuerySet[Anime]:
        found = Anime.objects.begun().order_by()
        if self.wish.type:
            found = found.filter(type=self.wish.type)
        if self.wish.members:
            found = found.filter(members__gte=self.wish.members)
        return found

    @property
    def works(self) -> QuerySet[Anime]:
        """Without music videos and commercials, unless those are asked for."""
        return self.titles if self.wish.type else self.titles.exclude(type__in=EXTRAS)

    def is_work(self, kind: str) -> bool:
        return bool(self.wish.type) or kind not in EXTRAS

    @cached_property
    def groups(self) -> list[Group]:
        rows = (
            self.titles.exclude(year=None, aired_from=None)
            .annotate(
                began=began(),
                of_episodes=_bucket("episodes", EPISODES),
                of_minutes=_bucket("duration", MINUTES),
                has_genre=Exists(AnimeGenre.objects.filter(anime=OuterRef("pk"))),
            )
            .values_list("began", "type", "source", "of_episodes", "of_minutes", "has_genre")
            .annotate(number=Count("pk"))
        )
        return [Group(*row) for row in rows if self.wish.covers(row[0])]

    @cached_property
    def measures(self) -> list[tuple[int | None, str, int | None, float | None]]:
        """Year, type, members and mean score of each title that has either of these."""
        titles = self.works.exclude(members=None, mean_score=None).annotate(began=began())
        if self.wish.year_min:
            titles = titles.filter(began__gte=self.wish.year_min)
        if self.wish.year_max:
            titles = titles.filter(began__lte=self.wish.year_max)
        return list(titles.values_list("began", "type", "members", "mean_score"))

    def totals(self, *, seasons: bool) -> Counter[tuple[int, int]]:
        """Titles with any genre, by year and season (0 where seasons do not matter)."""
        found: Counter[tuple[int, int]] = Counter()
        if not seasons:
            for group in self.groups:
                if group.has_genre and self.is_work(group.type):
                    found[group.year, 0] += group.number
            return found
        tagged = self.works.filter(Exists(AnimeGenre.objects.filter(anime=OuterRef("pk"))))
        rows = tagged.values_list(began(), _quarter()).annotate(number=Count("pk"))
        return Counter({(year, part): n for year, part, n in rows if self._is_known(year, part)})

    def genres(self, *, seasons: bool) -> Counter[tuple[str, int, int]]:
        """Titles by genre, year and season."""
        quarter = _quarter() if seasons else Value(0, output_field=IntegerField())
        # From the titles, not from their links: so the database reads the titles once.
        links = self.works.filter(genre_links__genre__kind="genre")
        if self.wish.genres:
            links = self.works.filter(genre_links__genre__name__in=self.wish.genres)
        rows: Iterable[tuple[str, int | None, int, int]] = links.values_list(
            "genre_links__genre__name", began(), quarter
        ).annotate(n=Count("pk"))
        return Counter(
            {
                (name, year, part): n
                for name, year, part, n in rows
                if year is not None and self._is_known(year, part)
            }
        )

    def _is_known(self, year: int | None, part: int) -> bool:
        return year is not None and part >= 0 and self.wish.covers(year)

    def studios(self) -> list[StudioNumbers]:
        """Those with the most titles."""
        made = self.works.filter(studio_links__studio__isnull=False)
        if self.wish.decade:
            decade = (self.wish.decade, self.wish.decade + 9)
            made = made.annotate(began=began()).filter(began__range=decade)
        rows = (
            made.values_list("studio_links__studio__name")
            .annotate(titles=Count("pk"), scored=Count("mean_score"), score=Avg("mean_score"))
            .order_by("-titles", "studio_links__studio__name")[:STUDIOS]
        )
        return [
            StudioNumbers(name, titles, score if scored >= FEWEST_SCORED else None)
            for name, titles, scored, score in rows
        ]

    def growth(self) -> list[tuple[date, float, int]]:
        """Day, members where the first day has 100, of how many titles: of those most watched today.

        A title counts on a day on which it was looked at, if it was looked at on the first.
        """
        most = self.works.exclude(members=None).order_by("-members", "pk")[:FOLLOWED]
        watched = list(most.values_list("pk", flat=True))
        snapshots = AnimeSnapshot.objects.filter(anime__in=watched, members__gt=0)
        newest = snapshots.order_by("-taken_on").values_list("taken_on", "anime", "members")
        days: dict[date, dict[int, int]] = {}
        for day, anime, members in reversed(list(newest[:MOST_SNAPSHOTS])):
            days.setdefault(day, {})[anime] = members or 0
        return against_the_first(days, enough=len(watched) / 2)


def against_the_first(
    days: dict[date, dict[int, int]], *, enough: float
) -> list[tuple[date, float, int]]:
    """The first day is one with so many titles, so that later ones have something to be held against."""
    found: list[tuple[date, float, int]] = []
    at_first: dict[int, int] = {}
    for day, seen in days.items():
        if not at_first and len(seen) >= enough:
            at_first = seen
        common = at_first.keys() & seen.keys()
        if common:
            then = sum(at_first[anime] for anime in common)
            found.append((day, 100 * sum(seen[anime] for anime in common) / then, len(common)))
    return found
