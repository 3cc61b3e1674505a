"""/api/v1/imports: a list from elsewhere, sent, looked at, taken over by the worker, taken back."""

from typing import Any

from django.db.models import F
from django.http import HttpRequest
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.pages import Order, PageParams, page_of, paged
from catalog.api.params import (
    MAX_ANIME_ID,
    MAX_MEMBER_ID,
    Choice,
    QueryNumber,
    QueryParams,
    Strict,
    WholeNumber,
)
from catalog.api.problems import (
    THROTTLED,
    UNAUTHENTICATED,
    TooLarge,
    failure,
    malformed,
    missing,
)
from catalog.api.serializers import CardSerializer
from catalog.api.shared import PrivateView
from catalog.etl.reports import Unreadable
from catalog.models import RunState
from ratings.api import examples
from ratings.api.once import ONCE, WRITING, once
from ratings.api.whose import member_of
from ratings.importing.lists import previewing, running, undoing
from ratings.importing.lists.files import MOST_UPLOADED, TOO_LARGE
from ratings.importing.lists.showing import shown
from ratings.models import Conflict, Fate, ListImport, WatchStatus
from ratings.views import uploads
from ratings.views.import_pages import result_of

NO_SUCH_IMPORT = failure(
    "No such import of yours.", "not_found", "You have no import 12.", field="id"
)
ENDED = "This preview has been answered already."
NOTHING_TO_UNDO = "There is nothing to undo."
BUSY = "It is being imported right now."
NOT_DOUBTFUL = "There is no such doubtful line, or the title is none of its candidates."
ID = OpenApiParameter("id", {"type": "integer", "minimum": 1}, OpenApiParameter.PATH)
NUMBER = OpenApiParameter("number", {"type": "integer", "minimum": 0}, OpenApiParameter.PATH)


class Conflicting(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


def conflict(detail: str) -> dict[tuple[int, str], OpenApiResponse]:
    return failure("It is not in a state for that; nothing was changed.", "conflict", detail)


class ImportSerializer(serializers.Serializer[Any]):
    """One import, and how far it is."""

    id = serializers.IntegerField(source="run.pk")
    state = serializers.ChoiceField(
        RunState.choices, source="run.state", help_text="`queued` is a preview that waits for go."
    )
    source = serializers.CharField(source="run.source", help_text="The format that was recognised.")  # type: ignore[assignment]  # hides an option of nested serializers
    subject = serializers.CharField(source="run.subject")
    conflict = serializers.ChoiceField(Conflict.choices, source="run.conflict")
    total = serializers.IntegerField(source="run.total", allow_null=True, help_text="Lines.")
    done = serializers.IntegerField(
        allow_null=True, help_text="Lines written so far, while it runs and the worker tells."
    )
    counts = serializers.DictField(
        source="run.counts",
        child=serializers.IntegerField(),
        help_text=f"Lines by what becomes of them: {', '.join(Fate.values)}; after undoing also taken_off, restored, left_alone.",
    )
    undecided = serializers.IntegerField(help_text="Doubtful lines that nobody has decided.")
    notes = serializers.ListField(source="run.errors", child=serializers.CharField())
    started_at = serializers.DateTimeField(source="run.started_at")
    finished_at = serializers.DateTimeField(source="run.finished_at", allow_null=True)
    undone_at = serializers.DateTimeField(source="run.undone_at", allow_null=True)
    is_silent = serializers.BooleanField(
        help_text="It runs, but its worker has given no sign of life for too long."
    )


class UploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(help_text=f"At most {MOST_UPLOADED >> 20} MB, packed or not.")


class StartSerializer(Strict):
    conflict = Choice(
        Conflict.choices,
        default=Conflict.THEIRS,
        help_text="Who wins where the list here says something else than the file.",
    )


class ChoiceSerializer(Strict):
    anime_id = WholeNumber(
        min_value=1, max_value=MAX_ANIME_ID, allow_null=True, help_text="null for none of them."
    )


class LineSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(source="line.number")
    fate = serializers.ChoiceField(Fate.choices, source="line.fate")
    reason = serializers.CharField(source="line.reason", allow_blank=True)
    title = serializers.CharField(help_text="As the catalogue calls it, else as the file does.")
    anime_id = serializers.IntegerField(source="line.mal_id", allow_null=True)
    status = serializers.ChoiceField(WatchStatus.choices, source="line.status", allow_blank=True)
    score = serializers.IntegerField(source="line.score", allow_null=True)
    candidates = CardSerializer(many=True)


class LinesParams(PageParams):
    fate = Choice(Fate.choices, required=False)


class ImportPath(Strict):
    id = QueryNumber(min_value=1, max_value=MAX_MEMBER_ID)
    number = QueryNumber(min_value=0, max_value=MAX_ANIME_ID, required=False)


class ImportsView(PrivateView):
    permission_classes = (IsAuthenticated,)
    parser_classes = (MultiPartParser,)

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        # The limit must stand before anything reads the form.
        uploads.bound(request)
        return super().initialize_request(request, *args, **kwargs)

    @extend_schema(
        operation_id="imports",
        summary="Your imports, the newest first",
        tags=["imports"],
        parameters=[PageParams],
        examples=[examples.IMPORTS],
        responses={
            200: paged(ImportSerializer),
            **malformed("cursor"),
            **UNAUTHENTICATED,
            **THROTTLED,
        },
    )
    def get(self, request: Request) -> Response:
        asked = PageParams.of(request.query_params)
        own = ListImport.objects.filter(user=member_of(request))
        page = page_of(own, Order("newest", F("started_at"), falls=True), asked)
        return Response(page.answer(request, [told(run) for run in page.rows]))

    @extend_schema(
        operation_id="send_import",
        summary="Send a list from elsewhere",
        description="MyAnimeList's XML, AniList, Kitsu, Anime-Planet, a table, or animerec's own export, packed "
        "or not. Nothing is written: the answer is a preview. Say `start` to take it over.",
        tags=["imports"],
        parameters=[ONCE],
        request={"multipart/form-data": UploadSerializer},
        examples=[examples.IMPORT],
        responses={201: ImportSerializer, **malformed("file"), **WRITING},
    )
    @once
    def post(self, request: Request) -> Response:
        QueryParams.of(request.query_params)
        sent = request.data
        # Known once the form has been read.
        if uploads.was_too_large(request._request):
            raise TooLarge(TOO_LARGE)
        file = request.FILES.get("file")
        if file is None or len(sent) > 1:
            raise exceptions.ValidationError({"file": "Send one file, under this name alone."})
        try:
            preview = previewing.preview_file(member_of(request), file, file.name or "")
        except Unreadable as reason:
            raise exceptions.ValidationError({"file": str(reason)}) from None
        return Response(told(preview), status=status.HTTP_201_CREATED)


class ImportView(PrivateView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="import",
        summary="One import, and how far it is",
        tags=["imports"],
        parameters=[ID],
        examples=[examples.IMPORT],
        responses={
            200: ImportSerializer,
            **malformed("id"),
            **UNAUTHENTICATED,
            **NO_SUCH_IMPORT,
            **THROTTLED,
        },
    )
    def get(self, request: Request, id: str) -> Response:  # noqa: A002 - the address's own word
        QueryParams.of(request.query_params)
        return Response(told(_own(request, id)))

    @extend_schema(
        operation_id="forget_import",
        summary="Forget an import",
        description="Your list stays as it is.",
        tags=["imports"],
        parameters=[ID, ONCE],
        responses={
            204: OpenApiResponse(None, "It is forgotten."),
            **malformed("id"),
            **WRITING,
            **NO_SUCH_IMPORT,
            **conflict(BUSY),
        },
    )
    @once
    def delete(self, request: Request, id: str) -> Response:  # noqa: A002
        QueryParams.of(request.query_params)
        run = _own(request, id)
        if run.state == RunState.RUNNING and not running.is_silent(run):
            raise Conflicting(BUSY)
        run.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class StartView(PrivateView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="start_import",
        summary="Take a previewed list over",
        description="The worker writes it; ask for the import until its `state` is `done` or `failed`.",
        tags=["imports"],
        parameters=[ID, ONCE],
        request=StartSerializer,
        examples=[examples.START, examples.IMPORT],
        responses={
            202: ImportSerializer,
            **malformed("conflict"),
            **WRITING,
            **NO_SUCH_IMPORT,
            **conflict(ENDED),
        },
    )
    @once
    def post(self, request: Request, id: str) -> Response:  # noqa: A002
        QueryParams.of(request.query_params)
        said = StartSerializer.of(request.data)
        run = _own(request, id)
        if not running.enqueue(run, said["conflict"]):
            raise Conflicting(ENDED)
        run.refresh_from_db()
        return Response(told(run), status=status.HTTP_202_ACCEPTED)


class UndoView(PrivateView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="undo_import",
        summary="Take an import back",
        description="Every line as it was, save those that you changed since.",
        tags=["imports"],
        parameters=[ID, ONCE],
        request=None,
        examples=[examples.IMPORT],
        responses={
            200: ImportSerializer,
            **malformed("id"),
            **WRITING,
            **NO_SUCH_IMPORT,
            **conflict(NOTHING_TO_UNDO),
        },
    )
    @once
    def post(self, request: Request, id: str) -> Response:  # noqa: A002
        QueryParams.of(request.query_params)
        run = _own(request, id)
        if not undoing.undo(run.pk):
            raise Conflicting(NOTHING_TO_UNDO)
        run.refresh_from_db()
        return Response(told(run))


class LinesView(PrivateView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="import_lines",
        summary="The lines of an import, in their order",
        tags=["imports"],
        parameters=[ID, LinesParams],
        examples=[examples.LINES],
        responses={
            200: paged(LineSerializer),
            **malformed("fate"),
            **UNAUTHENTICATED,
            **NO_SUCH_IMPORT,
            **THROTTLED,
        },
    )
    def get(self, request: Request, id: str) -> Response:  # noqa: A002
        asked = LinesParams.of(request.query_params)
        run = _own(request, id)
        lines = run.lines.filter(fate=asked["fate"]) if "fate" in asked else run.lines.all()
        page = page_of(lines, Order("number", F("number")), asked)
        context = {"request": request}
        told_lines = LineSerializer(shown(run, page.rows), many=True, context=context)
        return Response(page.answer(request, told_lines.data))


class LineView(PrivateView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="choose_title",
        summary="Say which title a doubtful line means",
        tags=["imports"],
        parameters=[ID, NUMBER, ONCE],
        request=ChoiceSerializer,
        examples=[*examples.CHOOSE, examples.IMPORT],
        responses={
            200: ImportSerializer,
            **malformed("anime_id"),
            **WRITING,
            **NO_SUCH_IMPORT,
            **conflict(NOT_DOUBTFUL),
        },
    )
    @once
    def patch(self, request: Request, id: str, number: str) -> Response:  # noqa: A002
        QueryParams.of(request.query_params)
        said = ChoiceSerializer.of(request.data)
        run = _own(request, id)
        line = ImportPath.of({"id": id, "number": number})["number"]
        if previewing.choose(run, line, said["anime_id"]) is None:
            raise Conflicting(NOT_DOUBTFUL)
        return Response(told(run))


def _own(request: Request, written: str) -> ListImport:
    wanted = ImportPath.of({"id": written})["id"]
    run = ListImport.objects.filter(user=member_of(request), pk=wanted).first()
    if run is None:
        raise missing("id", f"You have no import {wanted}.")
    return run


def told(run: ListImport) -> dict[str, Any]:
    facts = result_of(run)
    progress = facts["progress"]
    told: dict[str, Any] = ImportSerializer(
        {**facts, "done": progress[0] if progress else None}
    ).data
    return told
