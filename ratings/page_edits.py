"""All fields of a page of one's list sent together, as browsers without JavaScript send them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.http import QueryDict

from ratings.bulk_form import MOST_TICKED
from ratings.forms import EpisodesForm, ScoreForm, StatusForm
from ratings.listing import entries_of
from ratings.models import User, UserAnimeRating


@dataclass
class Saved:
    """Titles that were changed, that had changed meanwhile and were left, and what was wrong."""

    changed: list[str] = field(default_factory=list)
    since: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def save_page(member: User, data: QueryDict) -> Saved:
    """Each line has `was` (its id and stamp), and s, t and e with its id: score, status, episodes."""
    halves = [line.partition(".") for line in data.getlist("was")[:MOST_TICKED]]
    shown = {pk: stamp for pk, _, stamp in halves if pk.isascii() and pk.isdigit() and len(pk) < 10}
    saved = Saved()
    entries = entries_of(member).filter(anime__in=[int(pk) for pk in shown]).for_list_page()
    for entry in entries.order_by("pk"):
        wanted = dict(_differences(entry, data))
        if not wanted:
            continue
        title = entry.anime.display_title
        if entry.stamp != shown[str(entry.anime_id)]:
            saved.since.append(title)
        elif problem := _write(member, entry, wanted):
            saved.problems.append(f"{title}: {problem}")
        else:
            saved.changed.append(title)
    return saved


def _differences(entry: UserAnimeRating, data: QueryDict) -> Iterator[tuple[str, str]]:
    """What the fields say that the line does not."""
    seen = "" if entry.watched_episodes is None else str(entry.watched_episodes)
    is_now = {"e": seen, "s": str(entry.score or ""), "t": entry.status}
    for letter, now in is_now.items():
        said = data.get(f"{letter}{entry.anime_id}", now)
        if said.strip() != now:
            yield letter, said


def _write(member: User, entry: UserAnimeRating, wanted: dict[str, str]) -> str:
    """The first thing that is wrong, with nothing written; else empty."""
    anime = entry.anime
    episodes = EpisodesForm(anime, {"episodes": wanted.get("e", "0")})
    score = ScoreForm({"score": wanted.get("s", "")})
    status = StatusForm({"status": wanted.get("t", entry.status)})
    for form in (episodes, score, status):
        if not form.is_valid():
            return " ".join(str(one) for errors in form.errors.values() for one in errors)
    # The status last: the others may change it too, and what the member says wins.
    if "e" in wanted:
        member.set_watched(anime, episodes.cleaned_data["episodes"])
    if "s" in wanted:
        member.rate(anime, score=score.cleaned_data["score"])
    if "t" in wanted:
        member.set_status(anime, status.cleaned_data["status"])
    return ""
