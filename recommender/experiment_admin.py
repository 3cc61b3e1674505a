"""Experiments are drafted in admin; they are started, stopped and decided on the pages of staff."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import models
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.admin.base import ModelAdmin, ReadOnly, TabularInline
from recommender.models import Experiment, ExperimentChange, Layer, Metric, Variant


class OnlyADraft:
    """What runs is changed by nobody: its numbers would be of two experiments."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed: bool = super().has_change_permission(request, obj)  # type: ignore[misc]
        return allowed and (obj is None or obj.is_draft)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed: bool = super().has_delete_permission(request, obj)  # type: ignore[misc]
        return allowed and (obj is None or obj.is_draft)


class DraftForm(forms.ModelForm):  # type: ignore[type-arg]  # of experiments
    guardrails = forms.MultipleChoiceField(
        choices=Metric.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="What must not become worse: the experiment stops by itself where it does.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "layer" in self.fields:
            self.fields["layer"].initial = Layer.objects.first()


class VariantFormSet(BaseInlineFormSet):  # type: ignore[type-arg]  # of variants
    """Positions are the order on the page."""

    def save(self, commit: bool = True) -> Any:
        kept = [form for form in self.forms if form.has_changed() or form.instance.pk]
        gone = getattr(self, "deleted_forms", [])
        for position, form in enumerate(form for form in kept if form not in gone):
            form.instance.position = position
        return super().save(commit)


class VariantInline(OnlyADraft, TabularInline):
    model = Variant
    formset = VariantFormSet
    extra = 2
    fields = ("name", "share", "model", "dials", "rules")
    raw_id_fields = ("model",)
    formfield_overrides: ClassVar = {models.JSONField: {"widget": forms.TextInput}}
    verbose_name_plural = "variants (the first is what the others are compared with)"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and (obj is None or obj.is_draft)


class ChangeInline(ReadOnly, TabularInline):
    model = ExperimentChange
    extra = 0
    fields = readonly_fields = ("at", "state", "by", "said")
    can_delete = False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Experiment)
class ExperimentAdmin(OnlyADraft, ModelAdmin):
    form = DraftForm
    list_display = ("name", "state", "kind", "layer", "metric", "started_at", "stopped_at", "page")
    list_filter = ("state", "kind", "layer")
    list_select_related = ("layer",)
    search_fields = ("name", "hypothesis")
    list_per_page = 50
    show_full_result_count = False
    inlines = (VariantInline, ChangeInline)
    fieldsets = (
        ("What is asked", {"fields": ("name", "hypothesis", "kind")}),
        (
            "Of whom",
            {
                "fields": (
                    "layer", "slice_start", "slice_end", "audience", "least_watched", "most_watched",
                ),
            },
        ),
        (
            "How it is judged",
            {"fields": ("metric", "guardrails", "base_rate", "wanted_lift", "days", "window_days")},
        ),
    )  # fmt: skip

    @admin.display(description="report")
    def page(self, experiment: Experiment) -> SafeString:
        return format_html(
            '<a href="{}">open</a>', reverse("staff-experiment", args=[experiment.name])
        )


@admin.register(Layer)
class LayerAdmin(ModelAdmin):
    list_display = ("name",)
    list_per_page = 50

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Its salt says who was dealt where.
        return False
