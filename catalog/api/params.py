"""What may be sent to /api/v1/, read strictly: nothing is guessed, nothing unknown is ignored."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

# Unknown names are repeated in the answer: so many of them, of so many letters.
MAX_NAMES, MAX_NAME = 20, 60
# The largest numbers that the database keeps as an id of a title and of a member.
MAX_ANIME_ID, MAX_MEMBER_ID = 2**31 - 1, 2**63 - 1
# A list of names in an address is no longer than this, and no more names are in it.
LONGEST, MOST_NAMES = 400, 12


class WholeNumber(serializers.IntegerField):
    """A number and nothing that merely reads like one: neither true, nor 8.0, nor "8"."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return data


class Truth(serializers.BooleanField):
    """true or false, and no word or number that stands for them."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class QueryNumber(serializers.IntegerField):
    """Plain digits; no 8.0, no digits of other scripts."""

    def to_internal_value(self, data: Any) -> int:
        text = str(data)
        if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) <= 30):
            self.fail("invalid")
        return int(text)


class QueryDecimal(serializers.FloatField):
    """Plain decimals such as -0.5; no exponent, no NaN, no digits of other scripts."""

    def to_internal_value(self, data: Any) -> float:
        if not re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,9})?", str(data)):
            self.fail("invalid")
        return float(data)


class Names(serializers.CharField):
    """One name, or several parted by commas."""

    def __init__(self, said: str, *, most: int = MOST_NAMES) -> None:
        said = f"{said} Several are parted by commas."
        super().__init__(required=False, max_length=LONGEST, help_text=said)
        self.most = most

    def to_internal_value(self, data: Any) -> Any:
        whole = super().to_internal_value(data)
        names = list(dict.fromkeys(filter(None, (name.strip() for name in whole.split(",")))))
        if len(names) > self.most:
            raise ValidationError(f"At most {self.most} names.")
        return names


class NamesOf(Names):
    """The same, out of a few that are known beforehand."""

    def __init__(self, there: Iterable[str], said: str, *, most: int = MOST_NAMES) -> None:
        self.there = tuple(there)
        super().__init__(f"{said} There are: {', '.join(self.there)}.", most=most)

    def to_internal_value(self, data: Any) -> Any:
        names = super().to_internal_value(data)
        if any(name not in self.there for name in names):
            raise ValidationError(f"Must be one of: {', '.join(self.there)}.")
        return names


class NamesScheme(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # its base has no types
    """So that the schema knows which names there are."""

    target_class = "catalog.api.params.NamesOf"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        one = f"({'|'.join(self.target.there)})"
        return {"type": "string", "maxLength": LONGEST, "pattern": f"^{one}(,{one})*$"}


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
        except ValidationError as error:
            faults.update(error.detail if isinstance(error.detail, dict) else {})
        if isinstance(data, Mapping):
            faults.update(self._unknown(data))
        if faults:
            raise ValidationError(faults)
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
            raise ValidationError({_printable(name): "Given more than once." for name in twice})
        # As plain values: a form's empty field is left out, but an empty parameter is wrong.
        return super().of(data.dict(), **kwargs)


def _printable(name: str) -> str:
    """A name as it can be sent back: half a surrogate pair, which JSON may hold, can not."""
    return name[:MAX_NAME].encode("utf-8", "replace").decode()
