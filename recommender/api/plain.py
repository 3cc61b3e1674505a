"""The answer of GET /recommend as bytes, without the API's machinery: what most programs ask, a hundred times a day.

It says to the letter what `RecommendView` says, which a test compares. Whatever is not plain it leaves to
the API: a parameter that is wrong, the exact sums.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, QueryDict
from rest_framework.exceptions import ValidationError
from rest_framework.utils.encoders import JSONEncoder

from catalog import held, viewing
from ratings.models import User
from recommender import serving
from recommender.api.params import RecommendParams, dials_of
from recommender.api.serializers import ModelSerializer
from recommender.api.views import model_told
from recommender.experiments import exposing
from recommender.experiments.choosing import recommended
from recommender.experiments.trials import NOTHING, trial_of
from recommender.models import TrainedModel
from recommender.narrowing import titles_allowed
from recommender.serving import Cause, Detail, Recommendation


def answer(
    request: HttpRequest,
    *,
    about: tuple[int, int],
    viewer: viewing.Viewer,
    version: int,
    models: str,
    takes_part: bool = False,
) -> bytes | None:
    """`about`: whose list, and its version. `models`: numbers of those served, with commas between.

    `takes_part`: in experiments, because the list is the asker's own.
    """
    asked = _asked(request.GET)
    if asked is None or asked["explain"] != "causes":
        return None
    member = User(pk=about[0], list_version=about[1])
    trial = trial_of(member, version) if takes_part else NOTHING
    with viewing.seen_by(lambda: viewer):
        rows = serving.models_numbered(models)
        chosen = recommended(
            member,
            trial,
            models=rows,
            dials=dials_of(asked),
            top_n=asked["top_n"],
            among=titles_allowed(asked),
            detail=Detail.REASONS,
            version=version,
            is_kept=False,
        )
        results = told(chosen.found, version, f"{request.scheme}://{request.get_host()}")
    if fields := asked.get("fields"):
        results = [{name: one[name] for name in one if name in fields} for one in results]
    request.shown = exposing.shown(trial, member, chosen)  # type: ignore[attr-defined]
    whole = {"user_id": member.pk, "model": _model(chosen.model), "results": results}
    return json.dumps(whole, cls=JSONEncoder, ensure_ascii=False, separators=(",", ":")).encode()


def _asked(query: QueryDict) -> dict[str, Any] | None:
    if query.keys() <= {"user_id"} and len(query.getlist("user_id")) < 2:
        return _nothing_said()
    try:
        return RecommendParams.of(query)
    except ValidationError:
        return None


@lru_cache(maxsize=1)
def _nothing_said() -> dict[str, Any]:
    return RecommendParams.of(QueryDict())


def _model(row: TrainedModel | None) -> dict[str, Any]:
    told: dict[str, Any] = ModelSerializer(model_told(row)).data
    return told


def told(found: Sequence[Recommendation], version: int, root: str) -> list[dict[str, Any]]:
    """As `RecommendedSerializer` puts it."""
    titles = held.titles((answer.anime_id for answer in found), version)
    known = [one for one in found if one.anime_id in titles and titles[one.anime_id].is_visible]
    return [
        {
            "rank": rank,
            "anime": _card(titles[one.anime_id], root),
            "score": one.score,
            "predicted_score": one.predicted_score,
            "reason": one.reason,
            "causes": [_cause(cause) for cause in one.causes],
            "explained": one.explained,
            "propensity": one.propensity,
        }
        for rank, one in enumerate(known, start=1)
    ]


def _card(title: held.Title, root: str) -> dict[str, Any]:
    return {
        "url": root + title.get_absolute_url(),
        "mal_id": title.mal_id,
        "title": title.title,
        "title_english": title.title_english or None,
        "type": title.type or None,
        "year": title.aired_year,
        "episodes": title.episodes,
    }


def _cause(cause: Cause) -> dict[str, Any]:
    return {
        "kind": cause.kind,
        "anime_id": cause.anime_id,
        "label": cause.label,
        "score": cause.score,
        "share": cause.share,
        "value": cause.value,
        "feature": cause.feature,
    }
