"""What all of /api/v1/ shares: how bodies are read, and what caches may keep of answers."""

import io
from collections.abc import Mapping
from typing import IO, Any

from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from rest_framework import exceptions, status
from rest_framework.parsers import BaseParser, JSONParser
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.problems import MAX_BODY, TooLarge


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


@method_decorator(conditional_page, name="dispatch")
class PrivateView(APIView):
    """The answer depends on who asks: only their own program may keep it, and asks each time whether it is old."""

    parser_classes: tuple[type[BaseParser], ...] = (SmallJSONParser,)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        done = super().finalize_response(request, response, *args, **kwargs)
        if request.method in SAFE_METHODS:
            patch_cache_control(done, private=True, no_cache=True)
        else:
            patch_cache_control(done, private=True, no_store=True)
        patch_vary_headers(done, ["Authorization", "Cookie"])
        return done
