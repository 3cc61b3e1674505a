"""Questions about titles, as sentences."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.db import connections, models
from django.db.models import Case, Count, F, IntegerField, Max, Q, Value, When
from django.db.models.functions import Coalesce, Lower, NullIf

from catalog import viewing
from catalog.likeness import most_alike, pieces
from catalog.titles import normalise_title, search_text

if TYPE_CHECKING:
    from catalog.models import Anime  # noqa: F401  # named in a string below
    from catalog.seasons import SeasonOfYear

# A show that ends in the first days of a season is one of the season before.
LAST_DAYS = timedelta(days=14)
# Types that are extras of something else, never a thing to watch next.
EXTRAS = ("music", "cm", "pv")
LONGEST_SEARCH = 100
# With so many titles of that very name nobody needs those that are merely spelt like it.
ENOUGH = 3
# A misspelt name keeps about so much of its pairs of letters.
SHARED_PIECES = 0.5
# So many are compared letter by letter.
SEARCH_LIMIT = 400


def _is_a_name(wanted: str) -> Q:
    # `search_text` is a name a line.
    return (
        Q(search_text=wanted)
        | Q(search_text__startswith=f"{wanted}\n")
        | Q(search_text__contains=f"\n{wanted}\n")
        | Q(search_text__endswith=f"\n{wanted}")
    )


def _starts_a_name(wanted: str) -> Q:
    return Q(search_text__startswith=wanted) | Q(search_text__contains=f"\n{wanted}")


def _starts_a_word(wanted: str) -> Q:
    return _starts_a_name(wanted) | Q(search_text__contains=f" {wanted}")


def _premieres(season: "SeasonOfYear") -> Q:
    """By its season; a title that has none (a movie) by its first day, where that is known well enough."""
    days = Q(aired_from__range=(season.first_day, season.last_day))
    known = Q(aired_from_precision__in=("day", "month"))
    return Q(season=season.name, year=season.year) | (Q(season="") & days & known)


def shown_name(prefix: str = "") -> Coalesce:
    """What `display_title` is, for the database. `prefix`: the way to the title, `anime__`."""
    names = viewing.NAMES[viewing.current().language]
    return Coalesce(*(NullIf(f"{prefix}{name}", Value("")) for name in names), Value(""))


class AnimeQuerySet(models.QuerySet["Anime"]):
    def described(self) -> Self:
        """Without stubs."""
        return self.filter(is_stub=False)

    def visible(self) -> Self:
        """What pages and API show: described, and not for adults unless whoever looks may and asks."""
        found = self.described()
        return found if viewing.shows_adult() else found.filter(is_adult=False)

    def recommendable(self) -> Self:
        """What may be put forward: nothing beside the thing itself, not yet out or denied by its source."""
        return (
            self.visible().exclude(type__in=EXTRAS).exclude(status="upcoming").filter(gone_on=None)
        )

    def of_seasons(self) -> Self:
        """What the pages of seasons show: also what has not begun."""
        return self.visible().exclude(type__in=EXTRAS).filter(gone_on=None)

    def begun(self) -> Self:
        """What has been shown by now, and is still known to its source."""
        return self.visible().exclude(status="upcoming").filter(gone_on=None)

    def still_to_come(self) -> Self:
        """What has another episode to show, or its first."""
        return self.filter(status__in=("airing", "upcoming"))

    def for_cards(self) -> Self:
        """With what a card prints and what titles may share."""
        return self.lean().prefetch_related("genres")

    def lean(self) -> Self:
        """Without the long texts, which a title's own page prints."""
        return self.defer("synopsis", "search_text")

    def for_page(self) -> Self:
        """With what a title's page prints."""
        return self.prefetch_related("genres", "studios", "synonyms")

    def in_season(self, season: str, year: int) -> Self:
        return self.filter(season=season, year=year)

    def premiering_in(self, season: "SeasonOfYear") -> Self:
        return self.filter(_premieres(season))

    def running_in(self, season: "SeasonOfYear", *, is_over_or_now: bool) -> Self:
        """What begins in the season, and the shows from before that go on into it.

        A show without a known end goes on until now; of a season to come nobody knows.
        """
        ends = Q(aired_to__gte=season.first_day + LAST_DAYS)
        if is_over_or_now:
            ends |= Q(aired_to=None, status="airing")
        begun = Q(aired_from__lt=season.first_day, type__in=("tv", "ona"))
        return self.filter(_premieres(season) | (begun & ends))

    def newest_season(self, *, at_least: int) -> tuple[str, int] | None:
        """The last season with so many titles, which the very last may not have yet."""
        seasons = (
            self.exclude(season="")
            .exclude(year=None)
            .order_by()
            .values_list("season", "year")
            .annotate(number=Count("pk"), began=Max("aired_from"))
            .filter(number__gte=at_least)
            .order_by("-year", F("began").desc(nulls_last=True))
        )
        newest = seasons.first()
        return newest and (newest[0], newest[1])

    def made_by(self, studio: str) -> Self:
        """By the studio of that name, else by those with a name like it."""
        from catalog.models import AnimeStudio, Studio

        named = Studio.objects.filter(name__iexact=studio)
        if not named.exists():
            named = Studio.objects.filter(name__icontains=studio)
        return self.filter(pk__in=AnimeStudio.objects.filter(studio__in=named).values("anime"))

    def with_family(self) -> Self:
        """`family`: what its whole franchise shares, a number; its own id where nothing is written."""
        return self.annotate(family=Coalesce("family_part__franchise", "mal_id"))

    def most_watched_first(self) -> Self:
        return self.order_by(F("members").desc(nulls_last=True), "mal_id")

    def best_first(self) -> Self:
        return self.order_by(F("mean_score").desc(nulls_last=True), "mal_id")

    def newest_first(self) -> Self:
        return self.order_by(F("aired_from").desc(nulls_last=True), "mal_id")

    def by_title(self) -> Self:
        return self.order_by(Lower(shown_name()), "mal_id")

    def in_the_order_of(self, ids: Iterable[int]) -> Self:
        places = [When(pk=pk, then=Value(place)) for place, pk in enumerate(ids)]
        if not places:
            return self.none()
        return self.filter(pk__in=[when.condition.children[0][1] for when in places]).order_by(
            Case(*places, output_field=IntegerField())
        )

    def search(self, text: str) -> Self:
        """Titles by any of their names, also with a mistake in it; the likeliest first."""
        wanted = normalise_title(text)[:LONGEST_SEARCH].strip()
        if not wanted:
            return self
        literal = self._named(wanted)
        found = list(literal.values_list("pk", flat=True)[:ENOUGH])
        # A word of two letters is no longer itself when one of them is wrong.
        if len(found) == ENOUGH or (wanted.isascii() and len(wanted) < 4):
            return literal
        alike = self._spelt_like(wanted)
        return self.in_the_order_of(dict.fromkeys([*found, *alike])) if alike else literal

    def _named(self, wanted: str) -> Self:
        """Every word is in its names; a whole name first, then a beginning, then the rest."""
        found = self
        for word in dict.fromkeys(wanted.split()):
            found = found.filter(search_text__contains=word)
        if wanted.isascii() and len(wanted) < 3:
            found = found.filter(_starts_a_word(wanted))
        nearness = Case(
            When(_is_a_name(wanted), then=0),
            When(_starts_a_name(wanted), then=1),
            When(_starts_a_word(wanted), then=2),
            When(search_text__contains=wanted, then=3),
            default=4,
            output_field=IntegerField(),
        )
        return found.order_by(nearness, F("members").desc(nulls_last=True), "mal_id")

    def _spelt_like(self, wanted: str) -> list[int]:
        """Ids of titles with a name that differs by a mistake or two."""
        if connections[self.db].vendor == "postgresql":
            # By the trigram index; what it misses is a short name with two letters swapped.
            likely = self.filter(search_text__trigram_word_similar=wanted).most_watched_first()
            if found := likely._most_alike(wanted):
                return found
        return self._sharing_letters_with(wanted)._most_alike(wanted)

    def _sharing_letters_with(self, wanted: str) -> Self:
        parts = pieces(wanted)
        shared = [
            Case(When(search_text__contains=part, then=1), default=0, output_field=IntegerField())
            for part in parts
        ]
        found = self.annotate(shared=sum(shared[1:], shared[0]))
        enough = max(1, round(len(parts) * SHARED_PIECES))
        return found.filter(shared__gte=enough).order_by(
            "-shared", F("members").desc(nulls_last=True)
        )

    def _most_alike(self, wanted: str) -> list[int]:
        rows = self.values_list("pk", "search_text", "members")[:SEARCH_LIMIT]
        watched_most = sorted(rows, key=lambda row: -(row[2] or 0))
        return most_alike(wanted, ((pk, names) for pk, names, _ in watched_most))

    def refresh_search_text(self) -> int:
        """Write the searchable names anew; call it after titles or synonyms changed."""
        changed = []
        for anime in self.prefetch_related("synonyms").iterator(chunk_size=2000):
            names = [anime.title_english, anime.title, anime.title_japanese]
            text = search_text([*names, *(synonym.name for synonym in anime.synonyms.all())])
            if text != anime.search_text:
                anime.search_text = text
                changed.append(anime)
        return self.model.objects.bulk_update(changed, ["search_text"], batch_size=500)
