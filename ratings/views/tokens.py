"""Making and taking back the keys of a member's programs."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from ratings.gate import MemberRequest, members_only
from ratings.token_form import TokenForm
from ratings.views.accounts import NEW_TOKEN, page


@require_POST
@members_only
def make(request: MemberRequest) -> HttpResponse:
    form = TokenForm(request.user, request.POST)
    key = form.make()
    if not key:
        return page(request, token=form, status=400)
    request.session[NEW_TOKEN] = key
    return redirect("ratings:account")


@require_POST
@members_only
def revoke(request: MemberRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(request.user.tokens, pk=pk)
    token.delete()
    messages.success(request, f"“{token.name}” works no more.")
    return redirect("ratings:account")
