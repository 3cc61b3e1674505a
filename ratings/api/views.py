"""POST /api/v1/rate: what the member who asks gave one title."""

from typing import Any, cast

from django.db import transaction
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.problems import (
    FORBIDDEN,
    NOT_JSON,
    THROTTLED,
    TOO_LARGE,
    UNAUTHENTICATED,
    malformed,
    missing,
    no_such_title,
)
from catalog.api.shared import MAX_ANIME_ID, Choice, PrivateView, QueryParams, Strict, WholeNumber
from catalog.models import Anime
from ratings.models import User, UserAnimeRating, WatchStatus


class RateSerializer(Strict):
    """A score, a status or both; no other names."""

    anime_id = WholeNumber(min_value=1, max_value=MAX_ANIME_ID)
    score = WholeNumber(
        min_value=1, max_value=10, allow_null=True, required=False, help_text="null takes it back."
    )
    status = Choice(WatchStatus.choices, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "score" not in attrs and "status" not in attrs:
            raise serializers.ValidationError({"score": "Give a score, a status or both."})
        return attrs


class EntrySerializer(serializers.ModelSerializer[UserAnimeRating]):
    """One line of the member's list."""

    class Meta:
        model = UserAnimeRating
        fields = ("anime_id", "score", "status", "watched_episodes", "rated_at")
        read_only_fields = fields


EXAMPLES = [
    OpenApiExample("A score", value={"anime_id": 1, "score": 9}, request_only=True),
    OpenApiExample(
        "Dropped, with no score",
        value={"anime_id": 1, "score": None, "status": "dropped"},
        request_only=True,
    ),
]


class RateView(PrivateView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="rate",
        summary="Rate a title, or set its status",
        description="Saying the same twice leaves one entry. The next recommendations follow it.",
        tags=["lists"],
        request=RateSerializer,
        examples=EXAMPLES,
        responses={
            200: OpenApiResponse(EntrySerializer, "The entry was changed."),
            201: OpenApiResponse(EntrySerializer, "The entry is new."),
            **malformed("score"),
            **UNAUTHENTICATED,
            **FORBIDDEN,
            **no_such_title("anime_id"),
            **TOO_LARGE,
            **NOT_JSON,
            **THROTTLED,
        },
    )
    def post(self, request: Request) -> Response:
        QueryParams.of(request.query_params)
        said = RateSerializer.of(request.data)
        anime = Anime.objects.visible().filter(pk=said["anime_id"]).first()
        if anime is None:
            raise missing("anime_id", f"There is no title {said['anime_id']} here.")
        # The permission let no guest in.
        member = cast(User, request.user)
        entry, is_new = say(member, anime, said)
        return Response(
            EntrySerializer(entry).data,
            status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK,
        )


@transaction.atomic
def say(member: User, anime: Anime, said: dict[str, Any]) -> tuple[UserAnimeRating, bool]:
    """Write score and status together; also tell whether the title was not on the list before."""
    is_new = not member.list_entries.filter(anime=anime).exists()
    if "score" in said:
        entry = member.rate(anime, score=said["score"])
    # Last, so that the status that was said stands.
    if "status" in said:
        entry = member.set_status(anime, said["status"])
    return entry, is_new
