"""GET /api/v1/feedback; PUT, DELETE /api/v1/feedback/{id}: what a member does not want to hear of."""

from typing import Any

from django.db.models import F
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.pages import Order, PageParams, page_of, paged
from catalog.api.params import MAX_ANIME_ID, Choice, QueryNumber, QueryParams, Strict
from catalog.api.problems import (
    THROTTLED,
    UNAUTHENTICATED,
    malformed,
    missing,
    no_such_title,
)
from catalog.api.serializers import CardSerializer
from catalog.api.shared import PrivateView
from catalog.models import Anime
from ratings.api.once import ONCE, WRITING, once
from ratings.api.whose import member_of
from ratings.models import Feedback, FeedbackReason
from recommender.api import examples

ID = OpenApiParameter(
    "id",
    {"type": "integer", "minimum": 1, "maximum": MAX_ANIME_ID},
    OpenApiParameter.PATH,
    description="MyAnimeList id.",
)


class FeedbackSerializer(serializers.Serializer[Any]):
    anime = CardSerializer()
    reason = serializers.ChoiceField(FeedbackReason.choices)
    created_at = serializers.DateTimeField()


class ReasonSerializer(Strict):
    reason = Choice(FeedbackReason.choices, default="", help_text="Empty: just not.")


class FeedbackPath(Strict):
    id = QueryNumber(min_value=1, max_value=MAX_ANIME_ID)


class FeedbackListView(PrivateView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="feedback",
        summary="What you are not interested in, the newest first",
        tags=["feedback"],
        parameters=[PageParams],
        examples=[examples.FEEDBACK_LIST],
        responses={
            200: paged(FeedbackSerializer),
            **malformed("cursor"),
            **UNAUTHENTICATED,
            **THROTTLED,
        },
    )
    def get(self, request: Request) -> Response:
        asked = PageParams.of(request.query_params)
        shown = Anime.objects.visible().values("pk")
        rows = member_of(request).feedback.filter(anime__in=shown).select_related("anime")
        rows = rows.defer("anime__synopsis", "anime__search_text")
        page = page_of(rows, Order("newest", F("created_at"), falls=True), asked)
        told = FeedbackSerializer(page.rows, many=True, context={"request": request})
        return Response(page.answer(request, told.data))


class FeedbackView(PrivateView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="dismiss",
        summary="Not interested in this title",
        description="It is never recommended again, and counts against what is like it unless it was seen elsewhere.",
        tags=["feedback"],
        parameters=[ID, ONCE],
        request=ReasonSerializer,
        examples=[examples.DISMISS, examples.FEEDBACK],
        responses={
            200: FeedbackSerializer,
            **malformed("reason"),
            **WRITING,
            **no_such_title("id"),
        },
    )
    @once
    def put(self, request: Request, id: str) -> Response:  # noqa: A002 - the address's own word
        QueryParams.of(request.query_params)
        said = ReasonSerializer.of(request.data)
        anime, member = _title(id), member_of(request)
        member.dismiss(anime, said["reason"])
        row = Feedback.objects.select_related("anime").get(user=member, anime=anime)
        return Response(FeedbackSerializer(row, context={"request": request}).data)

    @extend_schema(
        operation_id="undo_dismiss",
        summary="It may be recommended again",
        tags=["feedback"],
        parameters=[ID, ONCE],
        responses={
            204: OpenApiResponse(None, "Also where nothing was said of it."),
            **malformed("id"),
            **WRITING,
            **no_such_title("id"),
        },
    )
    @once
    def delete(self, request: Request, id: str) -> Response:  # noqa: A002
        QueryParams.of(request.query_params)
        member_of(request).undo_dismiss(_title(id))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _title(written: str) -> Anime:
    wanted = FeedbackPath.of({"id": written})["id"]
    anime = Anime.objects.visible().lean().filter(pk=wanted).first()
    if anime is None:
        raise missing("id", f"There is no title {wanted} here.")
    return anime
