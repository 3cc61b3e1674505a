"""Everything about me as a file, and the end of my account."""

from collections.abc import Iterable, Iterator

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from ratings import leaving
from ratings.account_forms import LeaveForm
from ratings.gate import MemberRequest, members_only

TYPES = {"json": "application/json", "xml": "application/xml; charset=utf-8"}
# Rows are sent together up to so many characters.
BLOCK = 64 * 1024


@require_safe
@never_cache
@members_only
def export(request: MemberRequest, kind: str) -> HttpResponseBase:
    parts = leaving.FORMATS[kind](request.user)
    name = f"animerec-{request.user.username}-{timezone.localdate()}.{kind}"
    headers = {"Content-Disposition": content_disposition_header(True, name)}
    return StreamingHttpResponse(in_blocks(parts), content_type=TYPES[kind], headers=headers)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def delete(request: MemberRequest) -> HttpResponse:
    member = request.user
    problem = leaving.why_not(member)
    form = LeaveForm(member, request.POST if request.method == "POST" else None)
    if not problem and form.is_valid():
        leaving.erase(member)
        logout(request)
        messages.success(request, "Your account is deleted, and everything that belonged to it.")
        return redirect("home")
    goes = leaving.how_many(member)
    context = {"form": form, "problem": problem, "goes": goes}
    status = 403 if problem and request.method == "POST" else 200
    return render(request, "ratings/delete.html", context, status=status)


def in_blocks(parts: Iterable[str]) -> Iterator[str]:
    held: list[str] = []
    size = 0
    for part in parts:
        held.append(part)
        size += len(part)
        if size >= BLOCK:
            yield "".join(held)
            held, size = [], 0
    yield "".join(held)
