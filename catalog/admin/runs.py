"""How imports went, and go: watched here, stopped, tried again, begun."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.views.decorators.http import require_POST

from catalog.admin.base import ModelAdmin, ReadOnly, Refreshing
from catalog.etl import crawl_plans, crawling
from catalog.etl.live_sources import LIVE_SOURCES
from catalog.etl.sources.live import NotConfigured
from catalog.models import ImportRun, Run, RunState
from catalog.queue import QUEUE_IS_GONE
from catalog.tasks import crawl

NO_QUEUE = "The task queue does not answer, so nothing was begun. Try again later."


class RunAdmin(ReadOnly, ModelAdmin):
    list_display: Any = ("subject", "source", "how", "outcome", "started_at", "took")
    list_filter = ("state", "source")
    list_per_page = 50
    show_full_result_count = False
    fields: ClassVar[Any] = (
        "source",
        "subject",
        "how",
        "outcome",
        "refused",
        "started_at",
        "finished_at",
    )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    @admin.display(description="state", ordering="state")
    def how(self, run: Run) -> str:
        return "Its worker was killed" if run.is_dead and run.beat_at else run.get_state_display()

    @admin.display(empty_value="nothing yet")
    def outcome(self, run: Run) -> str:
        counts = {name: value for name, value in run.counts.items() if name != "notes"}
        return ", ".join(
            f"{name.replace('_', ' ')} {_number(value)}" for name, value in counts.items()
        )

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
class ImportRunAdmin(Refreshing, RunAdmin):
    list_display = ("subject", "source", "how", "progress", "outcome", "started_at", "took")
    fields = (
        "source",
        "subject",
        "how",
        "progress",
        "outcome",
        "notes",
        "refused",
        "started_at",
        "last_heard",
        "finished_at",
        "cursor",
    )
    actions = ("retry", "cancel")

    def get_urls(self) -> list[URLPattern]:
        start = method_decorator(require_POST)(type(self).start).__get__(self)
        address = path("start/", self.admin_site.admin_view(start), name="catalog_start_crawl")
        return [address, *super().get_urls()]

    # --- what is shown

    @admin.display(empty_value="not known")
    def progress(self, run: ImportRun) -> SafeString | None:
        if not run.total:
            return None
        read = min(crawling.read_so_far(run), run.total)
        return format_html(
            '<progress max="{0}" value="{1}" aria-label="Progress">{1} of {0}</progress> {1}&nbsp;of&nbsp;{0}',
            run.total,
            read,
        )

    @admin.display(description="last sign of life", empty_value="none")
    def last_heard(self, run: ImportRun) -> str | None:
        return f"{timesince(run.beat_at)} ago" if run.beat_at else None

    @admin.display(empty_value="none")
    def notes(self, run: ImportRun) -> SafeString:
        notes = run.counts.get("notes", {})
        return format_html_join("", "<div>{} {}</div>", ((n, said) for said, n in notes.items()))

    def list_context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "may_start": may_run(request),
            "sources": _configured(),
            "wishes": tuple(_WISHES),
        }

    def is_going_on(self, shown: QuerySet[ImportRun]) -> bool:
        going_on = shown.filter(state__in=(RunState.QUEUED, RunState.RUNNING))[:20]
        return any(run.is_alive or run.state == RunState.QUEUED for run in going_on)

    # --- what is done

    def has_run_permission(self, request: HttpRequest) -> bool:
        return may_run(request)

    @admin.action(description="Go on where it stopped", permissions=["run"])
    def retry(self, request: HttpRequest, chosen: QuerySet[ImportRun]) -> None:
        able = [run for run in chosen if crawling.can_go_on(run)]
        for run in able:
            ImportRun.objects.filter(pk=run.pk).update(state=RunState.QUEUED, cancel_asked=False)
            if not _enqueue(run):
                self.message_user(request, NO_QUEUE, messages.ERROR)
                return
            self.log_change(request, run, "Asked to go on where it stopped.")
        self._say(request, len(able), "wait for the worker", "Only crawls that stopped can go on.")

    @admin.action(description="Cancel", permissions=["run"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[ImportRun]) -> None:
        able = list(chosen.filter(state__in=(RunState.QUEUED, RunState.RUNNING)))
        for run in able:
            crawling.ask_to_cancel(run)
            self.log_change(request, run, "Asked to stop.")
        self._say(request, len(able), "stop after the page they read", "None of them is running.")

    def start(self, request: HttpRequest) -> HttpResponse:
        if not may_run(request):
            raise PermissionDenied
        source, wish = request.POST.get("source", ""), _WISHES.get(request.POST.get("wish", ""))
        if source not in _configured() or wish is None:
            self.message_user(request, "Choose a source and what to read.", messages.WARNING)
        else:
            try:
                run = crawling.begin(source, crawl_plans.wish(**wish), state=RunState.QUEUED)
            except crawling.Busy as reason:
                self.message_user(request, f"{reason}.", messages.WARNING)
            else:
                if _enqueue(run):
                    self.message_user(request, f"{run} waits for the worker.", messages.SUCCESS)
                else:
                    self.message_user(request, NO_QUEUE, messages.ERROR)
        return redirect("admin:catalog_importrun_changelist")

    def _say(self, request: HttpRequest, count: int, said: str, otherwise: str) -> None:
        if count:
            self.message_user(request, f"Asked {count}: they {said}.", messages.SUCCESS)
        else:
            self.message_user(request, otherwise, messages.WARNING)


_WISHES: dict[str, dict[str, Any]] = {
    "the present season": {"season": "now"},
    "the whole catalogue": {"full": True},
}


def may_run(request: HttpRequest) -> bool:
    return request.user.has_perm("catalog.change_importrun")


def _configured() -> list[str]:
    found = []
    for name, source in LIVE_SOURCES.items():
        try:
            source.connect().close()
        except NotConfigured:
            continue
        found.append(name)
    return found


def _enqueue(run: ImportRun) -> bool:
    """False where the queue is gone: then the run waits for nobody, and can be asked for again."""
    try:
        crawl.delay(run.pk)
    except QUEUE_IS_GONE:
        crawling.send_away(run, NO_QUEUE)
        return False
    return True
