"""What home shows: shelves for everybody, and where a member left off."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from catalog import viewing
from catalog.models import Anime, CatalogueVersion, Season
from catalog.querysets import AnimeQuerySet
from catalog.seasons import SeasonOfYear
from ratings.models import User, UserAnimeRating, WatchStatus
from recommender import serving

SHELF = 8
# Seconds. What the version does not show, a title that a curator hides by hand, is gone by then.
A_WHILE = 300
# A season with fewer titles makes no shelf.
A_SEASON = 4
# What is loved now came out in so many years.
NOW = 3
# Where a member left off, the most alive first.
OPEN = (WatchStatus.WATCHING, WatchStatus.PLANNED)


@dataclass(frozen=True)
class Card:
    anime: Anime
    note: str = ""
    predicted: float | None = None


@dataclass(frozen=True)
class Shelf:
    id: str
    name: str
    more: str
    cards: list[Card] = field(default_factory=list)

    @property
    def titles(self) -> list[Anime]:
        return [card.anime for card in self.cards]


def shelves_for_everybody() -> list[Shelf]:
    """This season, what is loved now, and what everybody watched; kept for a while once there is any."""
    this = SeasonOfYear.now()
    seen = f"{viewing.shows_adult():d}:{this.year}:{this.quarter}"
    key = f"home:{CatalogueVersion.now()}:{seen}"
    found: list[Shelf] | None = cache.get(key)
    if found is None:
        found = _for_everybody()
        if any(shelf.cards for shelf in found):
            cache.set(key, found, A_WHILE)
    return found


def _for_everybody() -> list[Shelf]:
    titles, browse = Anime.objects.recommendable().lean(), reverse("catalog:browse")
    watched = titles.most_watched_first()[:SHELF]
    return [
        _season(titles),
        _loved(titles, browse),
        Shelf("watched", "Most watched", browse, _cards(watched)),
    ]


def shelves_of(member: User) -> list[Shelf]:
    """What fits, where they left off, and what is new; three queries beside the recommendations."""
    newest = _newest(Anime.objects.recommendable().lean())
    return [shelf for shelf in (_for_you(member), _left_off(member), newest) if shelf.cards]


def _newest(titles: AnimeQuerySet) -> Shelf:
    more = f"{reverse('catalog:browse')}?sort=newest"
    return Shelf("newest", "Newest", more, _cards(titles.newest_first()[:SHELF]))


def _season(titles: AnimeQuerySet) -> Shelf:
    """This season, or the newest of which there is anything to show."""
    this = SeasonOfYear.now()
    now = Anime.objects.of_seasons().in_season(this.name, this.year).lean()
    found = list(now.most_watched_first()[:SHELF])
    if len(found) >= A_SEASON:
        return Shelf("newest", f"This season: {this}", reverse("recommender:seasons"), _cards(found))  # fmt: skip
    season = titles.newest_season(at_least=A_SEASON)
    if season is None:
        return _newest(titles)
    name, year = season
    found = list(titles.in_season(name, year).most_watched_first()[:SHELF])
    address = reverse("recommender:season", args=[year, name])
    return Shelf("newest", f"{Season(name).label} {year}", address, _cards(found))


def _loved(titles: AnimeQuerySet, browse: str) -> Shelf:
    """The best scores of the last years; of all where there are too few."""
    since = timezone.now().year - NOW
    found = list(titles.filter(year__gte=since).best_first()[:SHELF])
    if len(found) == SHELF:
        return Shelf("loved", "Loved now", f"{browse}?sort=score&year_min={since}", _cards(found))
    return Shelf("loved", "Best loved", f"{browse}?sort=score", _cards(titles.best_first()[:SHELF]))


def _for_you(member: User) -> Shelf:
    best = serving.recommend(member, top_n=SHELF)
    predicted = {one.anime_id: one.predicted_score for one in best}
    titles = Anime.objects.in_the_order_of(predicted).lean()
    cards = [Card(title, predicted=predicted[title.pk]) for title in titles]
    return Shelf("for-you", "For you", reverse("recommender:for-you"), cards)


def _left_off(member: User) -> Shelf:
    """What they are watching, then what they plan, the last changed first."""
    entries = member.list_entries.filter(status__in=OPEN).of_visible_titles()
    # By name: "watching" comes after "planned".
    latest = entries.for_list_page().order_by("-status", "-rated_at", "-pk")[:SHELF]
    cards = [Card(entry.anime, note=_where(entry)) for entry in latest]
    return Shelf("left-off", "Go on watching", reverse("ratings:my-list"), cards)


def _where(entry: UserAnimeRating) -> str:
    """'Watching, 5 of 12' or 'Plan to watch'."""
    seen, whole = entry.watched_episodes, entry.anime.episodes
    said = str(WatchStatus(entry.status).label)
    if entry.status != WatchStatus.WATCHING or not seen:
        return said
    return f"{said}, {seen} of {whole}" if whole else f"{said}, {seen}"


def _cards(titles: Iterable[Anime]) -> list[Card]:
    return [Card(title) for title in titles]
