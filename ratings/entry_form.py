"""What a row of a list has no room for: days of watching, times again, whether it counts."""

from datetime import date
from typing import Any

from django import forms

from ratings.importing.lists.values import MOST_REWATCHES, partial_date
from ratings.leaving.everything import partial
from ratings.models import User, UserAnimeRating

Day = tuple[date | None, str]
NOT_A_DAY = "A day as in 2019-04-03, or 2019-04 or 2019 where you know no more."


class DayField(forms.CharField):
    """As exact as it is typed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=10, help_text=NOT_A_DAY, **options)
        self.error_messages["max_length"] = NOT_A_DAY

    def clean(self, value: Any) -> Any:
        written = super().clean(value)
        day: Day = partial_date(written)
        if written and partial(*day) != written:
            raise forms.ValidationError(NOT_A_DAY)
        return day


class EntryForm(forms.Form):
    started = DayField(label="Started")
    finished = DayField(label="Finished")
    rewatches = forms.IntegerField(
        label="Watched again, times",
        min_value=0,
        max_value=MOST_REWATCHES,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value", "required"),
            f"A whole number from 0 to {MOST_REWATCHES:,}.",
        ),
    )
    counts = forms.BooleanField(label="Counts for my taste", required=False)

    def __init__(self, entry: UserAnimeRating, data: Any = None) -> None:
        now = {
            "started": partial(entry.started_on, entry.started_precision),
            "finished": partial(entry.finished_on, entry.finished_precision),
            "rewatches": entry.rewatches,
            "counts": entry.counts,
        }
        super().__init__(data, initial=now)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        (first, one), (last, other) = (
            said.get("started", (None, "")),
            said.get("finished", (None, "")),
        )
        if first and last and one == other and last < first:
            self.add_error("finished", "It was finished before it was started.")
        return said

    def save(self, member: User, entry: UserAnimeRating) -> None:
        """Only these columns: whatever else changed meanwhile stays."""
        said = self.cleaned_data
        started, finished = said["started"], said["finished"]
        member.list_entries.filter(pk=entry.pk).update(
            started_on=started[0],
            started_precision=started[1],
            finished_on=finished[0],
            finished_precision=finished[1],
            rewatches=said["rewatches"],
            counts=said["counts"],
        )
        member.touch_list()
