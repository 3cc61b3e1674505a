"""Experiments on live members: what is tried, on whom, what they were shown and what came of it."""

import secrets
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from ratings.models import User
from recommender.engine.diversity import Dials
from recommender.engine.experiments.assignment import Slice
from recommender.engine.interactions import EngineError
from recommender.engine.rules import Rules
from recommender.models.training import TrainedModel

SALT_BYTES = 12


def new_salt() -> str:
    return secrets.token_hex(SALT_BYTES)


class ExperimentKind(models.TextChoices):
    AB = "ab", "A/B: each member sees one variant"
    INTERLEAVING = "interleaving", "Interleaving: each member sees both in one list"
    BANDIT = "bandit", "Bandit: more members where it looks best"


class ExperimentState(models.TextChoices):
    DRAFT = "draft", "Draft"
    RUNNING = "running", "Running"
    STOPPED = "stopped", "Stopped"
    DECIDED = "decided", "Decided"


class Audience(models.TextChoices):
    EVERYBODY = "everybody", "Everybody"
    ACCOUNTS = "accounts", "Accounts, without guests"
    GUESTS = "guests", "Guests"


class Metric(models.TextChoices):
    """Of members who were shown a list: the share that did it, with a title they were shown."""

    OPENED = "opened", "opened a title"
    TAKEN_UP = "taken_up", "put a title on their list"
    PLANNED = "planned", "planned a title"
    RATED = "rated", "scored a title"
    FINISHED = "finished", "finished a title"
    LIKED = "liked", "gave a title 8 or more"
    DISLIKED = "disliked", "gave a title 4 or less, or dropped it"
    NOT_INTERESTED = "not_interested", "said of a title that it is not for them"


# What is worse when there is more of it.
LESS_IS_BETTER = frozenset((Metric.DISLIKED, Metric.NOT_INTERESTED))


class Layer(models.Model):
    """Members are dealt to the experiments of a layer, so that nobody is in two of them."""

    name = models.SlugField(max_length=40, unique=True)
    salt = models.CharField(max_length=2 * SALT_BYTES, default=new_salt, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ExperimentQuerySet(models.QuerySet["Experiment"]):
    def running(self) -> Self:
        return self.filter(state=ExperimentState.RUNNING)


class Experiment(models.Model):
    """What is asked, of whom, and how it is judged; once it runs only its state moves."""

    name = models.SlugField(max_length=60, unique=True)
    hypothesis = models.TextField(
        help_text="What will be better for whom, and why. Written before, kept for after."
    )
    kind = models.CharField(max_length=12, choices=ExperimentKind, default=ExperimentKind.AB)
    state = models.CharField(
        max_length=7, choices=ExperimentState, default=ExperimentState.DRAFT, editable=False
    )
    salt = models.CharField(max_length=2 * SALT_BYTES, default=new_salt, editable=False)

    layer = models.ForeignKey(Layer, models.PROTECT, related_name="experiments")
    # The part of the layer's members that it may have.
    slice_start = models.FloatField(default=0.0)
    slice_end = models.FloatField(default=1.0)
    audience = models.CharField(max_length=9, choices=Audience, default=Audience.EVERYBODY)
    least_watched = models.PositiveIntegerField(
        default=0, help_text="Only members whose list has seen as many titles."
    )
    most_watched = models.PositiveIntegerField(
        null=True, blank=True, help_text="Only members whose list has seen no more titles."
    )

    metric = models.CharField(max_length=14, choices=Metric, default=Metric.TAKEN_UP)
    guardrails = models.JSONField(
        default=list, blank=True, help_text="Metrics that must not become worse: a list of names."
    )
    base_rate = models.FloatField(
        default=0.1,
        validators=[MinValueValidator(0.0001), MaxValueValidator(0.9999)],
        help_text="The share of members that does it today.",
    )
    wanted_lift = models.FloatField(
        default=0.1,
        validators=[MinValueValidator(0.001), MaxValueValidator(10)],
        help_text="The smallest change worth finding, as a part of that: 0.1 is ten percent more.",
    )
    days = models.PositiveSmallIntegerField(
        default=28, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    window_days = models.PositiveSmallIntegerField(
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(90)],
        help_text="So long after a title was shown, what a member does with it is counted.",
    )
    # As the calculator says when it starts.
    members_needed = models.PositiveIntegerField(null=True, blank=True, editable=False)

    made_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True, editable=False)
    stopped_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Until when it is known what members did with what they were shown.
    counted_at = models.DateTimeField(null=True, blank=True, editable=False)
    winner = models.ForeignKey(
        "Variant", models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    objects = ExperimentQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ExperimentState.values), name="experiment_state_known"
            ),
            models.CheckConstraint(
                condition=Q(slice_start__gte=0, slice_end__lte=1, slice_start__lt=F("slice_end")),
                name="experiment_slice_range",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(started_at__isnull=False),
                name="experiment_started_when",
            ),
        ]
        indexes = [
            # Serves: which experiments run now?
            models.Index(fields=["state"], condition=Q(state="running"), name="experiment_running"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def part(self) -> Slice:
        return Slice(self.slice_start, self.slice_end)

    @property
    def is_draft(self) -> bool:
        return self.state == ExperimentState.DRAFT

    def clean(self) -> None:
        try:
            self.part  # noqa: B018 - it refuses what is none
        except EngineError as error:
            raise ValidationError({"slice_end": str(error)}) from error
        known = self.guardrails
        if not isinstance(known, list) or not set(map(str, known)) <= set(Metric.values):
            raise ValidationError({"guardrails": f"A list of these: {', '.join(Metric.values)}."})
        if self.most_watched is not None and self.most_watched < self.least_watched:
            raise ValidationError({"most_watched": "It lies below the least."})


class Variant(models.Model):
    """What its members are shown; nothing set is what everybody gets."""

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="variants")
    # 0 is what the others are compared with.
    position = models.PositiveSmallIntegerField(default=0)
    name = models.SlugField(max_length=40)
    share = models.FloatField(default=0.5, validators=[MinValueValidator(0), MaxValueValidator(1)])
    # Any that was published, whether or not it is served to the others.
    model = models.ForeignKey(
        TrainedModel, models.PROTECT, null=True, blank=True, related_name="variants"
    )
    dials = models.JSONField(
        default=dict, blank=True, help_text="Where a member sets none: popularity, diversity, "
        "per_franchise, exploration.",
    )  # fmt: skip
    rules = models.JSONField(
        default=dict, blank=True,
        help_text="Others than everybody's: fatigue (1 as usual, 0 for none), series_order (true or false).",
    )  # fmt: skip

    class Meta:
        ordering = ["experiment", "position"]
        constraints = [
            models.UniqueConstraint(fields=["experiment", "name"], name="variant_name_unique"),
            models.UniqueConstraint(
                fields=["experiment", "position"], name="variant_position_unique"
            ),
            models.CheckConstraint(
                condition=Q(share__gte=0, share__lte=1), name="variant_share_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.experiment}"

    def clean(self) -> None:
        try:
            self.as_dials()
        except (EngineError, TypeError, ValueError) as error:
            raise ValidationError({"dials": f"These are no dials: {error}."}) from error
        try:
            self.as_rules()
        except (EngineError, TypeError) as error:
            raise ValidationError({"rules": f"These are no rules: {error}."}) from error

    @property
    def settings_told(self) -> str:
        """Its dials and rules in a line; empty where it sets none."""
        return ", ".join(f"{name} {value}" for name, value in {**self.dials, **self.rules}.items())

    def as_dials(self) -> Dials:
        given: Any = self.dials
        if not isinstance(given, dict) or not all(_is_number(value) for value in given.values()):
            raise TypeError("names and numbers")
        return Dials(**given)

    def as_rules(self) -> Rules:
        given: Any = self.rules
        if not isinstance(given, dict):
            raise TypeError("names and values")
        return Rules(**given)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class Epoch(models.Model):
    """A part of a bandit within which shares stay, and members where they are."""

    experiment = models.ForeignKey(
        Experiment, models.CASCADE, related_name="epochs", db_index=False
    )
    number = models.PositiveSmallIntegerField()
    began_at = models.DateTimeField(default=timezone.now)
    # Of each variant in order of position.
    shares = models.JSONField()

    class Meta:
        ordering = ["experiment", "number"]
        constraints = [
            # Also serves: the epochs of an experiment, and the last of them.
            models.UniqueConstraint(fields=["experiment", "number"], name="epoch_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.experiment}, epoch {self.number}"


class ExperimentChange(models.Model):
    """Who moved an experiment on, when, and what they said to it."""

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="changes")
    # Empty where the site itself did: a guardrail was broken.
    by = models.CharField(max_length=150, blank=True)
    state = models.CharField(max_length=7, choices=ExperimentState)
    said = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.experiment}: {self.state} by {self.by or 'the site'}"


# The member, or of a stranger the number of their cookie, below 0.
UNIT = Coalesce(F("member"), -1 * F("visitor"), output_field=models.BigIntegerField())


class Exposure(models.Model):
    """One title of a list that a member of an experiment was shown. Never changed, pruned by the month."""

    # Numbers alone: rows outlive what they name, and ten million of them carry no check each.
    experiment = models.PositiveIntegerField()
    variant = models.PositiveSmallIntegerField()
    # Of a stranger, who has no row, the number in their cookie.
    member = models.ForeignKey(
        User, models.CASCADE, null=True, related_name="exposures", db_index=False
    )
    visitor = models.PositiveBigIntegerField(null=True)
    listing = models.UUIDField()
    position = models.PositiveSmallIntegerField()
    # How many titles the list had: whoever counts lists need not count their titles.
    length = models.PositiveSmallIntegerField()
    anime = models.PositiveIntegerField()
    model = models.PositiveIntegerField(null=True)
    score = models.FloatField()
    propensity = models.FloatField()
    shown_at = models.DateTimeField()

    class Meta:
        verbose_name = "title shown in an experiment"
        verbose_name_plural = "titles shown in experiments"
        constraints = [
            # Also serves: writing a list once, however often it comes.
            models.UniqueConstraint(
                fields=["listing", "position", "shown_at"], name="exposure_once"
            ),
        ]
        indexes = [
            # Serves: what was this member shown, in which experiment; and their leaving.
            models.Index(
                fields=["member", "experiment", "anime", "shown_at"], name="exposure_member"
            ),
            # Serves: who was shown how much in an experiment, from the index alone; one row a list.
            models.Index(
                fields=["experiment", "member", "visitor", "variant", "shown_at", "length"],
                condition=Q(position=0),
                name="exposure_units",
            ),
            # Serves: what did this stranger see before they had a list?
            models.Index(
                fields=["visitor"], condition=Q(visitor__isnull=False), name="exposure_visitor"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.anime} at {self.position} of {self.listing}"


class Outcome(models.Model):
    """What a member did with a title that they had been shown, once for each kind."""

    experiment = models.PositiveIntegerField()
    variant = models.PositiveSmallIntegerField()
    member = models.ForeignKey(User, models.CASCADE, related_name="outcomes", db_index=False)
    anime = models.PositiveIntegerField()
    kind = models.CharField(max_length=14, choices=Metric)
    at = models.DateTimeField()

    class Meta:
        verbose_name = "outcome of an experiment"
        verbose_name_plural = "outcomes of experiments"
        constraints = [
            # Also serves: who did what in this experiment?
            models.UniqueConstraint(
                fields=["experiment", "kind", "member", "anime"], name="outcome_once"
            ),
        ]
        indexes = [
            # Serves: a member's leaving.
            models.Index(fields=["member"], name="outcome_member"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.kind} {self.anime}"
