"""GET /api/v1/live: what a socket would say, for whoever asks by the clock."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.params import QueryParams
from catalog.api.problems import NO_PARAMETERS, THROTTLED, UNAUTHENTICATED
from catalog.api.shared import PrivateView
from catalog.models import ImportRun, RunState
from ratings.api.imports import ImportSerializer, told
from ratings.api.whose import member_of
from ratings.models import User
from recommender.api import examples
from recommender.models import ModelState, TrainingRun

# Who was away for a moment still hears how it ended.
ENDED_LATELY = timedelta(minutes=5)
MOST = 10


class WorkSerializer(serializers.Serializer[Any]):
    """One crawl, load or training."""

    kind = serializers.ChoiceField([("ingest", "Into the catalogue"), ("training", "Of models")])
    id = serializers.IntegerField()
    subject = serializers.CharField()
    state = serializers.ChoiceField(RunState.choices)
    done = serializers.IntegerField(help_text="Records read, or percent of a training.")
    total = serializers.IntegerField(allow_null=True, help_text="Of so many, where that is known.")
    finished_at = serializers.DateTimeField(allow_null=True)


class LiveSerializer(serializers.Serializer[Any]):
    user_id = serializers.IntegerField()
    is_staff = serializers.BooleanField()
    list_version = serializers.IntegerField(help_text="Grows with every change of the list.")
    imports = ImportSerializer(
        many=True, help_text="Yours that run, or ended in the last five minutes."
    )
    work = WorkSerializer(many=True, help_text="For staff: what the site works at. Else empty.")


class LiveView(PrivateView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="live",
        summary="What is new",
        description="What `ws/recommendations/` would say, for programs that ask by the clock: whether the list has "
        "changed since, and how far imports are.",
        tags=["recommendations"],
        examples=[examples.LIVE],
        responses={200: LiveSerializer, **NO_PARAMETERS, **UNAUTHENTICATED, **THROTTLED},
    )
    def get(self, request: Request) -> Response:
        QueryParams.of(request.query_params)
        member = member_of(request)
        work = _work() if member.is_staff else []
        return Response(
            {
                "user_id": member.pk,
                "is_staff": member.is_staff,
                "list_version": member.list_version,
                "imports": _imports(member),
                "work": WorkSerializer(work, many=True).data,
            }
        )


def _imports(member: User) -> list[dict[str, Any]]:
    lately = Q(finished_at__gte=timezone.now() - ENDED_LATELY)
    runs = member.imports.filter(lately | Q(state=RunState.RUNNING))
    return [told(run) for run in runs.order_by("-started_at", "-pk")[:MOST]]


def _work() -> list[dict[str, Any]]:
    lately = Q(finished_at__gte=timezone.now() - ENDED_LATELY)
    loads = ImportRun.objects.filter(lately | Q(state=RunState.RUNNING))
    trainings = TrainingRun.objects.filter(lately | Q(state=ModelState.RUNNING))
    return [
        *(_load(run) for run in loads.order_by("-started_at")[:MOST]),
        *(_training(run) for run in trainings.order_by("-started_at")[:MOST]),
    ]


def _load(run: ImportRun) -> dict[str, Any]:
    return {
        "kind": "ingest",
        "id": run.pk,
        "subject": str(run),
        "state": run.state,
        "done": run.counts.get("read", 0),
        "total": run.total,
        "finished_at": run.finished_at,
    }


def _training(run: TrainingRun) -> dict[str, Any]:
    return {
        "kind": "training",
        "id": run.pk,
        "subject": run.stage or ", ".join(run.kinds),
        "state": run.state,
        "done": run.percent,
        "total": 100,
        "finished_at": run.finished_at,
    }
