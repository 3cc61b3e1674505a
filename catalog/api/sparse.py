"""Only the fields that a client wants: `fields=mal_id,title`."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from rest_framework import serializers

from catalog.api.params import NamesOf

# More than any answer has.
MOST_FIELDS = 40


class Sparse(serializers.Serializer[Any]):
    """Where the context holds `fields`, the outermost of an answer tells those alone."""

    def get_fields(self) -> dict[str, Any]:
        found = super().get_fields()
        wanted = self.context.get("fields") if self._is_outermost else None
        return {name: found[name] for name in found if name in wanted} if wanted else found

    @property
    def _is_outermost(self) -> bool:
        parent = self.parent
        within_a_list = isinstance(parent, serializers.ListSerializer) and parent.parent is None
        return parent is None or within_a_list


class SparseScheme(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # its base has no types
    """What a client may leave out, no other client can count on."""

    target_class = "catalog.api.sparse.Sparse"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        told: dict[str, Any] = auto_schema._map_serializer(
            self.target, direction, bypass_extensions=True
        )
        return {name: part for name, part in told.items() if name != "required"}


class FieldNames(NamesOf):
    """Of what `shape` tells."""

    def __init__(self, shape: type[serializers.Serializer[Any]]) -> None:
        said = "Only these fields of each result."
        super().__init__(tuple(shape().fields), said, most=MOST_FIELDS)
