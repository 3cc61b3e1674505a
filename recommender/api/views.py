"""GET, POST /api/v1/recommend; GET /api/v1/explain and /api/v1/similar."""

from collections.abc import Iterable, Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.problems import (
    NOT_JSON,
    NOT_YOURS,
    THROTTLED,
    TOO_LARGE,
    UNAUTHENTICATED,
    failure,
    malformed,
    missing,
    no_such_title,
)
from catalog.api.shared import PrivateView, PublicView
from catalog.models import Anime, CatalogueVersion
from ratings.api.whose import member_shown
from ratings.guests import stranger
from ratings.models import User
from recommender import serving
from recommender.api import examples
from recommender.api.listed import ListedSerializer, ids_in, own_of
from recommender.api.params import (
    ChoosingParams,
    ExplainParams,
    RecommendParams,
    SimilarParams,
    dials_of,
)
from recommender.api.serializers import (
    ExplainedSerializer,
    ModelSerializer,
    RecommendationsForListSerializer,
    RecommendationsSerializer,
    RecommendedSerializer,
    SimilarSerializer,
    SimilarTitlesSerializer,
)
from recommender.datasets import OwnTitles, read_own
from recommender.experiments import exposing
from recommender.experiments.choosing import recommended
from recommender.experiments.trials import NOTHING, trial_of
from recommender.models import TrainedModel
from recommender.narrowing import titles_allowed
from recommender.serving import Detail


class RecommendView(PrivateView):
    @extend_schema(
        operation_id="recommend",
        summary="What a member would like",
        description="You, or a member who shows their list; staff may ask for anybody. Filters and franchises "
        "count before the list is cut; dials at 0 change nothing.",
        tags=["recommendations"],
        examples=[examples.RECOMMENDATIONS],
        parameters=[RecommendParams],
        responses={
            200: RecommendationsSerializer,
            **malformed("top_n"),
            **UNAUTHENTICATED,
            **NOT_YOURS,
            **THROTTLED,
        },
    )
    def get(self, request: Request) -> Response:
        asked = RecommendParams.of(request.query_params)
        member = member_shown(request, asked.get("user_id"))
        answer = {"user_id": member.pk, **answered(request, member, asked)}
        return Response(answer)

    @extend_schema(
        operation_id="recommend_for_list",
        summary="What somebody with this list would like",
        description="For other sites: nobody needs an account, nothing is kept. The address narrows and orders "
        "as in `GET`; the body is the list.",
        tags=["recommendations"],
        auth=[],
        parameters=[ChoosingParams],
        request=ListedSerializer,
        examples=[examples.LISTED, examples.FOR_LIST],
        responses={
            200: RecommendationsForListSerializer,
            **malformed("list"),
            **TOO_LARGE,
            **NOT_JSON,
            **THROTTLED,
        },
    )
    def post(self, request: Request) -> Response:
        asked = ChoosingParams.of(request.query_params)
        said = ListedSerializer.of(request.data)
        known = set(
            Anime.objects.described().filter(pk__in=ids_in(said)).values_list("pk", flat=True)
        )
        answer = answered(request, stranger(), asked, own=own_of(said, known))
        return Response({**answer, "unknown": sorted(ids_in(said) - known)})

    def get_authenticators(self) -> list[BaseAuthentication]:
        """A list in the body is nobody's: no session, so no CSRF token either."""
        is_anonymous = self.request is not None and self.request.method == "POST"
        return [] if is_anonymous else super().get_authenticators()


def answered(
    request: Request, member: User, asked: dict[str, Any], own: OwnTitles | None = None
) -> dict[str, Any]:
    """Which model, and its titles with their reasons, in the answer's words."""
    models, version = serving.active_models(), CatalogueVersion.now()
    trial = trial_of(member, version) if member == request.user else NOTHING
    chosen = recommended(
        member,
        trial,
        models=models,
        dials=dials_of(asked),
        top_n=asked["top_n"],
        among=titles_allowed(asked),
        # The exact sums, a line for every title of the list, are worked out for who asks for them.
        detail=Detail.SUMS if asked["explain"] == "full" else Detail.REASONS,
        version=version,
        own=own,
    )
    found, model = chosen.found, chosen.model
    # Noted by the middleware, which keeps it beside the answer.
    request._request.shown = exposing.shown(trial, member, chosen)  # type: ignore[attr-defined]
    results = with_titles(found)
    if asked["explain"] == "full":
        add_breakdowns(member, found, results, own)
    context = {"request": request, "fields": asked.get("fields")}
    return {
        "model": ModelSerializer(model_told(model)).data,
        "results": RecommendedSerializer(results, many=True, context=context).data,
    }


class ExplainView(PrivateView):
    @extend_schema(
        operation_id="explain",
        summary="What speaks for one title and against it",
        description="Also of a title that would not be put forward. Every summand is there: they and the remainder "
        "add up to `score`.",
        tags=["recommendations"],
        examples=[examples.EXPLAINED],
        parameters=[ExplainParams],
        responses={
            200: ExplainedSerializer,
            **malformed("anime_id"),
            **UNAUTHENTICATED,
            **NOT_YOURS,
            **failure(
                "No such title, or no model knows it.",
                "not_found",
                "No model knows 9000001.",
                field="anime_id",
            ),
            **THROTTLED,
        },
    )
    def get(self, request: Request) -> Response:
        asked = ExplainParams.of(request.query_params)
        member = member_shown(request, asked.get("user_id"))
        wanted = asked["anime_id"]
        anime = Anime.objects.visible().lean().filter(pk=wanted).first()
        if anime is None:
            raise missing("anime_id", f"There is no title {wanted} here.")
        models, own = serving.active_models(), read_own(member)
        found = serving.explain(member, wanted, models=models, own=own)
        if found is None:
            raise missing("anime_id", f"No model knows {wanted}.")
        answer = {
            "user_id": member.pk,
            "model": model_told(serving.active_model(models)),
            "anime": anime,
            "on_list": wanted in own.settled,
            "breakdown": serving.breakdowns(member, [found], own=own)[0],
            "left_out": found.left_out,
            **_facts(found),
        }
        return Response(ExplainedSerializer(answer, context={"request": request}).data)


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
        context = {"request": request, "fields": asked.get("fields")}
        results = SimilarSerializer(with_titles(found), many=True, context=context)
        return Response({"anime_id": asked["anime_id"], "results": results.data})


# As the answer calls it.
NOTHING_TRAINED = {"kind": "popularity", "trained_at": None}


def model_told(model: TrainedModel | None) -> dict[str, Any]:
    """What ranks, in the answer's words."""
    return {"kind": model.kind, "trained_at": model.trained_at} if model else NOTHING_TRAINED


def add_breakdowns(
    member: User,
    found: Sequence[serving.Recommendation],
    results: list[dict[str, Any]],
    own: OwnTitles | None,
) -> None:
    """Put the exact sum beside each result; two queries for all of them."""
    ids = [answer.anime_id for answer in found]
    sums = dict(zip(ids, serving.breakdowns(member, found, own=own), strict=True))
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
