"""What a member does not want to hear of, and what is not to count; each with a way back."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from catalog.models import Anime
from ratings.gate import MemberRequest, guests_welcome, next_page
from ratings.models import FeedbackReason
from recommender import muting, serving
from recommender.cards import with_titles
from recommender.muting import LeftOut

# "Just not" is what a title without a reason is hidden for.
REASONS = [(value, label) for value, label in FeedbackReason.choices if value]
GREATEST_ID = 2**31 - 1


class CauseForm(forms.Form):
    """One cause of a recommendation: a title of the member's list, or a feature by its name."""

    title = forms.IntegerField(min_value=1, max_value=GREATEST_ID, required=False)
    feature = forms.CharField(max_length=150, required=False, strip=False)


@require_safe
@never_cache
@guests_welcome
def hidden(request: MemberRequest) -> HttpResponse:
    """What the member is not interested in, and what does not count."""
    said = request.user.feedback.filter(anime__in=Anime.objects.visible().values("pk"))
    rows = said.select_related("anime").defer("anime__synopsis", "anime__search_text")
    context = {"rows": rows.order_by("-pk"), "not_counting": LeftOut.of(request.user)}
    return render(request, "recommender/hidden.html", context)


@require_POST
@guests_welcome
def dismiss(request: MemberRequest, mal_id: int) -> HttpResponse:
    anime, reason = _title(mal_id), request.POST.get("reason")
    if reason is not None and reason not in FeedbackReason.values:
        raise Http404
    request.user.dismiss(anime, reason)
    if request.htmx:
        said = dict(REASONS).get(reason or "")
        context = {"anime": anime, "reasons": REASONS, "reason": reason, "said": said}
        return render(request, "recommender/_hidden.html", context)
    said = f"Hidden: {anime.display_title}. You can bring it back under Hidden titles."
    messages.success(request, said)
    return redirect(next_page(request, reverse("recommender:for-you")))


@require_POST
@guests_welcome
def undo_dismiss(request: MemberRequest, mal_id: int) -> HttpResponse:
    anime = _title(mal_id)
    request.user.undo_dismiss(anime)
    if request.htmx:
        again = serving.recommend(request.user, top_n=1, among=[mal_id])
        card = with_titles(again)[0] if again else {"anime": anime}
        return render(request, "recommender/_card.html", {"card": card})
    messages.success(request, f"{anime.display_title} may be recommended again.")
    return redirect(next_page(request, reverse("recommender:for-you")))


@require_POST
@guests_welcome
def leave_out(request: MemberRequest) -> HttpResponse:
    return _let_count(request, counts=False)


@require_POST
@guests_welcome
def count_again(request: MemberRequest) -> HttpResponse:
    return _let_count(request, counts=True)


def _let_count(request: MemberRequest, *, counts: bool) -> HttpResponse:
    """The page under `next` answers itself, with htmx too: there the order is another now."""
    form = CauseForm(request.POST)
    if not form.is_valid() or bool(form.cleaned_data["title"]) == bool(
        form.cleaned_data["feature"]
    ):
        raise Http404
    if pk := form.cleaned_data["title"]:
        said = _let_title_count(request, pk, counts=counts)
    else:
        said = _let_feature_count(request, form.cleaned_data["feature"], counts=counts)
    messages.success(request, said)
    return redirect(next_page(request, reverse("recommender:for-you")))


def _let_title_count(request: MemberRequest, pk: int, *, counts: bool) -> str:
    anime = get_object_or_404(
        Anime.objects.visible().filter(list_entries__user=request.user), pk=pk
    )
    if counts:
        request.user.count_again(anime)
        return f"{anime.display_title} counts again."
    request.user.leave_out(anime)
    return f"{anime.display_title} does not count now. It stays on your list, and seen."


def _let_feature_count(request: MemberRequest, name: str, *, counts: bool) -> str:
    change = muting.count_again if counts else muting.leave_out
    try:
        return change(request.user, name)
    except muting.UnknownFeature:
        raise Http404 from None


def _title(mal_id: int) -> Anime:
    return get_object_or_404(Anime.objects.visible().lean(), pk=mal_id)
