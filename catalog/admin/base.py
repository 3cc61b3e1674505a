"""What the admin pages of all apps share."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.paginator import Paginator
from django.db import models, transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import cached_property

from catalog.models import CatalogueVersion

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
else:
    # The classes take an argument for the type checker only.
    ModelAdmin, TabularInline = admin.ModelAdmin, admin.TabularInline

# Counting further costs seconds on millions of rows and tells nobody more.
COUNTED = 10_000
# Seconds until a page with something going on looks again.
REFRESH = "3"
# A merge is looked at line by line.
MERGED_AT_ONCE = 50


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # of whatever it is given
    """Pages over the first rows alone, so that a table of millions is never counted."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return rows.order_by()[:COUNTED].count()
        return len(rows)


class ReadOnly:
    """Looked at here, written elsewhere."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Refreshing(ModelAdmin):
    """Pages that look again by themselves while something on them goes on; no script needed."""

    def is_going_on(self, shown: QuerySet[Any]) -> bool:
        raise NotImplementedError

    def list_context(self, request: HttpRequest) -> dict[str, Any]:
        """What the page of all rows is told besides."""
        return {}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = self.list_context(request) | (extra_context or {})
        return self._refreshed(super().changelist_view(request, context), self.model.objects.all())

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        page = super().change_view(request, object_id, form_url, extra_context)
        if not object_id.isdecimal():
            return page
        return self._refreshed(page, self.model.objects.filter(pk=object_id))

    def _refreshed(self, page: HttpResponse, shown: QuerySet[Any]) -> HttpResponse:
        if self.is_going_on(shown):
            page["Refresh"] = REFRESH
        return page


class ReadOnlyInline(ReadOnly, TabularInline):
    extra = 0
    can_delete = False


def number_of(links: QuerySet[Any], field: str) -> Coalesce:
    """How many of `links` point here by `field`, as a column to show and to sort by."""
    counts = links.filter(**{field: OuterRef("pk")}).order_by().values(field)
    return Coalesce(Subquery(counts.annotate(n=Count("*")).values("n")), 0)


def ask(
    page: ModelAdmin,
    request: HttpRequest,
    chosen: QuerySet[Any],
    *,
    action: str,
    title: str,
    field: forms.ChoiceField,
    apply: Callable[[Any], str],
) -> HttpResponse | None:
    """The page between an action and its effect: ask for `field`, then `apply` the answer."""
    form_class = type("AskForm", (forms.Form,), {"answer": field})
    form = form_class(request.POST if "apply" in request.POST else None)
    if form.is_valid():
        with transaction.atomic():
            said = apply(form.cleaned_data["answer"])
        page.message_user(request, said, messages.SUCCESS)
        return None
    context = {
        **page.admin_site.each_context(request),
        "title": title,
        "opts": page.opts,
        "form": form,
        "action": action,
        "count": chosen.count(),
        "examples": chosen[:MERGED_AT_ONCE],
        "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "select_across": request.POST.get("select_across", "0"),
        "checkbox": ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/ask.html", context)


def change_all(request: HttpRequest, chosen: QuerySet[Any], **values: Any) -> str:
    """Set the values on every chosen row, note it in their history, and say so."""
    rows = list(chosen.order_by("pk"))
    said = ", ".join(
        f"{name.removeprefix('is_')} is now {value!r}" for name, value in values.items()
    )
    chosen.model._default_manager.filter(pk__in=[row.pk for row in rows]).update(**values)
    note(request, rows, CHANGE, f"In bulk: {said}.")
    # What each process holds of the catalogue is old now: a title marked as adult is hidden at once.
    CatalogueVersion.advance()
    return f"Changed {len(rows)}: {said}."


def note(request: HttpRequest, rows: list[Any], flag: int, said: str) -> None:
    """Write it into the history of every row."""
    curator: Any = request.user.pk
    LogEntry.objects.log_actions(curator, rows, flag, said)


def choice_of(model: type[models.Model], field: str, label: str) -> forms.ChoiceField:
    named: Any = model._meta.get_field(field)
    return forms.ChoiceField(label=label, choices=named.choices)
