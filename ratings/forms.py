from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.auth.forms import AuthenticationForm, UserCreationForm
from django.db import IntegrityError, transaction

from catalog.models import Anime
from ratings.models import User, WatchStatus

NAME_TAKEN = "Somebody has this name already."


if TYPE_CHECKING:
    NewMemberForm = UserCreationForm[User]
    MemberForm = forms.ModelForm[User]
else:  # Django's forms take their model's type in the stubs alone.
    NewMemberForm = UserCreationForm
    MemberForm = forms.ModelForm


class SignUpForm(NewMemberForm):
    error_messages = {"password_mismatch": "The two passwords differ."}

    class Meta:
        model = User
        fields = ("username",)
        help_texts: ClassVar = {"username": "Letters, digits and @ . + - _"}
        error_messages: ClassVar = {"username": {"unique": NAME_TAKEN}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = "At least 8 characters, not only digits."
        self.fields["password2"].label = "Password again"
        self.fields["password2"].help_text = ""

    def sign_up(self) -> User | None:
        """The new member; None where the form says what is wrong."""
        if not self.is_valid():
            return None
        try:
            with transaction.atomic():
                return self.save()
        except IntegrityError:
            # The form was sent twice at once, or somebody was a moment quicker.
            self.add_error("username", NAME_TAKEN)
            return None


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "This name and this password do not go together.",
        "inactive": "This account is closed.",
    }


class ScoreForm(forms.Form):
    """A score of 1 to 10; an empty one takes it back."""

    score = forms.TypedChoiceField(
        choices=[("", "No score"), *((number, str(number)) for number in range(1, 11))],
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": "A score is a whole number from 1 to 10."},
    )

    def clean_score(self) -> int | None:
        if "score" not in self.data:
            raise forms.ValidationError("No score was sent.")
        score: int | None = self.cleaned_data["score"]
        return score


class StatusForm(forms.Form):
    status = forms.ChoiceField(
        choices=WatchStatus.choices,
        error_messages={
            "required": "No status was sent.",
            "invalid_choice": "There is no such status.",
        },
    )


class EpisodesForm(forms.Form):
    """How many episodes of a title are seen: no more than it has."""

    # Where nobody knows how many it has; no title has had as many yet.
    MOST = 10_000
    episodes = forms.IntegerField(
        min_value=0,
        error_messages={
            "required": "No number of episodes was sent.",
            "invalid": "A number of episodes is a whole number.",
            "min_value": "A number of episodes is not below 0.",
        },
    )

    def __init__(self, anime: Anime, data: Any = None) -> None:
        super().__init__(data)
        self.most = anime.episodes

    def clean_episodes(self) -> int:
        episodes: int = self.cleaned_data["episodes"]
        if self.most and episodes > self.most:
            has = "1 episode" if self.most == 1 else f"{self.most} episodes"
            raise forms.ValidationError(f"It has {has}.")
        if episodes > self.MOST:
            raise forms.ValidationError("No title has that many episodes.")
        return episodes


class PublicForm(MemberForm):
    class Meta:
        model = User
        fields = ("is_public",)
        labels: ClassVar = {"is_public": "Anybody may see my list"}


class LeaveForm(forms.Form):
    """Shows that it is really the member, and that they mean it: by password, or by name without one."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    name = forms.CharField(
        label="Your name, to show that you mean it",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, member: User, data: Any = None) -> None:
        super().__init__(data)
        self.member = member
        del self.fields["name" if member.has_usable_password() else "password"]

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.member.check_password(password):
            raise forms.ValidationError("That is not your password.")
        return password

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name != self.member.username:
            raise forms.ValidationError(f"Type {self.member.username}, as it is written above.")
        return name
