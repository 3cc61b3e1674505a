"""GET /api/v1/export: everything about a member as a file; no job, it streams."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from catalog.api.params import Choice, QueryParams
from catalog.api.problems import THROTTLED, UNAUTHENTICATED, malformed
from catalog.api.shared import PrivateView
from ratings import leaving
from ratings.api.whose import member_of
from ratings.list_csv import list_as_csv
from ratings.listing import entries_of
from ratings.models import User
from ratings.views.leaving import TYPES, in_blocks


def _csv(member: User) -> Iterator[str]:
    return list_as_csv(entries_of(member))


WAYS: dict[str, Callable[[User], Iterator[str]]] = {**leaving.FORMATS, "csv": _csv}
MEDIA = {**TYPES, "csv": "text/csv; charset=utf-8"}


class ExportParams(QueryParams):
    format = Choice(
        [
            ("json", "Everything"),
            ("xml", "The list, as MyAnimeList exports it"),
            ("csv", "The list, as a table"),
        ],
        default="json",
        help_text="`json` is everything that is kept of you, the others are the list alone.",
    )


class AsAsked(BaseContentNegotiation):
    """The parameter says what is wanted; whatever `Accept` says, a failure is told as JSON."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: Any = None
    ) -> Any:
        first = next(iter(renderers))
        return first, first.media_type

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> Any:
        return next(iter(parsers))


class ExportView(PrivateView):
    permission_classes = (IsAuthenticated,)
    content_negotiation_class = AsAsked

    @extend_schema(
        operation_id="export",
        summary="Everything about you, as a file",
        tags=["imports"],
        parameters=[ExportParams],
        responses={
            (200, "application/json"): OpenApiResponse(OpenApiTypes.OBJECT, "Everything."),
            (200, "application/xml"): OpenApiResponse(OpenApiTypes.STR, "The list."),
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, "The list."),
            **malformed("format"),
            **UNAUTHENTICATED,
            **THROTTLED,
        },
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        kind = ExportParams.of(request.query_params)["format"]
        parts = in_blocks(WAYS[kind](member_of(request)))
        headers = {"Content-Disposition": f'attachment; filename="animerec.{kind}"'}
        return StreamingHttpResponse(parts, content_type=MEDIA[kind], headers=headers)
