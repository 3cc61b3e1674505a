"""Questions about titles, as sentences."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connections, models
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce, Lower, NullIf
from rapidfuzz import fuzz, process

from catalog.titles import normalise_title, search_text

if TYPE_CHECKING:
    from catalog.models import Anime  # noqa: F401  # named in a string below

# Types that are extras of something else, never a thing to watch next.
EXTRAS = ("music", "cm", "pv")
# How alike a name must be, of 100, to be taken for the one that was meant.
FUZZY_CUTOFF = 70
SEARCH_LIMIT = 200


class AnimeQuerySet(models.QuerySet["Anime"]):
    def described(self) -> Self:
        """Without stubs."""
        return self.filter(is_stub=False)

    def visible(self) -> Self:
        """What pages and API show: described, and not adult unless the operator asks."""
        found = self.described()
        return found if settings.SHOW_ADULT else found.filter(is_adult=False)

    def recommendable(self) -> Self:
        return self.visible().exclude(type__in=EXTRAS).exclude(status="upcoming")

    def for_cards(self) -> Self:
        """With what a card prints; genres colour the drawn cover."""
        return self.defer("synopsis", "search_text").prefetch_related("genres")

    def for_page(self) -> Self:
        """With what a title's page prints."""
        return self.prefetch_related("genres", "studios", "synonyms")

    def most_watched_first(self) -> Self:
        return self.order_by(F("members").desc(nulls_last=True), "mal_id")

    def best_first(self) -> Self:
        return self.order_by(F("mean_score").desc(nulls_last=True), "mal_id")

    def newest_first(self) -> Self:
        return self.order_by(F("aired_from").desc(nulls_last=True), "mal_id")

    def by_title(self) -> Self:
        shown = Coalesce(NullIf("title_english", Value("")), "title")
        return self.order_by(Lower(shown), "mal_id")

    def in_the_order_of(self, ids: Iterable[int]) -> Self:
        places = [When(pk=pk, then=Value(place)) for place, pk in enumerate(ids)]
        if not places:
            return self.none()
        return self.filter(pk__in=[when.condition.children[0][1] for when in places]).order_by(
            Case(*places, output_field=IntegerField())
        )

    def search(self, text: str) -> Self:
        """Titles by any of their names, also with a mistake in it; the likeliest first."""
        wanted = normalise_title(text)[:100]
        if not wanted:
            return self
        if connections[self.db].vendor == "postgresql":
            return self._search_by_trigrams(wanted)
        return self._search_in_memory(wanted)

    def _search_by_trigrams(self, wanted: str) -> Self:
        return (
            self.annotate(likeness=TrigramWordSimilarity(wanted, "search_text"))
            .filter(Q(search_text__contains=wanted) | Q(search_text__trigram_word_similar=wanted))
            .order_by(
                Case(
                    When(search_text__startswith=wanted, then=0),
                    When(search_text__contains=wanted, then=1),
                    default=2,
                    output_field=IntegerField(),
                ),
                F("likeness").desc(),
                F("members").desc(nulls_last=True),
                "mal_id",
            )
        )

    def _search_in_memory(self, wanted: str) -> Self:
        names = {
            (pk, line): line
            for pk, text in self.order_by().values_list("pk", "search_text")
            for line in text.split("\n")
        }
        found = process.extract(
            wanted, names, scorer=fuzz.WRatio, score_cutoff=FUZZY_CUTOFF, limit=SEARCH_LIMIT
        )
        ranked = sorted(found, key=lambda match: (wanted not in match[0], -match[1], len(match[0])))
        return self.in_the_order_of(dict.fromkeys(key[0] for _, _, key in ranked))

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
