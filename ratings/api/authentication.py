"""Who sends a request to the API: whoever a token belongs to."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from ratings.models import AccessToken, User

# The second is what clients of Django REST framework send.
KEYWORDS = (b"bearer", b"token")
LONGEST_KEY = 200


class TokenAuthentication(BaseAuthentication):
    """A token that may only read is refused here, so that no view can forget to."""

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        keyword, *rest = get_authorization_header(request).split() or [b""]
        if keyword.lower() not in KEYWORDS:
            return None
        token = _token(rest)
        if token is None or not token.member.is_active:
            raise exceptions.AuthenticationFailed("There is no such token.")
        if not token.may_write and request.method not in SAFE_METHODS:
            raise exceptions.PermissionDenied("This token may read, and change nothing.")
        token.note_use()
        return token.member, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def _token(rest: list[bytes]) -> AccessToken | None:
    if len(rest) != 1 or not rest[0].isascii() or len(rest[0]) > LONGEST_KEY:
        return None
    return AccessToken.of_key(rest[0].decode("ascii"))


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its base has no types
    target_class = "ratings.api.authentication.TokenAuthentication"
    name = "tokenAuth"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        said = "A token of the account page. One that may only read is refused where something changes."
        return {"type": "http", "scheme": "bearer", "description": said}
