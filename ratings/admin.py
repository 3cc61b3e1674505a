"""Members, their lists, and how many rated a title."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog import announcing
from catalog.admin import AnimeAdmin, RunAdmin
from catalog.admin.base import BoundedPaginator, ModelAdmin, ReadOnly, number_of
from catalog.models import Anime
from ratings.models import Feedback, ListImport, Origin, User, UserAnimeRating

admin.site.unregister(Anime)

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")
ENTRIES = "admin:ratings_useranimerating_changelist"


@admin.register(Anime)
class RatedAnimeAdmin(AnimeAdmin):
    """The catalogue's own admin, which knows of no ratings, with their number beside each title."""

    list_display = (*AnimeAdmin.list_display, "ratings")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Anime]:
        counted = number_of(UserAnimeRating.objects.all(), "anime")
        return super().get_queryset(request).annotate(rating_count=counted)

    @admin.display(ordering="rating_count")
    def ratings(self, anime: Any) -> SafeString:
        address = reverse(ENTRIES, query={"anime": anime.pk})
        return format_html('<a href="{}">{}</a>', address, anime.rating_count)


@admin.register(User)
class MemberAdmin(UserAdmin):  # type: ignore[type-arg]  # takes an argument for the type checker only
    list_display = (
        "username",
        "origin",
        "external_id",
        "entries",
        "is_public",
        "is_staff",
        "date_joined",
    )
    list_filter = ("origin", "is_public", "is_staff", "is_active")
    search_help_text = "By name, e-mail address, or the number that a dataset gave."
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator
    readonly_fields = ("origin", "external_id", "entries", "sign_in", "last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "email", "sign_in", "is_public")}),
        ("List", {"fields": ("entries", "origin", "external_id")}),
        (
            "What they may do",
            {"fields": ("is_active", *RIGHTS)},
        ),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        members = User.objects.with_list_sizes().order_by("username")
        # Guests are in the list of members only where they are asked for.
        route = request.resolver_match and request.resolver_match.url_name
        asked = request.GET.get("origin__exact") == Origin.GUEST
        is_list = route == "ratings_user_changelist" and not asked
        return members.exclude(origin=Origin.GUEST) if is_list else members

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        found, doubled = super().get_search_results(request, queryset, search_term)
        if search_term.isdecimal() and len(search_term) < 19:
            found = queryset.filter(Q(pk__in=found.values("pk")) | Q(external_id=int(search_term)))
        return found, doubled

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Only a superuser hands out rights, or staff could take them all."""
        rights = () if request.user.is_superuser else RIGHTS
        return (*self.readonly_fields, *rights)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    @admin.display(description="list entries", ordering="list_size")
    def entries(self, member: Any) -> SafeString:
        address = reverse(ENTRIES, query={"user": member.pk})
        return format_html('<a href="{}">{}</a>', address, member.list_size)

    @admin.display(description="password")
    def sign_in(self, member: User) -> SafeString:
        said = "Set" if member.has_usable_password() else "None: this member cannot sign in"
        address = reverse("admin:auth_user_password_change", args=[member.pk])
        return format_html('{} · <a href="{}">Set a new one</a>', said, address)


def _may_touch(request: HttpRequest, member: User | None) -> bool:
    """Nobody may set a superuser's password and so become one."""
    return bool(request.user.is_superuser or not (member and member.is_superuser))


class ScoreFilter(admin.SimpleListFilter):
    title = "score"
    parameter_name = "score"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("none", "None given"), *((str(score), str(score)) for score in range(10, 0, -1))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[UserAnimeRating]
    ) -> QuerySet[UserAnimeRating]:
        chosen = {"none": None, **{str(score): score for score in range(1, 11)}}
        value = self.value()
        if value is None:
            return queryset
        return queryset.filter(score=chosen[value]) if value in chosen else queryset.none()


@admin.register(UserAnimeRating)
class EntryAdmin(ModelAdmin):
    list_display = ("anime", "user", "status", "score", "watched_episodes", "rated_at")
    list_select_related = ("anime", "user")
    list_filter = ("status", ScoreFilter)
    search_fields = ("^user__username",)
    search_help_text = "By the beginning of a member's name."
    autocomplete_fields = ("user", "anime")
    fields = ("user", "anime", "status", "score", "watched_episodes", "rated_at")
    # The newest first by key: any other order would sort millions of rows for one page.
    ordering = ("-pk",)
    sortable_by = ()
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator

    def get_readonly_fields(
        self, request: HttpRequest, obj: UserAnimeRating | None = None
    ) -> tuple[str, ...]:
        return ("user", "anime") if obj else ()

    def save_model(
        self, request: HttpRequest, obj: UserAnimeRating, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        obj.user.touch_list()

    def delete_model(self, request: HttpRequest, obj: UserAnimeRating) -> None:
        super().delete_model(request, obj)
        obj.user.touch_list()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[UserAnimeRating]) -> None:
        members = list(queryset.order_by().values_list("user_id", flat=True).distinct())
        super().delete_queryset(request, queryset)
        User.objects.filter(pk__in=members).update(list_version=F("list_version") + 1)
        for member in members:
            announcing.list_changed(member)


@admin.register(Feedback)
class FeedbackAdmin(ReadOnly, ModelAdmin):
    list_display = ("anime", "user", "reason", "created_at")
    list_select_related = ("anime", "user")
    list_filter = ("reason",)
    ordering = ("-pk",)
    list_per_page = 50
    show_full_result_count = False


@admin.register(ListImport)
class ListImportAdmin(RunAdmin):
    list_display = ("user", *RunAdmin.list_display)
    list_select_related = ("user",)
    fields = ("user", *RunAdmin.fields)


@admin.register(LogEntry)
class AuditAdmin(ReadOnly, ModelAdmin):
    """Who among the staff did what, the latest first: nobody adds to it, changes it or takes away from it here."""

    list_display = ("action_time", "user", "said", "object_repr", "content_type")
    list_filter = ("action_flag", ("content_type", admin.RelatedOnlyFieldListFilter))
    search_fields = ("object_repr", "user__username")
    date_hierarchy = "action_time"
    list_select_related = ("user", "content_type")
    ordering = ("-action_time", "-pk")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="what")
    def said(self, entry: LogEntry) -> str:
        return entry.get_change_message() or entry.get_action_flag_display()
