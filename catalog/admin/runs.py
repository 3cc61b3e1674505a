"""How imports went: read, never written by hand."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from catalog.admin.base import ModelAdmin, ReadOnly
from catalog.models import ImportRun, Run


class RunAdmin(ReadOnly, ModelAdmin):
    list_display: Any = ("subject", "source", "state", "outcome", "started_at", "took")
    list_filter = ("state", "source")
    list_per_page = 50
    show_full_result_count = False
    fields: ClassVar[Any] = (
        "source",
        "subject",
        "state",
        "outcome",
        "refused",
        "started_at",
        "finished_at",
    )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    @admin.display(empty_value="nothing yet")
    def outcome(self, run: Run) -> str:
        return ", ".join(f"{name} {_number(value)}" for name, value in run.counts.items())

    @admin.display(description="first refused rows", empty_value="none")
    def refused(self, run: Run) -> SafeString:
        return format_html_join("", "<div>{}</div>", ((str(error),) for error in run.errors))

    @admin.display(description="took", empty_value="still running")
    def took(self, run: Run) -> str | None:
        if run.finished_at is None:
            return None
        return f"{(run.finished_at - run.started_at).total_seconds():.0f} s"


def _number(value: Any) -> str:
    """A count, or the sum of the counts by reason."""
    if isinstance(value, dict):
        return str(sum(part for part in value.values() if isinstance(part, int)))
    return str(value)


@admin.register(ImportRun)
class ImportRunAdmin(RunAdmin):
    fields = (*RunAdmin.fields, "cursor")
