"""GET, POST /api/v1/taste: what was learned of a member, and their word against it."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.params import Choice, QueryParams, Strict
from catalog.api.problems import (
    NO_PARAMETERS,
    THROTTLED,
    UNAUTHENTICATED,
    failure,
    malformed,
    missing,
)
from catalog.api.shared import PrivateView
from ratings.api.once import ONCE, WRITING, once
from ratings.api.whose import member_of
from ratings.models import User
from recommender import taste
from recommender.api import examples
from recommender.engine.taste_reading import Claim, Taste
from recommender.models.taste import TraitKind
from recommender.taste_rows import SAID, sentence

LONGEST_NAME = 120
NO_TRAIT = "Nothing of that name was learned of any title here."


class ClaimSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(TraitKind.choices)
    name = serializers.CharField()
    sentence = serializers.CharField()
    certainty = serializers.FloatField(help_text="Probability that the direction is right, 0 to 1.")


class TraitSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(TraitKind.choices)
    name = serializers.CharField()
    titles = serializers.IntegerField(help_text="Titles of the list that have it.")
    scored = serializers.IntegerField(help_text="Those of them with a score.")
    points = serializers.FloatField(
        help_text="By how much its titles are scored above the rest of the list, compared with others."
    )
    points_low = serializers.FloatField(help_text="Lower end of the 95 % interval.")
    points_high = serializers.FloatField()
    often = serializers.FloatField(help_text="How often it is watched, as a multiple of others.")
    often_low = serializers.FloatField()
    often_high = serializers.FloatField()
    correction = serializers.IntegerField(help_text="Your word on it: -2 far less to 2 far more.")


class GroupSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    share = serializers.FloatField(help_text="Of all members, 0 to 1.")


class TasteSerializer(serializers.Serializer[Any]):
    is_trained = serializers.BooleanField(help_text="Whether a model of tastes is there at all.")
    group = GroupSerializer(allow_null=True, help_text="The members whose lists are most like it.")
    claims = ClaimSerializer(many=True, help_text="What is certain enough to be said.")
    traits = TraitSerializer(many=True, help_text="Those on the list, most titles first.")


class CorrectionSerializer(Strict):
    kind = Choice(TraitKind.choices)
    name = serializers.CharField(max_length=LONGEST_NAME)
    change = Choice(
        [("less", "A step less"), ("more", "A step more"), ("undo", "As the list says")],
        help_text="`less` and `more` are one step each, two at most; `undo` takes your word back.",
    )


class TasteView(PrivateView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="taste",
        summary="What was learned of your taste",
        tags=["taste"],
        examples=[examples.TASTE],
        responses={200: TasteSerializer, **NO_PARAMETERS, **UNAUTHENTICATED, **THROTTLED},
    )
    def get(self, request: Request) -> Response:
        QueryParams.of(request.query_params)
        return Response(TasteSerializer(told(member_of(request))).data)

    @extend_schema(
        operation_id="correct_taste",
        summary="Say that you like something more or less than your list says",
        description="The next recommendations follow it.",
        tags=["taste"],
        parameters=[ONCE],
        request=CorrectionSerializer,
        examples=[examples.CORRECTION, examples.TASTE],
        responses={
            200: TasteSerializer,
            **malformed("change"),
            **WRITING,
            **failure("No such trait.", "not_found", NO_TRAIT, field="name"),
        },
    )
    @once
    def post(self, request: Request) -> Response:
        QueryParams.of(request.query_params)
        said = CorrectionSerializer.of(request.data)
        member, change = member_of(request), cast(taste.Change, said["change"])
        try:
            taste.correct(member, kind=said["kind"], name=said["name"], change=change)
        except taste.UnknownTrait:
            raise missing("name", NO_TRAIT) from None
        return Response(TasteSerializer(told(member)).data)


def told(member: User) -> dict[str, Any]:
    profile = taste.profile_of(member)
    learned, group = profile.taste, profile.group
    shown = learned.claims() if learned else []
    claims = [claim for claim in shown if (claim.kind, claim.name) not in profile.hidden][:SAID]
    return {
        "is_trained": learned is not None,
        "group": group and {"name": group.name, "share": group.share},
        "claims": [_claim(claim) for claim in claims],
        "traits": _traits(learned, profile.hidden) if learned else [],
    }


def _claim(claim: Claim) -> dict[str, Any]:
    said = sentence(claim)
    words = f"{said.before}{said.name}{said.after}."
    return {"kind": claim.kind, "name": claim.name, "sentence": words, "certainty": claim.certainty}


def _traits(learned: Taste, hidden: frozenset[tuple[str, str]]) -> list[dict[str, Any]]:
    known = ((learned.titles > 0) | (learned.steps != 0)).nonzero()[0].tolist()
    places = [n for n in known if learned.names[n] not in hidden]
    places.sort(key=lambda n: (-int(learned.titles[n]), learned.names[n]))
    return [_trait(learned, n) for n in places]


def _trait(learned: Taste, n: int) -> dict[str, Any]:
    kind, name = learned.names[n]
    return {
        "kind": kind,
        "name": name,
        "titles": int(learned.titles[n]),
        "scored": int(learned.scored[n]),
        "points": float(learned.mean[n]),
        "points_low": float(learned.low[n]),
        "points_high": float(learned.high[n]),
        "often": float(learned.lift[n]),
        "often_low": float(learned.lift_low[n]),
        "often_high": float(learned.lift_high[n]),
        "correction": int(learned.steps[n]),
    }
