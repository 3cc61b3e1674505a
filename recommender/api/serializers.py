"""How a recommendation looks in JSON."""

from typing import Any

from rest_framework import serializers

from catalog.api.serializers import CardSerializer
from catalog.api.sparse import Sparse


class CauseSerializer(serializers.Serializer[Any]):
    """One summand of the score: a title of the member's own, or a named feature of the title."""

    kind = serializers.ChoiceField(["title", "feature"])
    anime_id = serializers.IntegerField(allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment]  # hides an attribute of fields, which a serializer within a list does not use
    score = serializers.IntegerField(allow_null=True, help_text="What the member gave it.")
    share = serializers.FloatField(
        help_text="Its part of all that speaks for the title; below 0 where it speaks against it."
    )
    value = serializers.FloatField(help_text="The summand itself, in the units of `score`.")
    feature = serializers.CharField(
        allow_blank=True, help_text="The feature's name; empty for a title."
    )


class BreakdownSerializer(serializers.Serializer[Any]):
    """`score` is the sum of all `value`s and `remainder`, to the precision of a 32-bit float."""

    score = serializers.FloatField()
    causes = CauseSerializer(many=True)
    remainder = serializers.FloatField(help_text="What belongs to no cause that has a name.")


class ModelSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="`popularity` while nothing is trained.")
    trained_at = serializers.DateTimeField(allow_null=True)


class RecommendedSerializer(Sparse):
    rank = serializers.IntegerField()
    anime = CardSerializer()
    score = serializers.FloatField(
        help_text="The model's; of no meaning outside this list. Orders it while no dial is turned."
    )
    predicted_score = serializers.FloatField(
        allow_null=True, help_text="What this member would likely give, 1 to 10."
    )
    reason = serializers.CharField()
    causes = CauseSerializer(many=True)
    explained = serializers.FloatField(
        help_text="The part of all that speaks for the title that `causes` make up, 0 to 1."
    )
    propensity = serializers.FloatField(
        help_text="How likely it was to stand here, given the titles above; 1 without `exploration`."
    )
    breakdown = BreakdownSerializer(required=False, help_text="Only with `explain=full`.")


class RecommendationsSerializer(serializers.Serializer[Any]):
    user_id = serializers.IntegerField()
    model = ModelSerializer()
    results = RecommendedSerializer(many=True)


class RecommendationsForListSerializer(serializers.Serializer[Any]):
    model = ModelSerializer()
    unknown = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="Ids of the list that this site does not know; the rest was gone by.",
    )
    results = RecommendedSerializer(many=True)


class ExplainedSerializer(serializers.Serializer[Any]):
    """Of one title, whether or not it would be put forward."""

    user_id = serializers.IntegerField()
    model = ModelSerializer()
    anime = CardSerializer()
    on_list = serializers.BooleanField(
        help_text="Whether it is on the list or not wanted, and so never put forward."
    )
    score = serializers.FloatField(help_text="The model's, as in `recommend`.")
    predicted_score = serializers.FloatField(allow_null=True)
    reason = serializers.CharField()
    causes = CauseSerializer(many=True)
    explained = serializers.FloatField()
    breakdown = BreakdownSerializer()
    left_out = serializers.DictField(
        child=serializers.FloatField(),
        help_text="What features that are not to count would have added.",
    )


class SimilarSerializer(Sparse):
    rank = serializers.IntegerField()
    anime = CardSerializer()
    score = serializers.FloatField()
    shared = serializers.ListField(
        child=serializers.CharField(), help_text="Genres and studios that both have."
    )


class SimilarTitlesSerializer(serializers.Serializer[Any]):
    anime_id = serializers.IntegerField()
    results = SimilarSerializer(many=True)
