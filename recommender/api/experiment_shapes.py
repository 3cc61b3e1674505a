"""Experiments as the API reads and tells them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.params import Choice, Strict, WholeNumber
from recommender.engine.diversity import LIMITS
from recommender.engine.rules import MOST_FATIGUE
from recommender.experiments import telling
from recommender.experiments.analysing import Report
from recommender.models import Audience, Experiment, ExperimentKind, ExperimentState, Metric

SLUG = r"^[-a-zA-Z0-9_]+$"
LONGEST = 2000
MOST_VARIANTS = 8


class Number(serializers.FloatField):
    """A number of JSON; no text that reads like one, neither true nor false."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return super().to_internal_value(data)


class Slug(serializers.RegexField):
    def __init__(self, **more: Any) -> None:
        super().__init__(SLUG, **more)


class DialsSerializer(Strict):
    def get_fields(self) -> Any:
        return {
            name: Number(min_value=low, max_value=high, required=False)
            for name, (low, high) in LIMITS.items()
        }


class RulesSerializer(Strict):
    fatigue = Number(
        min_value=0, max_value=MOST_FATIGUE, required=False,
        help_text="How much what was passed over tires; 1 as usual.",
    )  # fmt: skip
    series_order = serializers.BooleanField(
        required=False, help_text="Whether a title waits for what comes before it."
    )


class VariantSerializer(Strict):
    name = Slug(max_length=40)
    share = Number(min_value=0, max_value=1, help_text="Of the members; all of them sum to 1.")
    model = WholeNumber(
        min_value=1, max_value=2**31 - 1, required=False, allow_null=True, default=None,
        help_text="Number of a published model; null: what is served to everybody.",
    )  # fmt: skip
    dials = DialsSerializer(required=False, help_text="Where a member sets none.")
    rules = RulesSerializer(required=False, help_text="Others than everybody's.")


class DraftSerializer(Strict):
    name = Slug(max_length=60)
    hypothesis = serializers.CharField(max_length=LONGEST)
    kind = Choice(ExperimentKind.choices, default=ExperimentKind.AB)
    layer = Slug(max_length=40, help_text="Nobody is in two experiments of one; made where new.")
    slice_start = Number(min_value=0, max_value=1, default=0.0)
    slice_end = Number(min_value=0, max_value=1, default=1.0)
    audience = Choice(Audience.choices, default=Audience.EVERYBODY)
    least_watched = WholeNumber(min_value=0, max_value=100_000, default=0)
    most_watched = WholeNumber(min_value=0, max_value=100_000, default=None, allow_null=True)
    metric = Choice(Metric.choices, default=Metric.TAKEN_UP)
    guardrails = serializers.ListField(
        child=Choice(Metric.choices), default=list, max_length=len(Metric)
    )
    base_rate = Number(min_value=0.0001, max_value=0.9999, default=0.1)
    wanted_lift = Number(min_value=0.001, max_value=10, default=0.1)
    days = WholeNumber(min_value=1, max_value=365, default=28)
    window_days = WholeNumber(min_value=1, max_value=90, default=7)
    variants = serializers.ListField(
        child=VariantSerializer(), min_length=2, max_length=MOST_VARIANTS,
        help_text="The first is what the others are compared with.",
    )  # fmt: skip


class MoveSerializer(Strict):
    to = Choice(
        [(state.value, state.label) for state in ExperimentState if state != ExperimentState.DRAFT]
    )
    winner = Slug(
        max_length=40, required=False, allow_null=True, default=None,
        help_text="Of a decision: name of a variant; null where none is better.",
    )  # fmt: skip
    said = serializers.CharField(max_length=LONGEST, default="", allow_blank=True)


# What is told


class ToldRulesSerializer(serializers.Serializer[Any]):
    fatigue = serializers.FloatField(required=False)
    series_order = serializers.BooleanField(required=False)


class ToldVariantSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    share = serializers.FloatField()
    model = serializers.IntegerField(source="model_id", allow_null=True)
    dials = serializers.DictField(child=serializers.FloatField())
    rules = ToldRulesSerializer()


class ChangeSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(ExperimentState.choices)
    by = serializers.CharField(help_text="Empty: the site itself.")
    said = serializers.CharField()
    at = serializers.DateTimeField()


class EstimateSerializer(serializers.Serializer[Any]):
    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    p = serializers.FloatField()


class DaySerializer(EstimateSerializer):
    day = serializers.IntegerField()
    members = serializers.IntegerField()


class ComparedSerializer(serializers.Serializer[Any]):
    metric = serializers.ChoiceField(Metric.choices)
    variant = serializers.CharField()
    control = serializers.FloatField()
    treatment = serializers.FloatField()
    one_look = EstimateSerializer()
    with_before = EstimateSerializer(help_text="With what was known of members before (CUPED).")
    any_time = DaySerializer(many=True, help_text="What could be said after each day.")
    p = serializers.FloatField(help_text="Any time, right for how many variants are compared.")
    is_found = serializers.BooleanField()
    is_better = serializers.BooleanField()


class CountedSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    share = serializers.FloatField()
    members = serializers.IntegerField()


class SharesSerializer(serializers.Serializer[Any]):
    p = serializers.FloatField()
    is_mismatch = serializers.BooleanField()


class PreferenceSerializer(serializers.Serializer[Any]):
    first = serializers.IntegerField(help_text="Members who took up more of the first variant's.")
    second = serializers.IntegerField()
    neither = serializers.IntegerField()
    p = serializers.FloatField(help_text="Right at any look.")


class PerTitleSerializer(EstimateSerializer):
    variant = serializers.CharField()


class SegmentSerializer(PerTitleSerializer):
    name = serializers.CharField()


class EpochSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    began_at = serializers.DateTimeField()
    shares = serializers.ListField(child=serializers.FloatField())
    members = serializers.ListField(child=serializers.IntegerField())
    did = serializers.ListField(child=serializers.IntegerField())
    is_mismatch = serializers.BooleanField()


class BanditSerializer(serializers.Serializer[Any]):
    chances_of_best = serializers.DictField(child=serializers.FloatField())
    epochs = EpochSerializer(many=True)
    differences = PerTitleSerializer(many=True)


class WithoutChanceSerializer(serializers.Serializer[Any]):
    variant = serializers.CharField()
    seen = serializers.FloatField(help_text="As it was.")
    ips = serializers.FloatField(help_text="As it would have been without chance.")
    snips = serializers.FloatField()
    snips_error = serializers.FloatField()
    effective = serializers.FloatField(help_text="How many titles that rests on.")


class ReportSerializer(serializers.Serializer[Any]):
    says = serializers.ListField(child=serializers.CharField())
    members_needed = serializers.IntegerField(allow_null=True)
    left_out = serializers.IntegerField(help_text="Members who were shown two variants.")
    shares = SharesSerializer()
    without_chance = WithoutChanceSerializer(
        many=True,
        help_text="Of variants that leave places to chance: titles taken up of those shown.",
    )
    bandit = BanditSerializer(
        allow_null=True, help_text="Of a bandit; differences are for one look."
    )
    preference = PreferenceSerializer(allow_null=True, help_text="Of an interleaving.")
    variants = CountedSerializer(many=True)
    primary = ComparedSerializer(many=True)
    guardrails = ComparedSerializer(many=True)
    per_title = PerTitleSerializer(many=True)
    segments = SegmentSerializer(many=True)


class ExperimentSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    hypothesis = serializers.CharField()
    kind = serializers.ChoiceField(ExperimentKind.choices)
    state = serializers.ChoiceField(ExperimentState.choices)
    layer = serializers.CharField(source="layer.name")
    slice_start = serializers.FloatField()
    slice_end = serializers.FloatField()
    audience = serializers.ChoiceField(Audience.choices)
    metric = serializers.ChoiceField(Metric.choices)
    guardrails = serializers.ListField(child=serializers.CharField())
    base_rate = serializers.FloatField()
    wanted_lift = serializers.FloatField()
    days = serializers.IntegerField()
    window_days = serializers.IntegerField()
    members_needed = serializers.IntegerField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    stopped_at = serializers.DateTimeField(allow_null=True)
    winner = serializers.CharField(source="winner.name", default=None, allow_null=True)
    variants = ToldVariantSerializer(many=True)


class WholeExperimentSerializer(ExperimentSerializer):
    changes = ChangeSerializer(many=True)
    report = serializers.SerializerMethodField(help_text="null: it has not begun.")

    @extend_schema_field(ReportSerializer(allow_null=True))
    def get_report(self, experiment: Experiment) -> dict[str, Any] | None:
        found: Report | None = self.context["report"]
        return telling.as_dict(found) if found else None
