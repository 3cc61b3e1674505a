"""Keys of the API, as the account page makes them."""

from ratings.models import AccessToken, Scope, User


def key_of(member: User, *, scope: str = Scope.WRITE, name: str = "phone") -> str:
    token, key = AccessToken.named(name, scope=scope)
    token.member = member
    token.save()
    return key
