"""What all of /api/v1/ shares: what caches may keep, and input that is read strictly."""

import io
from collections.abc import Mapping
from typing import IO, Any

from django.utils.cache import patch_cache_control
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from rest_framework import exceptions, serializers, status
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.problems import MAX_BODY, TooLarge

# Unknown names are repeated in the answer: so many of them, of so many letters.
MAX_NAMES, MAX_NAME = 20, 60
# The largest numbers that the database keeps as an id of a title and of a member.
MAX_ANIME_ID, MAX_MEMBER_ID = 2**31 - 1, 2**63 - 1


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
