"""A new token: what it is for, and what it may do."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.db import IntegrityError, transaction

from ratings.models import AccessToken, User

MOST = 20
NAME_TAKEN = "You have a token of this name already."
TOO_MANY = f"You have {MOST} tokens. Take one back that you use no more."

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[AccessToken]
else:  # Django's forms take their model's type in the stubs alone.
    ModelForm = forms.ModelForm


class TokenForm(ModelForm):
    class Meta:
        model = AccessToken
        fields = ("name", "scope")
        labels: ClassVar = {"name": "What it is for", "scope": "What it may do"}
        help_texts: ClassVar = {"name": "Such as: phone, backup script."}

    def __init__(self, member: User, data: Any = None) -> None:
        super().__init__(data, auto_id="token-%s")
        self.member = member

    def make(self) -> str:
        """The key of the new token, to be shown once; empty where the form says what is wrong."""
        if not self.is_valid():
            return ""
        if self.member.tokens.count() >= MOST:
            self.add_error(None, TOO_MANY)
            return ""
        token, key = AccessToken.named(self.cleaned_data["name"], scope=self.cleaned_data["scope"])
        token.member = self.member
        try:
            with transaction.atomic():
                token.save(force_insert=True)
        except IntegrityError:
            self.add_error("name", NAME_TAKEN)
            return ""
        return key
