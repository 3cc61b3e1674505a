"""The site as something to be put on a phone's first screen."""

from django.http import HttpRequest, HttpResponseRedirect, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from catalog.viewing import for_everybody

A_DAY = 24 * 3600
# `bg` of the dark scheme: a manifest knows one colour only.
NIGHT = "#0f1117"


@require_safe
@for_everybody
@cache_control(public=True, max_age=A_DAY)
def manifest(request: HttpRequest) -> JsonResponse:
    content = {
        "name": "animerec",
        "short_name": "animerec",
        "description": "What to watch next, and why.",
        "id": "/",
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "theme_color": NIGHT,
        "background_color": NIGHT,
        "icons": [_icon("192"), _icon("512"), _icon("512", purpose="maskable")],
        "shortcuts": [
            {"name": "For you", "url": reverse("recommender:for-you")},
            {"name": "My list", "url": reverse("ratings:my-list")},
        ],
    }
    return JsonResponse(content, content_type="application/manifest+json")


@require_safe
@for_everybody
@cache_control(public=True, max_age=A_DAY)
def favicon(request: HttpRequest) -> HttpResponseRedirect:
    """For pages that name no icon, as those of curators and feeds do: browsers ask here."""
    return HttpResponseRedirect(static("favicon.svg"))


def _icon(size: str, purpose: str = "any") -> dict[str, str]:
    file = f"img/icon-{size}.png" if purpose == "any" else f"img/icon-{purpose}-{size}.png"
    return {
        "src": static(file),
        "sizes": f"{size}x{size}",
        "type": "image/png",
        "purpose": purpose,
    }
