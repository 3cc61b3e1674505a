"""What was trained, what is served, and a button that trains anew."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from catalog.admin.base import ModelAdmin, ReadOnly, Refreshing
from recommender import experiment_admin as experiment_admin
from recommender.models import (
    FavouriteGenre,
    ModelState,
    NotSeen,
    TasteCorrection,
    TrainedModel,
    TrainingRun,
)

# Of all that an evaluation measured, what the list of models shows.
SHOWN_AT, AT_K = 20, ("ndcg", "recall", "coverage")


@admin.register(TrainedModel)
class TrainedModelAdmin(ReadOnly, ModelAdmin):
    list_display = ("kind", "role", "is_active", "quality", "trained_at", "run")
    list_select_related = ("run",)
    list_filter = ("kind", "role", "is_active")
    list_per_page = 50
    show_full_result_count = False
    actions = ("serve",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Its files would stay; a model that is not served does no harm.
        return False

    def has_serve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("recommender.change_trainedmodel")

    @admin.display(empty_value="not measured")
    def quality(self, model: TrainedModel) -> str:
        measured = model.metrics
        numbers = {name.upper(): measured.get(name) for name in ("rmse", "mae")}
        for row in measured.get("at", []):
            if row["k"] == SHOWN_AT:
                numbers = {f"{name} at {SHOWN_AT}": row[name] for name in AT_K} | numbers
        known = [f"{name} {value:.3f}" for name, value in numbers.items() if value is not None]
        return ", ".join(known)

    @admin.action(description="Serve this model", permissions=["serve"])
    def serve(self, request: HttpRequest, chosen: QuerySet[TrainedModel]) -> None:
        models = list(chosen[:2])
        if len(models) != 1:
            self.message_user(request, "Choose one model to serve.", messages.WARNING)
        elif not models[0].path.exists():
            said = f"The files of {models[0]} are gone; it cannot be served."
            self.message_user(request, said, messages.ERROR)
        else:
            models[0].activate()
            self.log_change(request, models[0], "Served from now on.")
            self.message_user(request, f"{models[0]} is served from now on.", messages.SUCCESS)


@admin.register(TasteCorrection)
class TasteCorrectionAdmin(ReadOnly, ModelAdmin):
    list_display = ("member", "kind", "name", "value", "changed_at")
    list_select_related = ("member",)
    list_filter = ("kind", "value")
    search_fields = ("name",)
    list_per_page = 50
    show_full_result_count = False


@admin.register(NotSeen)
class NotSeenAdmin(ReadOnly, ModelAdmin):
    list_display = ("member", "anime", "said_at")
    list_select_related = ("member", "anime")
    list_per_page = 50
    show_full_result_count = False


@admin.register(FavouriteGenre)
class FavouriteGenreAdmin(ReadOnly, ModelAdmin):
    list_display = ("member", "genre", "said_at")
    list_select_related = ("member", "genre")
    list_filter = ("genre",)
    list_per_page = 50
    show_full_result_count = False


@admin.register(TrainingRun)
class TrainingRunAdmin(Refreshing, ReadOnly, ModelAdmin):
    list_display = ("__str__", "state", "progress", "stage", "took")
    list_filter = ("state",)
    list_per_page = 50
    show_full_result_count = False
    fields = ("kinds", "state", "progress", "stage", "error", "started_at", "finished_at")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.fields

    def get_urls(self) -> list[URLPattern]:
        train = method_decorator(require_POST)(type(self).train).__get__(self)
        address = path("train/", self.admin_site.admin_view(train), name="recommender_train")
        return [address, *super().get_urls()]

    def train(self, request: HttpRequest) -> HttpResponse:
        if not may_train(request):
            raise PermissionDenied
        # The web process loads no training libraries before somebody trains.
        from recommender.training import enqueue, is_under_way

        if is_under_way():
            self.message_user(request, "A training is under way already.", messages.WARNING)
            return redirect("admin:recommender_trainingrun_changelist")
        run = enqueue()
        if run.error:
            self.message_user(request, run.error, messages.ERROR)
        else:
            self.message_user(request, "Training waits for the worker.", messages.SUCCESS)
        return redirect("admin:recommender_trainingrun_changelist")

    def list_context(self, request: HttpRequest) -> dict[str, Any]:
        return {"may_train": may_train(request)}

    def is_going_on(self, shown: QuerySet[TrainingRun]) -> bool:
        return shown.filter(state__in=(ModelState.QUEUED, ModelState.RUNNING)).exists()

    @admin.display(ordering="percent")
    def progress(self, run: TrainingRun) -> SafeString:
        return format_html(
            '<progress max="100" value="{0}" aria-label="Progress">{0} %</progress> {0}&nbsp;%',
            run.percent,
        )

    @admin.display(empty_value="not finished")
    def took(self, run: TrainingRun) -> str | None:
        if run.finished_at is None:
            return None
        return f"{(run.finished_at - run.started_at).total_seconds():.0f} s"


def may_train(request: HttpRequest) -> bool:
    return request.user.has_perm("recommender.add_trainingrun")
