"""How a title looks in JSON."""

from datetime import date
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from catalog.api.sparse import Sparse
from catalog.models import Anime, Genre, Precision

# How many letters of 1998-04-03 are known.
KNOWN = {Precision.DAY: 10, Precision.MONTH: 7, Precision.YEAR: 4}


@extend_schema_field({"type": "string", "nullable": True})
class TextOrNull(serializers.CharField):
    """Nothing known is null, never an empty text."""

    def to_representation(self, value: Any) -> Any:
        return str(value) or None


class LinkedSerializer(serializers.Serializer[Any]):
    """With the address of the title's page."""

    url = serializers.SerializerMethodField()

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, anime: Anime) -> str:
        request: Request = self.context["request"]
        return request.build_absolute_uri(anime.get_absolute_url())


class CardSerializer(LinkedSerializer):
    """What is enough to name a title in a list."""

    mal_id = serializers.IntegerField()
    title = serializers.CharField()
    title_english = TextOrNull()
    type = TextOrNull()
    year = serializers.IntegerField(source="aired_year", allow_null=True)
    episodes = serializers.IntegerField(allow_null=True)


class TitleSerializer(Sparse, CardSerializer):
    """What a list of titles tells of each."""

    title_japanese = TextOrNull()
    status = TextOrNull()
    season = TextOrNull(help_text="In which it begins, with `year`; titles of TV mostly.")
    genres = serializers.StringRelatedField[Any](many=True)
    mean_score = serializers.FloatField(allow_null=True)
    members = serializers.IntegerField(allow_null=True)
    image_url = TextOrNull()


class GenreSerializer(serializers.ModelSerializer[Genre]):
    class Meta:
        model = Genre
        fields = ("name", "kind")


class AiredSerializer(serializers.Serializer[Anime]):
    """Days as far as they are known: 1998-04-03, 1998-04 or 1998."""

    def get_fields(self) -> dict[str, Any]:
        # `from` is a word of Python, so it cannot be declared as an attribute.
        return {
            "from": serializers.SerializerMethodField(method_name="get_first"),
            "from_precision": TextOrNull(source="aired_from_precision"),
            "to": serializers.SerializerMethodField(method_name="get_last"),
            "to_precision": TextOrNull(source="aired_to_precision"),
        }

    def get_first(self, anime: Anime) -> str | None:
        return _as_known(anime.aired_from, anime.aired_from_precision)

    def get_last(self, anime: Anime) -> str | None:
        return _as_known(anime.aired_to, anime.aired_to_precision)


def _as_known(day: date | None, precision: str) -> str | None:
    return day.isoformat()[: KNOWN[Precision(precision or Precision.DAY)]] if day else None


class RelationSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    mal_id = serializers.IntegerField(source="to_mal_id")
    title = serializers.CharField()


class AnimeSerializer(Sparse, LinkedSerializer):
    """All that is known of a title; null where nothing is."""

    mal_id = serializers.IntegerField()
    title = serializers.CharField()
    title_english = TextOrNull()
    title_japanese = TextOrNull()
    synonyms = serializers.StringRelatedField[Any](many=True)
    synopsis = TextOrNull()
    type = TextOrNull()
    source = TextOrNull(help_text="What it was made from.")  # type: ignore[assignment]  # hides an option that only a nested serializer has
    status = TextOrNull()
    episodes = serializers.IntegerField(allow_null=True)
    duration = serializers.IntegerField(allow_null=True, help_text="Seconds an episode.")
    age_rating = TextOrNull()
    aired = AiredSerializer(source="*")
    season = TextOrNull()
    year = serializers.IntegerField(allow_null=True)
    studios = serializers.StringRelatedField[Any](many=True)
    genres = GenreSerializer(many=True)
    relations = RelationSerializer(many=True)
    mean_score = serializers.FloatField(allow_null=True)
    members = serializers.IntegerField(allow_null=True)
    image_url = TextOrNull()
