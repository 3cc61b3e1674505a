"""Every page of the site: who sees it, and where it is.

The tests of accessibility, budgets, layout and hostile addresses walk this table, and so does
`make screenshots`. `test_every_page_is_in_the_table` fails where an address is in neither of the
two tables below.
"""

from dataclasses import dataclass
from enum import StrEnum


class Who(StrEnum):
    """Through whose eyes a page is looked at."""

    GUEST = "guest"
    MEMBER = "member"  # of the demonstration: a list, ratings, a taste
    NEWCOMER = "newcomer"  # an account, and nothing else
    STAFF = "staff"


@dataclass(frozen=True)
class Page:
    """`path` may hold {title}, {member}, {year}: what the walker fills in."""

    name: str
    route: str
    path: str
    who: tuple[Who, ...] = (Who.GUEST, Who.MEMBER)
    # Has charts, and so may load their script.
    charts: bool = False


PAGES = [
    Page("home", "home", "/", (Who.GUEST, Who.MEMBER)),
    Page("browse", "catalog:browse", "/anime/"),
    Page("browse-search", "catalog:browse", "/anime/?q=mushi&sort=score", (Who.MEMBER,)),
    Page("browse-empty", "catalog:browse", "/anime/?q=zzzzqqqq", (Who.GUEST,)),
    Page("title", "catalog:anime", "/anime/{title}/", charts=True),
    Page("similar", "recommender:similar", "/anime/{title}/similar/", (Who.MEMBER,)),
    Page("mine", "ratings:mine", "/anime/{title}/mine/", (Who.MEMBER,)),
    Page("sign-in", "ratings:sign-in", "/sign-in/", (Who.GUEST,)),
    Page("sign-up", "ratings:sign-up", "/sign-up/", (Who.GUEST,)),
    Page("quiz", "recommender:quiz", "/quiz/", (Who.GUEST, Who.NEWCOMER, Who.MEMBER)),
    Page("for-you", "recommender:for-you", "/for-you/", (Who.NEWCOMER, Who.MEMBER)),
    Page("hidden", "recommender:hidden", "/for-you/hidden/", (Who.MEMBER,)),
    Page("taste", "recommender:taste", "/taste/", (Who.GUEST, Who.NEWCOMER, Who.MEMBER)),
    Page("my-list", "ratings:my-list", "/my-list/", (Who.NEWCOMER, Who.MEMBER)),
    Page("member-list", "ratings:member-list", "/members/{member}/"),
    Page("imports", "ratings:imports", "/import/", (Who.MEMBER,)),
    Page("following", "ratings:following", "/following/", (Who.MEMBER,)),
    Page("account", "ratings:account", "/account/", (Who.MEMBER,)),
    Page("delete", "ratings:delete", "/account/delete/", (Who.NEWCOMER,)),
    Page("password", "ratings:password", "/account/password/", (Who.MEMBER,)),
    Page("seasons", "recommender:seasons", "/seasons/"),
    Page("season", "recommender:season", "/seasons/{year}/spring/"),
    Page("not-found", "", "/no-such-page/", (Who.GUEST,)),
]

# Addresses that are no pages: they act, answer with a fragment or a file, or lead on.
NOT_PAGES = {
    "catalog:cover", "docs", "schema", "healthz", "readyz", "manifest",
    "ratings:sign-out", "ratings:renew-token", "ratings:delete-token", "ratings:export-json",
    "ratings:export-xml", "ratings:import-anilist", "ratings:import", "ratings:import-choose",
    "ratings:import-start", "ratings:import-progress", "ratings:import-undo", "ratings:import-delete",
    "ratings:feed", "ratings:renew-feed", "ratings:follow", "ratings:unfollow", "ratings:rate",
    "ratings:status", "ratings:forget", "recommender:quiz-genres", "recommender:not-seen",
    "recommender:undo-not-seen", "recommender:taste-correct", "recommender:season-calendar",
    "recommender:dismiss", "recommender:undo-dismiss",
}  # fmt: skip
