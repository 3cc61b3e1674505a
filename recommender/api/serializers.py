"""How a recommendation looks in JSON."""

from typing import Any

from rest_framework import serializers

from catalog.api.serializers import CardSerializer


class CauseSerializer(serializers.Serializer[Any]):
    """One summand of the score: a title of the member's own, or a named feature."""

    kind = serializers.ChoiceField(["title", "feature"])
    anime_id = serializers.IntegerField(allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment]  # hides an attribute of fields, which a serializer within a list does not use
    score = serializers.IntegerField(allow_null=True, help_text="What the member gave it.")
    share = serializers.FloatField(help_text="Its part of the whole score, 0 to 1.")


class ModelSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="`popularity` while nothing is trained.")
    trained_at = serializers.DateTimeField(allow_null=True)


class RecommendedSerializer(serializers.Serializer[Any]):
    rank = serializers.IntegerField()
    anime = CardSerializer()
    score = serializers.FloatField(help_text="Orders this list; of no meaning outside it.")
    predicted_score = serializers.FloatField(
        allow_null=True, help_text="What this member would likely give, 1 to 10."
    )
    reason = serializers.CharField()
    causes = CauseSerializer(many=True)
    explained = serializers.FloatField(help_text="The part of the score that `causes` make up.")


class RecommendationsSerializer(serializers.Serializer[Any]):
    user_id = serializers.IntegerField()
    model = ModelSerializer()
    results = RecommendedSerializer(many=True)


class SimilarSerializer(serializers.Serializer[Any]):
    rank = serializers.IntegerField()
    anime = CardSerializer()
    score = serializers.FloatField()
    shared = serializers.ListField(
        child=serializers.CharField(), help_text="Genres and studios that both have."
    )


class SimilarTitlesSerializer(serializers.Serializer[Any]):
    anime_id = serializers.IntegerField()
    results = SimilarSerializer(many=True)
