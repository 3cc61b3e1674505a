"""Signing up and in, and what a member decides about their account."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.forms import (
    PasswordChangeForm,
    PasswordResetForm,
    SetPasswordForm,
    UserCreationForm,
)
from django.db import IntegrityError, transaction

from ratings import addresses, guests, zones
from ratings.models import User

NAME_TAKEN = "Somebody has this name already."
GOOD_ENOUGH = "At least 8 characters, not only digits."
PASSWORDS_DIFFER: dict[str, Any] = {"password_mismatch": "The two passwords differ."}
NOT_OF_AGE = "Titles for adults are for those who are 18 or older: tick both boxes."


if TYPE_CHECKING:
    NewMemberForm = UserCreationForm[User]
    MemberForm = forms.ModelForm[User]
    SetForm = SetPasswordForm[User]
else:  # Django's forms take their model's type in the stubs alone.
    NewMemberForm = UserCreationForm
    MemberForm = forms.ModelForm
    SetForm = SetPasswordForm


class SignUpForm(NewMemberForm):
    error_messages = PASSWORDS_DIFFER

    class Meta:
        model = User
        fields = ("username", "email")
        labels: ClassVar = {"email": "E-mail, if you like"}
        help_texts: ClassVar = {
            "username": "Letters, digits and @ . + - _",
            "email": "Only for a forgotten password.",
        }
        error_messages: ClassVar = {"username": {"unique": NAME_TAKEN}}

    def __init__(
        self, data: Any = None, *, guest: User | None = None, visitor: int | None = None
    ) -> None:
        """`guest`: who becomes the account. A copy of theirs: what is wrong here must not reach the page.
        `visitor`: as whom they looked before."""
        own = User.objects.filter(pk=guest.pk).first() if guest else None
        super().__init__(data, instance=own or User(visitor=visitor))
        self.initial = {}
        self.order_fields(["username", "password1", "password2", "email"])
        self.fields["password1"].help_text = GOOD_ENOUGH
        self.fields["password2"].label = "Password again"
        self.fields["password2"].help_text = ""
        self.fields["email"].widget.attrs["autocomplete"] = "email"

    def sign_up(self) -> User | None:
        """The new account, or the one that a first press of the button made; None where the form
        says what is wrong."""
        if self.is_valid() and (member := self._made()):
            return member
        return self._made_before() if self._is_taken() else None

    def _made(self) -> User | None:
        if self.instance.pk is None:
            made = self._added()
        else:
            member = self.save(commit=False)
            made = member if guests.settle(member) else None
        if made is None:
            self.add_error("username", NAME_TAKEN)
        return made

    def _added(self) -> User | None:
        try:
            with transaction.atomic():
                return self.save()
        except IntegrityError:
            # The form was sent twice at once, or somebody was a moment quicker.
            return None

    def _is_taken(self) -> bool:
        """Whether the name is all that is wrong."""
        return set(self.errors) == {"username"} and NAME_TAKEN in self.errors["username"]

    def _made_before(self) -> User | None:
        """Who knows the password is the one who signed up with it, and pressed the button twice."""
        name, password = self.data.get("username", ""), self.cleaned_data.get("password1")
        member = authenticate(username=name, password=password)
        return member if isinstance(member, User) else None


class ResetForm(PasswordResetForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "E-mail"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """The same work for every address; addresses.NoMail where nobody can be written to."""
        addresses.ask_for_reset(self.cleaned_data["email"])


class NewPasswordForm(SetForm):
    error_messages = PASSWORDS_DIFFER

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _as_at_sign_up(self)


class ChangePasswordForm(PasswordChangeForm):
    error_messages: dict[str, Any] = {
        **PASSWORDS_DIFFER,
        "password_incorrect": "That is not your present password.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "Present password"
        _as_at_sign_up(self)


def _as_at_sign_up(form: forms.Form) -> None:
    """The same two fields, in the same words."""
    form.fields["new_password1"].help_text = GOOD_ENOUGH
    form.fields["new_password2"].label = "New password again"
    form.fields["new_password2"].help_text = ""


class PublicForm(MemberForm):
    class Meta:
        model = User
        fields = ("is_public",)
        labels: ClassVar = {"is_public": "Anybody may see my list"}


class PreferencesForm(MemberForm):
    """For whom pages are made. Titles for adults only where the operator lets members decide."""

    time_zone = forms.ChoiceField(
        label="Days and hours in",
        required=False,
        error_messages={"invalid_choice": "There is no such time zone."},
        widget=forms.Select({"data-zone": ""}),
    )
    of_age = forms.BooleanField(label="I am 18 or older", required=False)

    class Meta:
        model = User
        fields = ("title_language", "time_zone", "wants_adult", "takes_part")
        labels: ClassVar = {
            "title_language": "Titles in",
            "wants_adult": "Show titles for adults",
            "takes_part": "Learn from what I am shown",
        }
        help_texts: ClassVar = {"wants_adult": ""}

    def __init__(self, data: Any, *, instance: User) -> None:
        super().__init__(data, instance=instance)
        kept = instance.time_zone
        self.fields["time_zone"].choices = zones.choices(kept)  # type: ignore[attr-defined]  # declared above
        if settings.SHOW_ADULT or not settings.ADULT_ON_REQUEST:
            del self.fields["wants_adult"], self.fields["of_age"]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        had = User.objects.filter(pk=self.instance.pk, wants_adult=True).exists()
        if said.get("wants_adult") and not said.get("of_age") and not had:
            self.add_error("of_age", NOT_OF_AGE)
        return said

    def keep(self) -> None:
        """These columns alone: whatever else changes at this moment stays."""
        self.instance.save(update_fields=[name for name in self.Meta.fields if name in self.fields])


class OwnPassword(forms.CharField):
    def __init__(self) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
        super().__init__(label="Your password", strip=False, max_length=4096, widget=widget)


class OwnerForm(forms.Form):
    """Shows that it is really the member."""

    password = OwnPassword()

    def __init__(self, member: User, data: Any = None) -> None:
        super().__init__(data)
        self.member = member

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.member.check_password(password):
            raise forms.ValidationError("That is not your password.")
        return password


class EmailForm(OwnerForm):
    email = forms.EmailField(
        label="E-mail",
        required=False,
        max_length=254,
        help_text="Only for a forgotten password. Leave it empty to take it away.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    field_order = ("email", "password")

    def __init__(self, member: User, data: Any = None) -> None:
        super().__init__(member, data)
        self.fields["email"].initial = member.email


class LeaveForm(OwnerForm):
    """Shows also that they mean it: by password, or by name without one."""

    name = forms.CharField(
        label="Your name, to show that you mean it",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, member: User, data: Any = None) -> None:
        super().__init__(member, data)
        del self.fields["name" if member.has_usable_password() else "password"]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name != self.member.username:
            raise forms.ValidationError(f"Type {self.member.username}, as it is written above.")
        return name
