"""What speaks for one title, whether or not it would be put forward."""

from dataclasses import dataclass

import numpy as np

from catalog import viewing
from ratings.models import User
from recommender import datasets
from recommender.engine.base import Ranked
from recommender.engine.diversity import NEUTRAL
from recommender.engine.interactions import IntArray
from recommender.engine.taste_reading import SPREAD_OF
from recommender.serving import reasons
from recommender.serving.answering import NO_RELATIONS, Answer, joined
from recommender.serving.keeping import kept
from recommender.serving.models import ActiveModels, active_models, edition_of, served
from recommender.serving.reasons import Breakdown
from recommender.serving.recommendation import Recommendation
from recommender.serving.relations import relations_now
from recommender.serving.shown import shown_now

CACHED_SECONDS = 3600
# So many titles are put forward beside one that is explained alone.
A_PAGE = 24


def explain(
    member: User,
    anime_id: int,
    *,
    models: ActiveModels | None = None,
    version: int | None = None,
    own: datasets.OwnTitles | None = None,
) -> Recommendation | None:
    """What speaks for one title and against it, whether or not it may be recommended to `member`.

    None where no model knows the title. Kept until the list, the models or the catalogue change.
    """
    models = active_models() if models is None else models
    version, relations = relations_now(version)
    seen = f"{viewing.current().language}:{viewing.shows_adult():d}"
    key = f"why:{member.pk}:{member.list_version}:{edition_of(models)}:{version}:{seen}:{anime_id}"

    def work_out() -> tuple[Recommendation | None]:
        shown = shown_now(version, upcoming=False)
        title = _Title(member, models, relations, NEUTRAL, own=own)
        return (title.explained_among(shown, anime_id),)

    return kept("explanations", key, work_out, seconds=CACHED_SECONDS)[0]


@dataclass(frozen=True)
class Fit:
    """What the rest of a member's list says of one title. `predicted`: the score they would give."""

    predicted: float | None
    breakdown: Breakdown
    # How many scores that rest has.
    scored: int
    # Whether the list knows the title itself, planned ones aside, and the score it has there.
    is_listed: bool
    given: int | None


def fit(member: User, anime_id: int, *, models: ActiveModels | None = None) -> Fit | None:
    """How `anime_id` meets the member's list without itself; None where no model knows the title."""
    models = active_models() if models is None else models
    return _Title(member, models, NO_RELATIONS, NEUTRAL).fit(anime_id)


class _Title(Answer):
    """The same list, models and words as where titles are chosen, asked about one."""

    def fit(self, pk: int) -> Fit | None:
        """As if the title were not on the list."""
        own_score = reasons.given_by(self.list).get(pk)
        self.list = self.list.at(self.list.items != pk)
        ranker = self.ranker(None)
        if ranker is None or ranker.vocabulary.positions([pk])[0] < 0:
            return None
        (part,) = ranker.attributions(self.list, [pk])
        own = Ranked(np.array([pk], np.int64), np.array([part.score], np.float32))
        # The member's own words are counted in the spread of the ranker's best scores.
        best = ranker.recommend(self.list, SPREAD_OF) if self.words else own
        part, _ = self.adjusted(ranker, joined(best, own)).explained(pk, part)
        names = reasons.names_of({int(other) for other in part.ids})
        told = reasons.breakdown(part, names, reasons.given_by(self.list))
        predicted = self.predicted([pk]).get(pk)
        scored = int((~np.isnan(self.list.scores)).sum())
        score = None if own_score is None or np.isnan(own_score) else int(own_score)
        return Fit(predicted, told, scored, own_score is not None, score)

    def explained_among(self, shown: IntArray, pk: int) -> Recommendation | None:
        """By the first that ranks and knows the title, among what it would put forward."""
        models = [self.ranker(None), served("content", self.models)]
        ranker = next((model for model in models if model and pk in model.vocabulary), None)
        if ranker is None:
            return None
        parts = ranker.attributions(self.list, [pk])
        own = Ranked(np.array([pk], np.int64), np.array([parts[0].score], np.float32))
        if self.words:
            own = joined(own, self.candidates(ranker, self.allowed(shown), A_PAGE))
        adjusted = self.adjusted(ranker, own)
        place = np.flatnonzero(adjusted.candidates.ids == pk)
        best, surely = adjusted.candidates.take(place), np.ones(1, np.float32)
        return self.explained(ranker, adjusted, best, surely, parts)[0]
