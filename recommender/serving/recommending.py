"""From the active models to one member's recommendations, kept until something changes."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from datetime import date

import numpy as np
from django.db.models import QuerySet
from django.utils import timezone

from catalog import viewing
from catalog.models import Anime
from ratings.models import User
from recommender import datasets
from recommender.engine import registry
from recommender.engine.diversity import NEUTRAL, Dials
from recommender.engine.interactions import IntArray
from recommender.engine.rules import USUAL, Rules
from recommender.serving import reasons
from recommender.serving.answering import NO_RELATIONS, Answer
from recommender.serving.keeping import kept
from recommender.serving.models import ActiveModels, active_models, edition_of
from recommender.serving.reasons import Breakdown
from recommender.serving.recommendation import Detail, Recommendation
from recommender.serving.relations import relations_now
from recommender.serving.shown import shown_now

CACHED_SECONDS = 3600


def recommend(
    member: User,
    *,
    top_n: int = 20,
    among: QuerySet[Anime] | Iterable[int] | None = None,
    upcoming: bool = False,
    detail: Detail = Detail.SUMS,
    model: str | None = None,
    dials: Dials = NEUTRAL,
    rules: Rules = USUAL,
    models: ActiveModels | None = None,
    version: int | None = None,
    own: datasets.OwnTitles | None = None,
    is_kept: bool = True,
) -> list[Recommendation]:
    """The best `top_n` for `member` among the titles of `among` (or their ids).

    Rules come before the cut, so the list is shorter only where fewer titles are allowed. The
    answer is kept until the member's list, the models, the relations or the question change.
    A member without a number is nobody here: then `own` is all there is of them.
    `upcoming`: whether titles that nobody can watch yet are among them. `detail`: how much each
    is to tell of itself. `models`, `version`, `own`: the active ones, the catalogue's and the
    member's list, where they have been read already. `is_kept`: not where what is made of the answer is.
    """
    if model is not None:
        registry.model_type(model)
    models = active_models() if models is None else models
    version, relations = relations_now(version)
    shown = _shown_ids(among, upcoming=upcoming, version=version)
    question = (model, dials, rules, version, _day(dials), top_n, detail, shown)
    key = _cache_key(_whose(member, own), models, *question)

    def work_out() -> list[Recommendation]:
        answer = Answer(member, models, relations, dials, detail, own, version, rules)
        return answer.recommend(model, shown, top_n)

    if not is_kept:
        return work_out()
    return kept("recommendations", key, work_out, seconds=CACHED_SECONDS)


def predict_scores(
    member: User,
    anime_ids: Iterable[int],
    *,
    models: ActiveModels | None = None,
    own: datasets.OwnTitles | None = None,
) -> dict[int, float]:
    """What `member` would likely give, 1..10; titles that nobody scored are left out."""
    models = active_models() if models is None else models
    return Answer(member, models, NO_RELATIONS, NEUTRAL, own=own, version=0).predicted(
        list(anime_ids)
    )


def breakdowns(
    member: User, found: Sequence[Recommendation], *, own: datasets.OwnTitles | None = None
) -> list[Breakdown]:
    """The exact sum behind each of `found`: every cause with its signed value; two queries for all."""
    given = reasons.given_by((own or datasets.read_own(member)).list)
    names = reasons.names_of({int(pk) for rec in found for pk in rec.parts.ids})
    return [reasons.breakdown(rec.parts, names, given) for rec in found]


def _shown_ids(
    among: QuerySet[Anime] | Iterable[int] | None, *, upcoming: bool, version: int
) -> IntArray:
    """The titles that may be recommended to anybody."""
    shown = shown_now(version, upcoming=upcoming)
    if among is None:
        return shown
    if isinstance(among, QuerySet):
        among = among.order_by().values_list("pk", flat=True)
    asked = np.fromiter(among, dtype=np.int64)
    return shown[np.isin(shown, asked)]


def _day(dials: Dials) -> date | None:
    """Chance is drawn anew each day; without it the answer does not depend on the day."""
    return timezone.localdate() if dials.exploration else None


def _whose(member: User, own: datasets.OwnTitles | None) -> str:
    """A member's list by its version; a list that nobody here has by what it says."""
    if member.pk or own is None:
        return f"{member.pk}:{member.list_version}"
    parts = (own.list.items, own.list.weights, own.list.scores, own.settled, own.watched)
    return hashlib.sha256(b"|".join(part.tobytes() for part in parts)).hexdigest()[:24]


def _cache_key(
    whose: str,
    models: ActiveModels,
    kind: str | None,
    dials: Dials,
    rules: Rules,
    version: int,
    day: date | None,
    top_n: int,
    detail: Detail,
    shown: IntArray,
) -> str:
    # The reasons name titles, in the viewer's language.
    said = (astuple(dials), astuple(rules))
    question = (kind, said, version, day, top_n, detail, viewing.current().language)
    asked = hashlib.sha256(repr(question).encode() + shown.tobytes()).hexdigest()[:24]
    return f"rec:{whose}:{edition_of(models)}:{asked}"
