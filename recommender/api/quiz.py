"""GET and POST /api/v1/quiz: what to ask next, and the answers that are no scores."""

from typing import Any, cast

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.params import MAX_ANIME_ID, QueryNumber, QueryParams, Strict, WholeNumber
from catalog.api.problems import (
    THROTTLED,
    UNAUTHENTICATED,
    failure,
    malformed,
    missing,
)
from catalog.api.serializers import CardSerializer
from catalog.api.shared import PrivateView
from catalog.models import Anime
from ratings.api.once import ONCE, WRITING, once
from ratings.models import User
from recommender import quiz
from recommender.api import examples
from recommender.api.serializers import ModelSerializer
from recommender.favourites import UnknownGenre

# So many titles may be answered in one request.
MOST_IDS = 200
MOST_GENRES = 200
NO_SUCH_ANSWER = failure(
    "No such title or genre, or it is hidden here. Nothing was kept.",
    "not_found",
    "There is no title 9000001 here.",
    field="not_seen",
)


class QuizParams(QueryParams):
    n = QueryNumber(
        min_value=1, max_value=20, default=5, required=False, help_text="How many titles to ask."
    )


def ids(help_text: str) -> serializers.ListField:
    number = WholeNumber(min_value=1, max_value=MAX_ANIME_ID)
    return serializers.ListField(
        child=number, max_length=MOST_IDS, required=False, help_text=help_text
    )


class AnswersSerializer(Strict):
    """Any of the three; no other names."""

    not_seen = ids("Titles the caller does not know; added to those said before.")
    undo = ids("Titles whose `not_seen` is taken back.")
    genres = serializers.ListField(
        child=serializers.CharField(max_length=60),
        max_length=MOST_GENRES,
        required=False,
        help_text="The favourite genres, in place of those before; empty for none.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError({"not_seen": "Give not_seen, undo or genres."})
        if set(attrs.get("not_seen", ())) & set(attrs.get("undo", ())):
            raise serializers.ValidationError({"undo": "A title cannot be in not_seen as well."})
        return attrs


class AnsweredSerializer(serializers.Serializer[Any]):
    titles = serializers.IntegerField(help_text="Titles on the caller's list that they have seen.")
    not_seen = serializers.ListField(
        child=serializers.IntegerField(), help_text="Without those that are on the list by now."
    )
    genres = serializers.ListField(child=serializers.CharField())
    ready = serializers.BooleanField(help_text="Whether the list says enough of the caller.")


class QuizSerializer(serializers.Serializer[Any]):
    model = ModelSerializer()
    questions = CardSerializer(many=True, help_text="What to ask next, the most telling first.")
    answered = AnsweredSerializer()
    genres = serializers.ListField(
        child=serializers.CharField(), help_text="The genres that can be favourites."
    )


class QuizView(PrivateView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="quiz",
        summary="What to ask a newcomer next",
        description="Titles whose answers would tell most, with all that was said so far. A score "
        "goes to `rate`. `questions` is short only where fewer titles are left.",
        tags=["quiz"],
        examples=[examples.QUIZ],
        parameters=[QuizParams],
        responses={
            200: QuizSerializer,
            **malformed("n"),
            **UNAUTHENTICATED,
            **THROTTLED,
        },
    )
    def get(self, request: Request) -> Response:
        asked = QuizParams.of(request.query_params)
        return self._answer(request, asked["n"])

    @extend_schema(
        operation_id="answer_quiz",
        summary="Answer without a score",
        description="Titles that are not known, which steer what is asked next and nothing else, "
        "and favourite genres, which count in recommendations while the list is short. All of it "
        "is kept or nothing. Saying the same twice is saying it once.",
        tags=["quiz"],
        request=AnswersSerializer,
        parameters=[QuizParams, ONCE],
        examples=[*examples.QUIZ_ANSWERS, examples.QUIZ],
        responses={
            200: QuizSerializer,
            **malformed("not_seen"),
            **WRITING,
            **NO_SUCH_ANSWER,
        },
    )
    @once
    def post(self, request: Request) -> Response:
        asked = QuizParams.of(request.query_params)
        said = AnswersSerializer.of(request.data)
        # The permission let no guest in.
        keep(cast(User, request.user), said)
        return self._answer(request, asked["n"])

    def _answer(self, request: Request, n: int) -> Response:
        now = quiz.Quiz(cast(User, request.user))
        return Response(QuizSerializer(described(now, n), context={"request": request}).data)


@transaction.atomic
def keep(member: User, said: dict[str, Any]) -> None:
    """Write every answer; NotFound where one names nothing, and then none is kept."""
    for field in ("not_seen", "undo"):
        _need_titles(field, said.get(field, []))
    quiz.say_not_seen(member, said.get("not_seen", []))
    quiz.unsay_not_seen(member, said.get("undo", []))
    if "genres" in said:
        try:
            quiz.Quiz(member).choose_genres(said["genres"])
        except UnknownGenre as unknown:
            raise missing("genres", f"There is no genre {unknown} to choose here.") from None


def _need_titles(field: str, wanted: list[int]) -> None:
    there = set(Anime.objects.visible().filter(pk__in=wanted).values_list("pk", flat=True))
    if gone := sorted(set(wanted) - there):
        raise missing(field, f"There is no title {gone[0]} here.")


def described(now: quiz.Quiz, n: int) -> dict[str, Any]:
    """The quiz as it stands, in the answer's words."""
    asked = Anime.objects.in_the_order_of(now.next_titles(n)).lean()
    return {
        "model": {
            "kind": "quiz" if now.model else "popularity",
            "trained_at": now.trained_at,
        },
        "questions": asked,
        "answered": {
            "titles": len(now.answers.known),
            "not_seen": sorted(now.answers.not_seen.tolist()),
            "genres": now.favourites,
            "ready": not now.answers.missing,
        },
        "genres": [genre.name for genre in now.genres],
    }
