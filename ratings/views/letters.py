"""What links in letters lead to: an address confirmed, a password chosen anew."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import PasswordResetConfirmView, PasswordResetView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ratings import addresses, doors
from ratings.account_forms import NewPasswordForm, ResetForm
from ratings.gate import has_account
from ratings.views.accounts import NO_MAIL


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_email(request: HttpRequest, token: str) -> HttpResponse:
    """A button, as programs that look at letters open every link in them."""
    member = addresses.member_of(token)
    if member is None:
        return render(request, "ratings/confirm_email.html", {"member": None}, status=404)
    if request.method != "POST":
        return render(request, "ratings/confirm_email.html", {"member": member})
    addresses.confirm(member)
    messages.success(request, f"{member.email} is confirmed.")
    return redirect("ratings:account" if has_account(request.user) else "ratings:sign-in")


class AskForReset(PasswordResetView):
    """The answer and the work for it are the same whether anybody has the address."""

    template_name = "ratings/reset.html"
    form_class = ResetForm
    success_url = reverse_lazy("ratings:reset-sent")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not doors.is_shut(request, "ask-for-reset", most=settings.RESETS_PER_HOUR):
            return super().post(request, *args, **kwargs)
        form = self.get_form()
        doors.refuse(form, "letters asked for")
        return doors.answered(form, self.render_to_response(self.get_context_data(form=form)))

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except addresses.NoMail:
            form.add_error("email", NO_MAIL)
            return self.render_to_response(self.get_context_data(form=form), status=503)


class ResetPassword(PasswordResetConfirmView):
    template_name = "ratings/reset_password.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("ratings:sign-in")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, "Your new password is set. Sign in with it.")
        return super().form_valid(form)
