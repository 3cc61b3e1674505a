"""Every table that says something of members, found in the registry so that none can be forgotten."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db.models import (
    CASCADE,
    Count,
    Field,
    IntegerField,
    Model,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from ratings.models import User

# Whoever reads these can act as the member: they are handed to nobody, not even to the member.
SECRETS = {"ratings.user": {"password"}, "ratings.accesstoken": {"digest"}}


@dataclass(frozen=True)
class Belonging:
    """A table whose rows belong to a member, and the ways from a row to them: 'list_import__user'."""

    model: type[Model]
    paths: tuple[str, ...]

    @property
    def name(self) -> str:
        return str(self.model._meta.label_lower)

    @property
    def columns(self) -> list[str]:
        """All but the secret ones."""
        secret = SECRETS.get(self.name, set())
        return [name for name in columns_of(self.model) if name not in secret]

    def rows_of(self, member: User) -> QuerySet[Any]:
        mine = reduce(or_, (Q(**{path: member.pk}) for path in self.paths))
        return self.model._base_manager.filter(mine).order_by("pk")

    def number_of(self, member: User) -> Coalesce:
        """How many rows, as a part of a larger question."""
        every_row = self.rows_of(member).order_by().values(all_of_them=Value(1))
        counted = every_row.annotate(number=Count("pk", distinct=True)).values("number")
        return Coalesce(Subquery(counted, output_field=IntegerField()), 0)

    def in_words(self, number: int) -> str:
        """'1 list entry', '3 follows'."""
        words = self.model._meta
        name = words.verbose_name if number == 1 else words.verbose_name_plural
        return f"{number:,} {name}".lower()


def belongings() -> list[Belonging]:
    """Those with a foreign key to the member first, then those that hang on a row of these."""
    found: dict[type[Model], tuple[str, ...]] = {User: ()}
    waiting: list[type[Model]] = [User]
    for owner in waiting:
        for model, field in _references_to(owner):
            ways = [f"{field.name}__{path}" for path in found[owner]] or [field.name]
            if model not in found:
                waiting.append(model)
            found[model] = (*found.get(model, ()), *ways)
    return [Belonging(model, paths) for model, paths in found.items() if model is not User]


def how_many(member: User) -> list[str]:
    """'1 list entry', '3 follows' of every table that has any; one query."""
    found = belongings()
    asked = [one.number_of(member) for one in found]
    numbers = User.objects.filter(pk=member.pk).values_list(*asked).get()
    return [one.in_words(number) for one, number in zip(found, numbers, strict=True) if number]


def columns_of(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _references_to(owner: type[Model]) -> "Iterator[tuple[type[Model], Field[Any, Any]]]":
    """Every foreign key to `owner`. What merely points at a member's row, without being a part of
    it, is nobody's belonging."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or model is owner:
            continue
        for field in model._meta.concrete_fields:
            relation: Any = field.remote_field
            if relation is None or relation.model._meta.concrete_model is not owner:
                continue
            if owner is User or relation.on_delete is CASCADE:
                yield model, field
