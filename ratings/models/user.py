"""A member: someone who signed up, came with a published dataset, or is simulated."""

from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from catalog import announcing
from catalog.viewing import TitleLanguage, Viewer
from ratings.querysets import MemberManager

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catalog.models import Anime
    from ratings.models.rating import UserAnimeRating


class Origin(models.TextChoices):
    SIGNED_UP = "", "Signed up here"
    SIMULATED = "simulated", "Simulated"
    COOPERUNION = "cooperunion", "Anime Recommendations Database"
    MAL2020 = "mal2020", "Anime Recommendation Database 2020"
    MAL2023 = "mal2023", "Anime Dataset 2023"
    # Rates without an account, until they make one.
    GUEST = "guest", "Guest"


class User(AbstractUser):
    origin = models.CharField(max_length=20, choices=Origin, blank=True, default=Origin.SIGNED_UP)
    # The number a dataset gave its member; the dataset's user names are never stored.
    external_id = models.PositiveBigIntegerField(null=True, blank=True)
    is_public = models.BooleanField(
        default=False, help_text="Others may see this member's list and recommendations."
    )
    # Grows with every change of the list, so that whatever was computed from it is known to be old.
    list_version = models.PositiveIntegerField(default=0, editable=False)
    # Signed into the address of the member's calendar; raised, the old address is worth nothing. 0: none was made.
    calendar_generation = models.PositiveIntegerField(default=0, editable=False)

    title_language = models.CharField(
        "titles in", max_length=8, choices=TitleLanguage, default=TitleLanguage.ENGLISH
    )
    # Empty: the site's own.
    time_zone = models.CharField(max_length=40, blank=True, default="")
    wants_adult = models.BooleanField(
        "show titles for adults", default=False, help_text="You must be 18 or older."
    )
    takes_part = models.BooleanField(
        "learn from what I am shown",
        default=True,
        db_default=True,
        help_text="What you pass over comes later, and lists get better for all. Now and then some members are shown "
        "titles chosen in another way, to see which is better.",
    )
    # The number in the cookie of who they were before they had a row: they stay in the experiments they were in.
    visitor = models.PositiveBigIntegerField(null=True, blank=True, editable=False)
    # The address the member has shown to be theirs; empty where `email` is another.
    confirmed_email = models.EmailField(blank=True, default="", editable=False)

    objects: ClassVar[MemberManager] = MemberManager()

    class Meta(AbstractUser.Meta):
        constraints = [
            # Serves: which member is number 17 of that dataset?
            models.UniqueConstraint(
                fields=["origin", "external_id"],
                name="user_external_unique",
                condition=Q(external_id__isnull=False),
            ),
            models.CheckConstraint(
                condition=~Q(origin="") | Q(external_id__isnull=True),
                name="user_external_needs_origin",
            ),
        ]
        indexes = [
            # Serves: who did this visitor become?
            models.Index(
                fields=["visitor"], condition=Q(visitor__isnull=False), name="user_visitor"
            ),
        ]

    @property
    def is_authenticated(self) -> bool:  # type: ignore[override]  # Django's is always true
        """Who has no row is signed in nowhere: a page may be made for them all the same."""
        return bool(self.pk)

    @property
    def is_simulated(self) -> bool:
        return self.origin == Origin.SIMULATED

    @property
    def is_guest(self) -> bool:
        return self.origin == Origin.GUEST

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.title_language, self.wants_adult)

    @property
    def display_name(self) -> str:
        if self.is_guest:
            return "Guest"
        if self.external_id is None:
            return self.username
        if self.is_simulated:
            return f"Simulated member {self.external_id}"
        return f"Member {self.external_id} of {self.get_origin_display()}"

    def touch_list(self) -> None:
        User.objects.filter(pk=self.pk).update(list_version=F("list_version") + 1)
        self.refresh_from_db(fields=["list_version"])
        announcing.list_changed(self.pk)

    @transaction.atomic
    def rate(self, anime: "Anime", *, score: int | None) -> "UserAnimeRating":
        """Give a score, or take it back with None; a title that is new or was planned is then completed."""
        from ratings.models.rating import WatchStatus

        entry = self._entry(anime)
        entry.score = score
        if score is not None and entry.status == WatchStatus.PLANNED:
            entry.status = WatchStatus.COMPLETED
        entry.rated_at = timezone.now()
        entry.save()
        self.touch_list()
        return entry

    @transaction.atomic
    def set_status(self, anime: "Anime", status: str) -> "UserAnimeRating":
        entry = self._entry(anime)
        entry.status = status
        entry.rated_at = timezone.now()
        entry.save()
        self.touch_list()
        return entry

    @transaction.atomic
    def set_watched(self, anime: "Anime", episodes: int) -> "UserAnimeRating":
        """So many episodes are seen. The last one completes it; a first one begins what was planned."""
        entry = self._entry(anime, is_new="planned")
        entry.watch(episodes, of=anime.episodes)
        entry.rated_at = timezone.now()
        entry.save()
        self.touch_list()
        return entry

    @transaction.atomic
    def forget(self, anime: "Anime") -> None:
        """Take a title off the list."""
        self.list_entries.filter(anime=anime).delete()
        self.touch_list()

    def _entry(self, anime: "Anime", *, is_new: str = "completed") -> "UserAnimeRating":
        from ratings.models.rating import UserAnimeRating

        entry: UserAnimeRating
        entry, _ = UserAnimeRating.objects.select_for_update().get_or_create(
            user=self, anime=anime, defaults={"status": is_new}
        )
        return entry

    def leave_out(self, anime: "Anime") -> bool:
        """It stays on the list, and seen, but tells nothing of the member's taste; whether that is new."""
        return self._let_count(anime, counts=False)

    def count_again(self, anime: "Anime") -> bool:
        return self._let_count(anime, counts=True)

    @transaction.atomic
    def _let_count(self, anime: "Anime", *, counts: bool) -> bool:
        changed = self.list_entries.filter(anime=anime).exclude(counts=counts)
        if not changed.update(counts=counts):
            return False
        self.touch_list()
        return True

    @transaction.atomic
    def dismiss(self, anime: "Anime", reason: str | None = None) -> None:
        """Not interested: never recommend this. Without a reason one that was given before stays."""
        said = {} if reason is None else {"reason": reason}
        self.feedback.update_or_create(anime=anime, defaults=said)
        self.touch_list()

    @transaction.atomic
    def undo_dismiss(self, anime: "Anime") -> None:
        self.feedback.filter(anime=anime).delete()
        self.touch_list()

    def follow(self, anime: "Anime") -> None:
        """Tell of its new episodes."""
        self.follows.get_or_create(anime=anime)

    def unfollow(self, anime: "Anime") -> None:
        self.follows.filter(anime=anime).delete()

    def followed_among(self, titles: "Iterable[Anime]") -> set[int]:
        """Which of `titles` the member follows: one query, none where nothing is to come."""
        ids = [title.pk for title in titles if title.is_still_to_come]
        return (
            set(self.follows.filter(anime__in=ids).values_list("anime", flat=True))
            if ids
            else set()
        )
