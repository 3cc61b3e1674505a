"""GET /api/v1/me: who asks; POST /api/v1/rate: what they gave one title."""

from typing import Any

from django.db import transaction
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.params import MAX_ANIME_ID, Choice, QueryParams, Strict, WholeNumber
from catalog.api.problems import (
    NO_PARAMETERS,
    THROTTLED,
    UNAUTHENTICATED,
    malformed,
    missing,
    no_such_title,
)
from catalog.api.shared import PrivateView
from catalog.models import Anime
from catalog.viewing import TitleLanguage
from ratings.api import examples
from ratings.api.once import ONCE, WRITING, once
from ratings.api.serializers import EntrySerializer
from ratings.api.whose import member_of
from ratings.models import AccessToken, Scope, User, UserAnimeRating, WatchStatus


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


class OwnTokenSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    scope = serializers.ChoiceField(Scope.choices)


class MeSerializer(serializers.Serializer[Any]):
    user_id = serializers.IntegerField(source="pk")
    name = serializers.CharField(source="display_name")
    is_guest = serializers.BooleanField()
    is_staff = serializers.BooleanField()
    is_public = serializers.BooleanField(help_text="Whether others may see the list.")
    title_language = serializers.ChoiceField(TitleLanguage.choices)
    list_version = serializers.IntegerField(help_text="Grows with every change of the list.")
    token = OwnTokenSerializer(allow_null=True, help_text="What was signed in with, if a token.")


class MeView(PrivateView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="me",
        summary="Who you are here",
        tags=["account"],
        examples=[examples.ME],
        responses={200: MeSerializer, **NO_PARAMETERS, **UNAUTHENTICATED, **THROTTLED},
    )
    def get(self, request: Request) -> Response:
        QueryParams.of(request.query_params)
        member = member_of(request)
        # Beside the member's own columns, what the request itself brought.
        member.token = request.auth if isinstance(request.auth, AccessToken) else None  # type: ignore[attr-defined]
        return Response(MeSerializer(member).data)


class RateView(PrivateView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="rate",
        summary="Rate a title, or set its status",
        description="Saying the same twice leaves one entry. The next recommendations follow it.",
        tags=["lists"],
        request=RateSerializer,
        parameters=[ONCE],
        examples=[*examples.RATING, examples.ENTRY],
        responses={
            200: OpenApiResponse(EntrySerializer, "The entry was changed."),
            201: OpenApiResponse(EntrySerializer, "The entry is new."),
            **malformed("score"),
            **WRITING,
            **no_such_title("anime_id"),
        },
    )
    @once
    def post(self, request: Request) -> Response:
        QueryParams.of(request.query_params)
        said = RateSerializer.of(request.data)
        anime = Anime.objects.visible().filter(pk=said["anime_id"]).first()
        if anime is None:
            raise missing("anime_id", f"There is no title {said['anime_id']} here.")
        entry, is_new = say(member_of(request), anime, said)
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
