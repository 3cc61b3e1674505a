"""What is said of titles."""

from typing import Any

from django import forms

from catalog.models import Anime
from ratings.models import WatchStatus


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
