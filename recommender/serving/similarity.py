"""Titles that go with a title."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from catalog.models import Anime, AnimeRelation, CatalogueVersion, FamilyPart
from recommender.serving.models import active_models, served
from recommender.serving.shown import shown_now

RANK_FUSION = 20


@dataclass(frozen=True)
class SimilarTitle:
    anime_id: int
    score: float
    shared: tuple[str, ...]


def similar(anime_id: int, *, top_n: int = 12) -> list[SimilarTitle]:
    """Titles that go with this one: watched by the same members, and alike in content.

    Both rankings are joined by reciprocal ranks (Cormack et al., SIGIR 2009). The whole
    franchise and other relations are left out: a title's page lists them apart.
    """
    models = active_models()
    near = [model for kind in ("ease", "content") if (model := served(kind, models))]
    allowed = shown_now(CatalogueVersion.now(), upcoming=False)
    allowed = np.setdiff1d(allowed, _related_ids(anime_id))
    scores: dict[int, float] = {}
    for model in near:
        mask = np.isin(model.vocabulary.ids, allowed)
        for rank, pk in enumerate(model.similar_items(anime_id, 100, mask).ids.tolist()):
            scores[pk] = scores.get(pk, 0.0) + 1 / (RANK_FUSION + rank)
    best = sorted(scores, key=lambda pk: (-scores[pk], pk))[:top_n]
    shared = _shared_names(anime_id, best)
    return [SimilarTitle(pk, scores[pk], shared.get(pk, ())) for pk in best]


def _related_ids(anime_id: int) -> list[int]:
    """Its whole franchise, and whatever else an edge names; one query."""
    edges = AnimeRelation.objects.touching(anime_id).values_list("anime_id", "to_mal_id")
    # A franchise is named by one of its titles.
    parts = FamilyPart.objects.of_franchise_of(anime_id).values_list("anime_id", "franchise")
    return [pk for pair in edges.union(parts, all=True) for pk in pair]


def _shared_names(anime_id: int, others: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Genres and studios that each of `others` has in common with `anime_id`."""
    titles = Anime.objects.filter(pk__in=[anime_id, *others]).only("pk")
    # Two queries for all of them, instead of two for each.
    names = {
        anime.pk: [str(word) for word in (*anime.genres.all(), *anime.studios.all())]
        for anime in titles.prefetch_related("genres", "studios")
    }
    own = set(names.get(anime_id, ()))
    return {pk: tuple(word for word in names.get(pk, ()) if word in own) for pk in others}
