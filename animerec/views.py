"""Pages that belong to no app: home, errors, health."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from animerec.health import state_of_dependencies


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("animerec")


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """This process runs; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """What the site leans on answers; 503 says which does not."""
    found = state_of_dependencies()
    down = "down" in found.values()
    return JsonResponse({"status": "down" if down else "ok", **found}, status=503 if down else 200)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "500.html", status=500)
