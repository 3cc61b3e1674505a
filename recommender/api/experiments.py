"""GET, POST /api/v1/experiments; GET, POST /api/v1/experiments/{name}: for staff."""

import re
from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, status
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.pages import Order, PageParams, page_of, paged
from catalog.api.params import QueryParams
from catalog.api.problems import (
    THROTTLED,
    UNAUTHENTICATED,
    failure,
    malformed,
    missing,
)
from catalog.api.shared import PrivateView
from ratings import audit
from ratings.api.once import ONCE, WRITING, once
from recommender.api import experiment_examples as examples
from recommender.api.experiment_shapes import (
    SLUG,
    DraftSerializer,
    ExperimentSerializer,
    MoveSerializer,
    WholeExperimentSerializer,
)
from recommender.experiments import states, watching
from recommender.models import Experiment, ExperimentState, Layer, TrainedModel, Variant

LONGEST_NAME = 60
NAME = OpenApiParameter(
    "name", {"type": "string", "pattern": SLUG, "maxLength": LONGEST_NAME}, OpenApiParameter.PATH
)
STAFF_ALONE = failure(
    "Whoever asks is not of the staff, or may not change experiments.",
    "permission_denied",
    "You do not have permission to perform this action.",
)
NO_EXPERIMENT = failure(
    "There is no such experiment.",
    "not_found",
    "There is no experiment rare-first.",
    field="name",
)


class ForStaff(BasePermission):
    """All of them may look; to change, they need the right to."""

    def has_permission(self, request: Request, view: Any) -> bool:
        user: Any = request.user
        if not user.is_authenticated or not user.is_staff:
            return False
        verb = "add" if view.adds else "change"
        return request.method in SAFE_METHODS or user.has_perm(f"recommender.{verb}_experiment")


class ExperimentsView(PrivateView):
    permission_classes = (ForStaff,)
    adds = True

    @extend_schema(
        operation_id="experiments",
        summary="All experiments, the newest first",
        description="For staff.",
        tags=["experiments"],
        parameters=[PageParams],
        examples=[examples.EXPERIMENTS],
        responses={
            200: paged(ExperimentSerializer),
            **malformed("cursor"),
            **UNAUTHENTICATED,
            **STAFF_ALONE,
            **THROTTLED,
        },
    )
    def get(self, request: Request) -> Response:
        asked = PageParams.of(request.query_params)
        page = page_of(_with_variants(), Order("newest", F("made_at"), falls=True), asked)
        return Response(page.answer(request, ExperimentSerializer(page.rows, many=True).data))

    @extend_schema(
        operation_id="draft_experiment",
        summary="Draft an experiment",
        description="For staff who may add one. Nobody takes part before it is started.",
        tags=["experiments"],
        parameters=[ONCE],
        request=DraftSerializer,
        examples=[examples.DRAFT, examples.EXPERIMENT],
        responses={
            201: ExperimentSerializer,
            **malformed("name"),
            **WRITING,
            **STAFF_ALONE,
        },
    )
    @once
    def post(self, request: Request) -> Response:
        QueryParams.of(request.query_params)
        made = _drafted(DraftSerializer.of(request.data))
        audit.note(request.user, made, "Drafted over the API.")
        told = ExperimentSerializer(_with_variants().get(pk=made.pk)).data
        return Response(told, status=status.HTTP_201_CREATED)


class ExperimentView(PrivateView):
    permission_classes = (ForStaff,)
    adds = False

    @extend_schema(
        operation_id="experiment",
        summary="One experiment, and what came of it up to now",
        description="For staff. The report may be looked at every day: what it calls found is found whenever it is "
        "read.",
        tags=["experiments"],
        parameters=[NAME],
        examples=[examples.WHOLE],
        responses={
            200: WholeExperimentSerializer,
            **malformed("page"),
            **UNAUTHENTICATED,
            **STAFF_ALONE,
            **NO_EXPERIMENT,
            **THROTTLED,
        },
    )
    def get(self, request: Request, name: str) -> Response:
        QueryParams.of(request.query_params)
        found = _named(name)
        report = None if found.is_draft else watching.report_now(found)
        return Response(WholeExperimentSerializer(found, context={"report": report}).data)

    @extend_schema(
        operation_id="move_experiment",
        summary="Start, stop or decide an experiment",
        description="For staff who may change one. A draft is started, what runs is stopped, what is stopped is "
        "decided; what is not right for that is refused in words.",
        tags=["experiments"],
        parameters=[NAME, ONCE],
        request=MoveSerializer,
        examples=[examples.START, examples.DECIDE, examples.EXPERIMENT],
        responses={
            200: ExperimentSerializer,
            **malformed("to"),
            **WRITING,
            **STAFF_ALONE,
            **NO_EXPERIMENT,
        },
    )
    @once
    def post(self, request: Request, name: str) -> Response:
        QueryParams.of(request.query_params)
        asked, found = MoveSerializer.of(request.data), _named(name)
        try:
            _move(found, asked, by=request.user.get_username())
        except states.MayNotMove as problem:
            raise exceptions.ValidationError({"to": [str(problem)]}) from None
        audit.note(request.user, found, f"Experiment: {asked['to']}, over the API.")
        return Response(ExperimentSerializer(_named(name)).data)


def _with_variants() -> "QuerySet[Experiment]":
    rows = Experiment.objects.select_related("layer", "winner")
    return rows.prefetch_related("variants", "changes")


def _named(name: str) -> Experiment:
    # Whatever else an address may hold, NUL among it, PostgreSQL would not take.
    is_one = len(name) <= LONGEST_NAME and re.fullmatch(SLUG, name)
    found = _with_variants().filter(name=name).first() if is_one else None
    if found is None:
        raise missing("name", f"There is no experiment {name[:LONGEST_NAME]}.")
    return found


@transaction.atomic
def _drafted(said: dict[str, Any]) -> Experiment:
    variants = said.pop("variants")
    layer, _ = Layer.objects.get_or_create(name=said.pop("layer"))
    made = Experiment(layer=layer, **said)
    _checked(made)
    if Experiment.objects.filter(name=made.name).exists():
        raise exceptions.ValidationError({"name": ["There is one of this name."]})
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        raise exceptions.ValidationError({"name": ["There is one of this name."]}) from None
    for position, one in enumerate(variants):
        _with_model(made, position, one).save()
    if problem := states.why_not(made, list(made.variants.all()), beside_others=False):
        raise exceptions.ValidationError({"variants": [problem]})
    return made


def _with_model(made: Experiment, position: int, said: dict[str, Any]) -> Variant:
    number = said.pop("model", None)
    if number is not None and not TrainedModel.objects.filter(pk=number).exists():
        raise exceptions.ValidationError({"variants": [f"There is no model {number}."]})
    if made.variants.filter(name=said["name"]).exists():
        raise exceptions.ValidationError({"variants": [f"Two are called {said['name']}."]})
    return Variant(experiment=made, position=position, model_id=number, **said)


def _checked(made: Experiment) -> None:
    try:
        made.clean()
    except Invalid as error:
        raise exceptions.ValidationError(error.message_dict) from None


def _move(found: Experiment, asked: dict[str, Any], *, by: str) -> None:
    to, said = asked["to"], asked["said"]
    if to == ExperimentState.RUNNING:
        states.start(found, by=by, said=said)
    elif to == ExperimentState.STOPPED:
        states.stop(found, by=by, said=said)
    else:
        name = asked["winner"]
        winner = found.variants.filter(name=name).first() if name else None
        if name and winner is None:
            raise exceptions.ValidationError({"winner": [f"There is no variant {name}."]})
        states.decide(found, by=by, winner=winner, said=said)
