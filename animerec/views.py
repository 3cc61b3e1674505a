"""Pages that belong to no app: home, errors, health."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("animerec")


def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})
