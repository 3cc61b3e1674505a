"""What members share: one beside another, who is most alike, and what to watch together."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ratings.gate import MemberRequest, members_only
from recommender import sharing_rows
from recommender.alike import most_alike
from recommender.compared import Comparison
from recommender.sharing import MOST_OTHERS, company_of, public_members

PAGE_SIZE = 50
# As an address gives them: a number above this is nobody's.
LARGEST_PK = 2**31 - 1


@require_safe
@never_cache
@members_only
def compare(request: MemberRequest, pk: int) -> HttpResponse:
    """Whoever is private is as unknown here as who does not exist."""
    if pk == request.user.pk:
        return redirect("recommender:taste")
    other = get_object_or_404(public_members(), pk=min(pk, LARGEST_PK))
    comparison = Comparison(request.user, other)
    page = Paginator(comparison.shared, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "other": other,
        "page": page,
        "comparison": comparison,
        **sharing_rows.compared(comparison, list(page)),
        "here": request.get_full_path(),
    }
    return render(request, "recommender/compare.html", context)


@require_safe
@never_cache
@members_only
def members(request: MemberRequest) -> HttpResponse:
    found = most_alike(request.user)
    scored = request.user.list_entries.scored().count() if not found else 1
    return render(request, "recommender/members.html", {"found": found, "scored": scored})


@require_safe
@never_cache
@members_only
def together(request: MemberRequest) -> HttpResponse:
    company = company_of(request.user, request.GET.getlist("with"))
    seen = request.GET.get("seen") == "1"
    context: dict[str, Any] = {
        "company": company,
        "chips": sharing_rows.chips(company, seen_by_some=seen),
        **sharing_rows.joined(company, seen_by_some=seen),
        "seen": seen,
        "most": MOST_OTHERS,
        "is_full": len(company.others) == MOST_OTHERS,
        "here": request.get_full_path(),
    }
    return render(request, "recommender/together.html", context)
