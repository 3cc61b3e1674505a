"""GET /api/v1/recommend and /api/v1/similar."""

from collections.abc import Iterable, Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.problems import (
    THROTTLED,
    UNAUTHENTICATED,
    failure,
    malformed,
    missing,
    no_such_title,
)
from catalog.api.shared import PrivateView, PublicView
from catalog.models import Anime
from ratings.models import User
from recommender import serving
from recommender.api import examples
from recommender.api.params import RecommendParams, SimilarParams, dials_of
from recommender.api.serializers import RecommendationsSerializer, SimilarTitlesSerializer
from recommender.narrowing import titles_allowed

NO_SUCH_MEMBER = failure(
    "No such member, or their list is not public and not yours.",
    "not_found",
    "There is no member 7 whose list you may see.",
    field="user_id",
)


class RecommendView(PrivateView):
    @extend_schema(
        operation_id="recommend",
        summary="What a member would like",
        description="Of public members for everybody, of others for themselves and for staff. "
        "Filters and franchises count before the list is cut; dials at 0 change nothing.",
        tags=["recommendations"],
        examples=[examples.RECOMMENDATIONS],
        parameters=[RecommendParams],
        responses={
            200: RecommendationsSerializer,
            **malformed("top_n"),
            **UNAUTHENTICATED,
            **NO_SUCH_MEMBER,
            **THROTTLED,
        },
    )
    def get(self, request: Request) -> Response:
        asked = RecommendParams.of(request.query_params)
        member = User.objects.shown_to(request.user).filter(pk=asked["user_id"]).first()
        if member is None:
            said = f"There is no member {asked['user_id']} whose list you may see."
            raise missing("user_id", said)
        models = serving.active_models()
        found = serving.recommend(
            member,
            top_n=asked["top_n"],
            among=titles_allowed(asked),
            dials=dials_of(asked),
            models=models,
        )
        results = with_titles(found)
        if asked["explain"] == "full":
            add_breakdowns(member, found, results)
        answer = {"user_id": member.pk, "model": model_now(models), "results": results}
        return Response(RecommendationsSerializer(answer, context={"request": request}).data)


class SimilarView(PublicView):
    @extend_schema(
        operation_id="similar",
        summary="What is like a title",
        description="Seasons and other relatives are left out: the title itself names them.",
        examples=[examples.SIMILAR],
        tags=["recommendations"],
        parameters=[SimilarParams],
        responses={
            200: SimilarTitlesSerializer,
            **malformed("top_n"),
            **no_such_title("anime_id"),
            **THROTTLED,
        },
    )
    def get(self, request: Request) -> Response:
        asked = SimilarParams.of(request.query_params)
        if not Anime.objects.visible().filter(pk=asked["anime_id"]).exists():
            raise missing("anime_id", f"There is no title {asked['anime_id']} here.")
        found = serving.similar(asked["anime_id"], top_n=asked["top_n"])
        answer = {**asked, "results": with_titles(found)}
        return Response(SimilarTitlesSerializer(answer, context={"request": request}).data)


def model_now(models: serving.ActiveModels) -> dict[str, Any]:
    """What ranks now, in the answer's words."""
    model = serving.active_model(models)
    return {
        "kind": model.kind if model else "popularity",
        "trained_at": model.trained_at if model else None,
    }


def add_breakdowns(
    member: User, found: Sequence[serving.Recommendation], results: list[dict[str, Any]]
) -> None:
    """Put the exact sum beside each result; two queries for all of them."""
    ids = [answer.anime_id for answer in found]
    sums = dict(zip(ids, serving.breakdowns(member, found), strict=True))
    for result in results:
        result["breakdown"] = sums[result["anime"].pk]


def with_titles(
    found: Iterable[serving.Recommendation | serving.SimilarTitle],
) -> list[dict[str, Any]]:
    """Put the title beside each answer; all titles in one query."""
    answers = list(found)
    ids = [answer.anime_id for answer in answers]
    titles = Anime.objects.visible().lean().in_bulk(ids)
    # An answer kept from before may name a title that has been deleted or hidden since.
    known = [answer for answer in answers if answer.anime_id in titles]
    return [
        {"rank": rank, "anime": titles[answer.anime_id], **_facts(answer)}
        for rank, answer in enumerate(known, start=1)
    ]


def _facts(answer: serving.Recommendation | serving.SimilarTitle) -> dict[str, Any]:
    if isinstance(answer, serving.SimilarTitle):
        return {"score": answer.score, "shared": answer.shared}
    return {
        "score": answer.score,
        "predicted_score": answer.predicted_score,
        "reason": answer.reason,
        "causes": answer.causes,
        "explained": answer.explained,
        "propensity": answer.propensity,
    }
