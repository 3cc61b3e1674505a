"""What all of /api/v1/ shares: one error body, and input that is read strictly."""

import io
from collections.abc import Iterable, Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404
from django.utils.cache import patch_cache_control
from django.utils.decorators import method_decorator
from django.utils.log import log_response
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import exceptions, serializers, status
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

# A body is one small object; longer ones are refused before they are read.
MAX_BODY = 64 * 1024
# Unknown names are repeated in the answer: so many of them, of so many letters.
MAX_NAMES, MAX_NAME = 20, 60
# The largest numbers that the database keeps as an id of a title and of a member.
MAX_ANIME_ID, MAX_MEMBER_ID = 2**31 - 1, 2**63 - 1


class TooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = f"The body may have {MAX_BODY // 1024} KB at most."
    default_code = "too_large"


class SmallJSONParser(JSONParser):
    """JSON of a bounded size, in UTF-8 as its standard demands."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(MAX_BODY + 1)
        if len(body) > MAX_BODY:
            raise TooLarge
        try:
            return super().parse(io.BytesIO(body), media_type, {"encoding": "utf-8"})
        except RecursionError as error:
            raise exceptions.ParseError("The JSON is nested too deeply.") from error


# Errors


class ErrorDetailSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="For programs: one word that stays the same.")
    message = serializers.CharField(help_text="For people: one sentence.")
    fields = serializers.DictField(  # type: ignore[assignment]  # hides a property that this one does not use
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="What is wrong with which parameter; only where a parameter is at fault.",
    )


class ErrorSerializer(serializers.Serializer[Any]):
    error = ErrorDetailSerializer()


def error_response(error: Exception, context: dict[str, Any]) -> Response:
    """Answer every failure in the one shape."""
    known = _as_api_error(error)
    if known is None:
        return _unexpected(error, context)
    response = exception_handler(known, context)
    assert response is not None  # noqa: S101 - an APIException always has an answer
    response.data = {"error": _body(known)}
    return response


def _as_api_error(error: Exception) -> exceptions.APIException | None:
    match error:
        case exceptions.APIException():
            return error
        case Http404():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied()
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
    body = {"code": "server_error", "message": "Something went wrong on this site's side."}
    response = Response({"error": body}, status=status.HTTP_500_INTERNAL_SERVER_ERROR)
    log_response("%s failed: %s", request.method, request.path, response=response, exception=error)
    return response


def _body(error: exceptions.APIException) -> dict[str, Any]:
    code = "invalid" if isinstance(error, exceptions.ValidationError) else error.default_code
    if not isinstance(error.detail, dict):
        return {"code": code, "message": " ".join(_sentences(error.detail))}
    fields = {name: list(_sentences(detail)) for name, detail in error.detail.items()}
    general = fields.pop("non_field_errors", [])
    message = " ".join(general) or "; ".join(f"{name}: {' '.join(fields[name])}" for name in fields)
    return {"code": code, "message": message, **({"fields": fields} if fields else {})}


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


class UnknownAddress(APIView):
    """The last route: whatever no other one answers."""

    schema = None
    authentication_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise exceptions.NotFound("There is nothing at this address.")


@method_decorator(conditional_page, name="dispatch")
class PublicView(APIView):
    """The answer is the same for everybody: shared by caches, and known by its ETag."""

    authentication_classes = ()

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        done = super().finalize_response(request, response, *args, **kwargs)
        if done.status_code == status.HTTP_200_OK:
            # Facts change when an import runs or a curator saves; a minute of age harms nobody.
            patch_cache_control(done, public=True, max_age=60)
        return done


class PrivateView(APIView):
    """The answer depends on who asks: no cache may keep it."""

    parser_classes = (SmallJSONParser,)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        done = super().finalize_response(request, response, *args, **kwargs)
        patch_cache_control(done, private=True, no_store=True)
        return done


# Input


class WholeNumber(serializers.IntegerField):
    """A number and nothing that merely reads like one: neither true, nor 8.0, nor "8"."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return data


class QueryNumber(serializers.IntegerField):
    """Plain digits; no 8.0, no digits of other scripts."""

    def to_internal_value(self, data: Any) -> int:
        text = str(data)
        if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) <= 30):
            self.fail("invalid")
        return int(text)


class Choice(serializers.ChoiceField):
    """Names the values there are, and does not repeat the one that was sent."""

    def __init__(self, choices: Any, **kwargs: Any) -> None:
        super().__init__(choices, **kwargs)
        names = ", ".join(str(value) for value in self.choices)
        self.error_messages["invalid_choice"] = f"Must be one of: {names}."


class Strict(serializers.Serializer[Any]):
    """Refuses names it does not know: a misspelt filter must not be silently ignored."""

    def to_internal_value(self, data: Any) -> Any:
        faults: dict[str, Any] = {}
        value: Any = {}
        try:
            value = super().to_internal_value(data)
        except exceptions.ValidationError as error:
            faults.update(error.detail if isinstance(error.detail, dict) else {})
        if isinstance(data, Mapping):
            faults.update(self._unknown(data))
        if faults:
            raise exceptions.ValidationError(faults)
        return value

    def _unknown(self, data: Mapping[str, Any]) -> dict[str, str]:
        names = [name for name in data if name not in self.fields][:MAX_NAMES]
        known = f"there are: {', '.join(self.fields)}" if self.fields else "there are none here"
        return {_printable(name): f"Unknown; {known}." for name in names}

    @classmethod
    def of(cls, data: Any, **kwargs: Any) -> dict[str, Any]:
        """The checked values, or a ValidationError that names each field at fault."""
        form = cls(data=data, **kwargs)
        form.is_valid(raise_exception=True)
        checked: dict[str, Any] = form.validated_data
        return checked


class QueryParams(Strict):
    """The part of an address after the question mark; each name at most once."""

    @classmethod
    def of(cls, data: Any, **kwargs: Any) -> dict[str, Any]:
        twice = [name for name, values in data.lists() if len(values) > 1][:MAX_NAMES]
        if twice:
            raise exceptions.ValidationError(
                {_printable(name): "Given more than once." for name in twice}
            )
        return super().of(data, **kwargs)


def _printable(name: str) -> str:
    """A name as it can be sent back: half a surrogate pair, which JSON may hold, can not."""
    return name[:MAX_NAME].encode("utf-8", "replace").decode()


# The schema


def failure(description: str, code: str, message: str, *, field: str = "") -> OpenApiResponse:
    """Document one way to fail, with the body it has."""
    error: dict[str, Any] = {"code": code, "message": message}
    if field:
        error = {"code": code, "message": f"{field}: {message}", "fields": {field: [message]}}
    example = OpenApiExample(code, value={"error": error}, response_only=True)
    return OpenApiResponse(ErrorSerializer, description, [example])


def malformed(field: str) -> OpenApiResponse:
    return failure(
        "A parameter is missing, malformed, repeated or unknown; `fields` names it.",
        "invalid",
        "A valid integer is required.",
        field=field,
    )


def no_such_title(field: str) -> OpenApiResponse:
    described = "No such title, or it is hidden here."
    return failure(described, "not_found", "There is no title 9000001 here.", field=field)


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
    "The body is not JSON.",
    "unsupported_media_type",
    'Unsupported media type "text/plain" in request.',
)
THROTTLED = failure(
    "Too many requests; `Retry-After` tells how many seconds to wait.",
    "throttled",
    "Request was throttled. Expected available in 12 seconds.",
)
