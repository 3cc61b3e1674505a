"""GET, POST /api/v1/tokens; DELETE /api/v1/tokens/{id}: the keys of a member's programs."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.params import MAX_MEMBER_ID, Choice, QueryNumber, QueryParams, Strict
from catalog.api.problems import (
    FORBIDDEN,
    NO_PARAMETERS,
    NOT_JSON,
    THROTTLED,
    TOO_LARGE,
    UNAUTHENTICATED,
    failure,
    malformed,
    missing,
)
from catalog.api.shared import PrivateView
from ratings.api import examples
from ratings.api.once import ONCE, WRITING, once
from ratings.api.whose import member_of
from ratings.gate import has_account
from ratings.models import AccessToken, Scope
from ratings.models.token import LONGEST_NAME
from ratings.token_form import TokenForm

BY_HAND = "A token is made on the account page, or with a session: no token makes another."
NO_GUESTS = "Tokens are for accounts, and guests have none."
NO_SUCH_TOKEN = failure("No such token of yours.", "not_found", "You have no token 3.", field="id")
ID = OpenApiParameter("id", {"type": "integer", "minimum": 1}, OpenApiParameter.PATH)


class TokenSerializer(serializers.Serializer[AccessToken]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    scope = serializers.ChoiceField(Scope.choices)
    made_at = serializers.DateTimeField()
    used_at = serializers.DateTimeField(allow_null=True, help_text="To the minute.")


class TokensSerializer(serializers.Serializer[Any]):
    results = TokenSerializer(many=True)


class NewTokenSerializer(TokenSerializer):
    key = serializers.CharField(help_text="Shown this once, and kept nowhere.")


class TokenWishSerializer(Strict):
    name = serializers.CharField(max_length=LONGEST_NAME, help_text="What it is for.")
    scope = Choice(Scope.choices, default=Scope.READ)


class TokenPath(Strict):
    id = QueryNumber(min_value=1, max_value=MAX_MEMBER_ID)


class TokensView(PrivateView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="tokens",
        summary="Your tokens, without their keys",
        tags=["account"],
        examples=[examples.TOKENS],
        responses={200: TokensSerializer, **NO_PARAMETERS, **UNAUTHENTICATED, **THROTTLED},
    )
    def get(self, request: Request) -> Response:
        QueryParams.of(request.query_params)
        own = member_of(request).tokens.order_by("name")
        return Response(TokensSerializer({"results": own}).data)

    @extend_schema(
        operation_id="make_token",
        summary="Make a token",
        description=f"{BY_HAND} There is no Idempotency-Key here: its answer would have to be kept.",
        tags=["account"],
        request=TokenWishSerializer,
        examples=[*examples.NEW_TOKEN],
        responses={
            201: NewTokenSerializer,
            **malformed("name"),
            **UNAUTHENTICATED,
            **FORBIDDEN,
            **TOO_LARGE,
            **NOT_JSON,
            **THROTTLED,
        },
    )
    def post(self, request: Request) -> Response:
        QueryParams.of(request.query_params)
        if isinstance(request.auth, AccessToken):
            raise exceptions.PermissionDenied(BY_HAND)
        if not has_account(request.user):
            raise exceptions.PermissionDenied(NO_GUESTS)
        form = TokenForm(request.user, TokenWishSerializer.of(request.data))
        key = form.make()
        if not key:
            raise exceptions.ValidationError(_faults(form))
        token = request.user.tokens.get(name=form.cleaned_data["name"])
        token.key = key  # type: ignore[attr-defined]  # for this answer alone
        return Response(NewTokenSerializer(token).data, status=status.HTTP_201_CREATED)


class TokenView(PrivateView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="revoke_token",
        summary="Take a token back",
        description="It works no more from now on; a token may take itself back.",
        tags=["account"],
        parameters=[ID, ONCE],
        responses={
            204: OpenApiResponse(None, "It works no more."),
            **malformed("id"),
            **WRITING,
            **NO_SUCH_TOKEN,
        },
    )
    @once
    def delete(self, request: Request, id: str) -> Response:  # noqa: A002 - the address's own word
        QueryParams.of(request.query_params)
        wanted = TokenPath.of({"id": id})["id"]
        if not member_of(request).tokens.filter(pk=wanted).delete()[0]:
            raise missing("id", f"You have no token {wanted}.")
        return Response(status=status.HTTP_204_NO_CONTENT)


def _faults(form: TokenForm) -> dict[str, list[str]]:
    """What belongs to no field is about the name: there is no room for another."""
    return {
        "name" if name == "__all__" else name: [str(one) for one in said]
        for name, said in form.errors.items()
    }
