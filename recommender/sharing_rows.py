"""What members share, as pages show it: titles beside numbers, sentences, chips."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from catalog.models import Anime
from ratings.models import User
from recommender import serving
from recommender.compared import Comparison, Shared, titles_by_id
from recommender.engine.likeness import ENOUGH, FEWEST
from recommender.serving import Joint
from recommender.sharing import Company

# From which likeness on, and what it is called.
BANDS = (
    (0.6, "You score very much alike."),
    (0.3, "You score alike."),
    (0.1, "You score a little alike."),
    (-0.1, "You score no more alike than any two members might."),
    (-1.1, "Your scores go apart: what one puts high, the other puts low."),
)


def verdict(likeness: float) -> str:
    return next(words for least, words in BANDS if likeness >= least)


def compared(comparison: Comparison, shown: Sequence[Shared]) -> dict[str, Any]:
    """`shown`: the shared titles of this page."""
    tips, apart = comparison.tips(), comparison.furthest_apart
    ids = [row.anime_id for row in (*shown, *apart)] + [tip.anime_id for tip in tips]
    titles = titles_by_id([*ids, *comparison.both_plan])
    likeness, correlation = comparison.likeness, comparison.correlation
    return {
        "percent": None if likeness is None else round(100 * likeness),
        "correlation": correlation,
        "verdict": "" if likeness is None else verdict(likeness),
        "enough": ENOUGH,
        "fewest": FEWEST,
        "rows": [(titles[row.anime_id], row) for row in shown if row.anime_id in titles],
        "apart": [(titles[row.anime_id], row) for row in apart if row.anime_id in titles],
        "tips": [(titles[tip.anime_id], tip) for tip in tips if tip.anime_id in titles],
        "plans": [titles[pk] for pk in comparison.both_plan if pk in titles],
    }


def chips(company: Company, *, seen_by_some: bool) -> list[tuple[User, str]]:
    """Each of the others, and the address without them."""
    names = [other.username for other in company.others]
    return [
        (other, _address([name for name in names if name != other.username], seen_by_some))
        for other in company.others
    ]


def _address(names: Sequence[str], seen_by_some: bool) -> str:
    asked = [("with", name) for name in names] + ([("seen", "1")] if seen_by_some else [])
    return "?" + urlencode(asked)


def without_a_say(members: Sequence[User], found: Sequence[Joint]) -> list[User]:
    """Whose list is empty where others' are not, so that the order is theirs."""
    silent = [
        member
        for member, says in zip(
            members, zip(*(joint.says for joint in found), strict=True), strict=False
        )
        if not any(say.place or say.seen for say in says)
    ]
    return silent if len(silent) < len(members) else []


def joined(company: Company, *, seen_by_some: bool) -> dict[str, Any]:
    """What all of the company could watch, and who has no say in it; nothing for one alone."""
    if not company.others:
        return {}
    found = serving.together(company.members, seen_by_some=seen_by_some)
    return {
        "cards": joint_cards(company.members, found),
        "silent": without_a_say(company.members, found),
    }


def joint_cards(members: Sequence[User], found: Sequence[Joint]) -> list[dict[str, Any]]:
    """Each title with what each of the members has to say of it."""
    titles = Anime.objects.in_the_order_of(joint.anime_id for joint in found).lean()
    says = {joint.anime_id: joint.says for joint in found}
    return [
        {"anime": anime, "says": list(zip(members, says[anime.pk], strict=True))}
        for anime in titles
    ]
