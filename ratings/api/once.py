"""`Idempotency-Key`: a write that is sent again is answered again, and done once."""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from hashlib import sha256
from typing import Any, TypeVar, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.problems import (
    FORBIDDEN,
    NOT_JSON,
    THROTTLED,
    TOO_LARGE,
    UNAUTHENTICATED,
    failure,
)
from ratings.models import KeptAnswer, User
from ratings.models.answers import LONGEST_KEY

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
WRONG = f"{HEADER} must have 1 to {LONGEST_KEY} printable ASCII characters."
REUSED = f"This {HEADER} was sent with another request."

ONCE = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    OpenApiParameter.HEADER,
    description="A word of yours, new for each change. Sent again within a day with the same body "
    f"it changes nothing more: the first answer comes again, with `{REPLAYED}: true`.",
)


class KeyReused(exceptions.APIException):
    status_code = 422
    default_detail = REUSED
    default_code = "key_reused"


KEY_REUSED = failure("The key was sent with another request.", "key_reused", REUSED)

# What every write of a member may be answered with.
WRITING = {**UNAUTHENTICATED, **FORBIDDEN, **TOO_LARGE, **NOT_JSON, **KEY_REUSED, **THROTTLED}

Write = TypeVar("Write", bound=Callable[..., Response])


def once(write: Write) -> Write:
    """A method of a view that changes something of a member, and answers with JSON or nothing."""

    @wraps(write)
    def written(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return write(view, request, *args, **kwargs)
        if not (key.isascii() and key.isprintable() and 1 <= len(key) <= LONGEST_KEY):
            raise exceptions.ParseError(WRONG)
        question = _question(request)
        member = cast(User, request.user)
        with transaction.atomic():
            # The row is the lock: who sends the same twice at once waits here for the first answer.
            kept, is_new = KeptAnswer.objects.get_or_create(
                member=member, key=key, defaults={"question": question, "status": 0}
            )
            if is_new:
                answer = write(view, request, *args, **kwargs)
                kept.status = answer.status_code
                kept.body = "" if answer.data is None else _as_text(answer.data)
                kept.save(update_fields=["status", "body"])
                return answer
        return _again(kept, question)

    return cast(Write, written)


def _as_text(data: Any) -> str:
    text: bytes = JSONRenderer().render(data)
    return text.decode()


def _again(kept: KeptAnswer, question: str) -> Response:
    if kept.question != question:
        raise KeyReused
    data = json.loads(kept.body) if kept.body else None
    return Response(data, status=kept.status, headers={REPLAYED: "true"})


def _question(request: Request) -> str:
    """What was asked, whatever the order of its names."""
    digest = sha256(f"{request.method} {request.get_full_path()}\n".encode("utf-8", "replace"))
    data = request.data
    if not isinstance(data, Mapping) or not request.FILES:
        digest.update(json.dumps(data, sort_keys=True).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()
    for name, value in sorted(data.items()):
        digest.update(f"{name}\n".encode("utf-8", "replace"))
        digest.update(_content(value))
    return digest.hexdigest()


def _content(value: Any) -> bytes:
    if not isinstance(value, UploadedFile):
        return str(value).encode("utf-8", "replace")
    found = sha256()
    for part in value.chunks():
        found.update(part)
    value.seek(0)
    return found.digest()
