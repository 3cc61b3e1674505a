"""How /api/v1/ says what went wrong: one shape, by RFC 9457, made here alone."""

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg
from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.utils.log import log_response
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import exceptions, serializers, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

MEDIA_TYPE = "application/problem+json"
# No address, because it is a name: it stays when the documents move.
TYPE = "urn:animerec:problem:"
# By code: the status it is answered with, and what the kind is called, whatever the occasion.
KINDS = {
    "invalid": (400, "A parameter is wrong"),
    "parse_error": (400, "The request cannot be read"),
    "not_authenticated": (401, "A token or a session is needed"),
    "authentication_failed": (401, "The token or the session is not valid"),
    "permission_denied": (403, "Not allowed"),
    "not_found": (404, "There is no such thing here"),
    "method_not_allowed": (405, "The address takes another method"),
    "not_acceptable": (406, "The answer comes as JSON alone"),
    "conflict": (409, "Not in a state for that"),
    "too_large": (413, "The body is too large"),
    "unsupported_media_type": (415, "The body is of a type that is not taken here"),
    "key_reused": (422, "The Idempotency-Key was used before"),
    "throttled": (429, "Too many requests"),
    "server_error": (500, "A fault of this site"),
    "unavailable": (503, "The site cannot answer now"),
}
# A body is one small object; longer ones are refused before they are read.
MAX_BODY = 64 * 1024


class TooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = f"The body may have {MAX_BODY // 1024} KB at most."
    default_code = "too_large"


# What a driver raises while the database is away, is starting, or has lost the connection.
# Django's names for it, and the driver's own: what breaks off while rows are read comes under the latter.
AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)


class Unavailable(exceptions.APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "The database does not answer. Nothing of this request was written."
    default_code = "unavailable"
    # Seconds, for Retry-After.
    wait = 5


class ProblemSerializer(serializers.Serializer[Any]):
    type = serializers.CharField(help_text=f"The kind of problem: `{TYPE}` and the code.")
    title = serializers.CharField(help_text="The kind in words, the same each time.")
    status = serializers.IntegerField(help_text="The status of the answer.")
    detail = serializers.CharField(help_text="For people: what went wrong this time.")
    code = serializers.CharField(help_text="For programs: one word that stays the same.")
    fields = serializers.DictField(  # type: ignore[assignment]  # hides a property that this one does not use
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="What is wrong with which parameter; only where a parameter is at fault.",
    )
    request_id = serializers.CharField(
        required=False, help_text="What the site's log calls the request; as X-Request-ID."
    )


def problem_of(error: Exception, context: dict[str, Any]) -> Response:
    """Answer every failure in the one shape."""
    known = _as_api_error(error)
    if known is None:
        return _unexpected(error, context)
    response = exception_handler(known, context)
    assert response is not None  # noqa: S101 - an APIException always has an answer
    return _shaped(response, _told(known), context)


def _shaped(response: Response, told: dict[str, Any], context: dict[str, Any]) -> Response:
    response.data = problem(**told)
    if name := getattr(context["request"], "request_id", ""):
        response.data["request_id"] = name
    response.content_type = MEDIA_TYPE
    return response


def problem(
    code: str, detail: str, fields: Mapping[str, list[str]] | None = None
) -> dict[str, Any]:
    status, title = KINDS[code]
    body = {"type": TYPE + code, "title": title, "status": status, "detail": detail, "code": code}
    return {**body, "fields": fields} if fields else body


def _as_api_error(error: Exception) -> exceptions.APIException | None:
    match error:
        case exceptions.APIException():
            return error
        case Http404():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case _ if isinstance(error, AWAY):
            return Unavailable()
        case SuspiciousOperation():
            return exceptions.ParseError("The request is malformed.")
        # Django reads the address in the charset that a request's Content-Type names.
        case LookupError() if "is not a text encoding" in str(error):
            return exceptions.ParseError("The charset in Content-Type is no text encoding.")
    return None


def _unexpected(error: Exception, context: dict[str, Any]) -> Response:
    request = context["request"]
    if settings.DEBUG:
        raise error
    # Whoever watches for failures hears of this one as of any page's.
    got_request_exception.send(sender=type(context["view"]), request=request)
    told = {"code": "server_error", "detail": "Something went wrong on this site's side."}
    response = Response(status=status.HTTP_500_INTERNAL_SERVER_ERROR)
    log_response("%s failed: %s", request.method, request.path, response=response, exception=error)
    return _shaped(response, told, context)


def _told(error: exceptions.APIException) -> dict[str, Any]:
    code = "invalid" if isinstance(error, exceptions.ValidationError) else error.default_code
    if not isinstance(error.detail, dict):
        return {"code": code, "detail": " ".join(_sentences(error.detail))}
    fields = {name: list(_sentences(detail)) for name, detail in error.detail.items()}
    general = fields.pop("non_field_errors", [])
    said = " ".join(general) or "; ".join(f"{name}: {' '.join(fields[name])}" for name in fields)
    return {"code": code, "detail": said, "fields": fields}


def _sentences(detail: Any) -> Iterable[str]:
    if isinstance(detail, str):
        yield str(detail)
    elif isinstance(detail, Mapping):
        for part in detail.values():
            yield from _sentences(part)
    else:
        for part in detail:
            yield from _sentences(part)


def missing(field: str, said: str) -> exceptions.NotFound:
    """A well-formed parameter that names nothing."""
    return exceptions.NotFound({field: [said]})


# The schema


Failure = dict[tuple[int, str], OpenApiResponse]


def failure(description: str, code: str, detail: str, *, field: str = "") -> Failure:
    """Document one way to fail, with the body it has; among the responses of a view: `**failure(...)`."""
    said, fields = (f"{field}: {detail}", {field: [detail]}) if field else (detail, None)
    body = problem(code, said, fields)
    example = OpenApiExample(code, value=body, response_only=True, media_type=MEDIA_TYPE)
    told = OpenApiResponse(ProblemSerializer, description, [example])
    return {(KINDS[code][0], MEDIA_TYPE): told}


def malformed(field: str) -> Failure:
    return failure(
        "A parameter is missing, malformed, repeated or unknown; `fields` names it.",
        "invalid",
        "A valid integer is required.",
        field=field,
    )


NO_PARAMETERS = failure(
    "There are parameters, and this address takes none.",
    "invalid",
    "Unknown; there are none here.",
    field="page",
)


def no_such_title(field: str) -> Failure:
    described = "No such title, or it is hidden here."
    return failure(described, "not_found", "There is no title 9000001 here.", field=field)


NOT_YOURS = failure(
    "Whose list it is shows it to nobody else, or there is no such member.",
    "permission_denied",
    "You may not see what member 7 keeps.",
)
UNAUTHENTICATED = failure(
    "No valid token or session.",
    "not_authenticated",
    "Authentication credentials were not provided.",
)
FORBIDDEN = failure(
    "A session was used without its CSRF token.",
    "permission_denied",
    "CSRF Failed: CSRF token missing.",
)
TOO_LARGE = failure("The body is too large.", TooLarge.default_code, TooLarge.default_detail)
NOT_JSON = failure(
    "The body is of another type than the address takes.",
    "unsupported_media_type",
    'Unsupported media type "text/plain" in request.',
)
UNAVAILABLE = failure(
    "The database does not answer; try again after `Retry-After` seconds.",
    Unavailable.default_code,
    Unavailable.default_detail,
)
# Of every address.
THROTTLED = {
    **failure(
        "Too many requests; `Retry-After` tells how many seconds to wait.",
        "throttled",
        "Request was throttled. Expected available in 12 seconds.",
    ),
    **UNAVAILABLE,
}
