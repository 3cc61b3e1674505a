"""The atlas: the map, its table, its files, and its picture."""

import gzip
from hashlib import md5

from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from catalog import viewing
from catalog.covers import VERSION
from catalog.models import Anime
from catalog.viewing import TitleLanguage, for_everybody
from ratings.gate import MemberRequest, known_only
from ratings.models import User, WatchStatus
from recommender.atlas import files
from recommender.atlas.legends import MINE, Wishes, legends
from recommender.atlas.picture import STYLE_HASH, picture
from recommender.atlas.shades import BANDS
from recommender.atlas.sheet import SUFFIX, Served, served, sheet_of
from recommender.atlas.table import Table
from recommender.serving.models import active_models, scorer

A_YEAR = 365 * 24 * 3600
AN_HOUR = 3600
# So many titles stand beside the map.
LISTED = 30
LARGEST_ID = 2**31 - 1


@require_safe
@never_cache
def show(request: HttpRequest) -> HttpResponse:
    map_ = served(adult=viewing.shows_adult())
    if map_ is None:
        return render(request, "recommender/no_atlas.html")
    member = _member(request)
    found = legends(map_.clusters, member=member is not None)
    title, note = _asked_title(request, map_)
    context = {
        "map": map_,
        "legends": found,
        "wishes": Wishes.of(request.GET, found),
        "mine": MINE if member else {},
        "title": title,
        "title_note": note,
        "listed": _most_watched(map_),
        "language": viewing.current().language,
        "statuses": WatchStatus.labels,
        "bands": BANDS[1:],
        "cover_version": VERSION,
        "titles": len(map_.atlas.vocabulary),
    }
    return render(request, "recommender/atlas.html", context)


@require_safe
@never_cache
def table(request: HttpRequest) -> HttpResponse:
    models = active_models()
    map_ = served(adult=viewing.shows_adult(), models=models)
    if map_ is None:
        return render(request, "recommender/no_atlas.html")
    member = _member(request)
    found = legends(map_.clusters, member=member is not None)
    shown = Table(
        map_, found, Wishes.of(request.GET, found), member, scorer(models),
        sort=request.GET.get("sort", ""), page_asked=request.GET.get("page", ""),
    )  # fmt: skip
    context = {
        "table": shown,
        "legends": found,
        "wishes": shown.wishes,
        "mine": MINE if member else {},
    }
    return render(request, "recommender/atlas_table.html", context)


@require_safe
@for_everybody
def points(request: HttpRequest, version: str) -> HttpResponse:
    map_ = _of_version(request, version)
    return _file(request, files.points(map_), "application/octet-stream", map_)


@require_safe
@for_everybody
def names(request: HttpRequest, version: str, language: str) -> HttpResponse:
    if language not in TitleLanguage.values:
        raise Http404
    map_ = _of_version(request, version)
    return _file(request, files.names(map_, language), "application/json", map_)


@require_safe
@never_cache
@known_only
def mine(request: MemberRequest) -> HttpResponse:
    models = active_models()
    map_ = served(adult=viewing.shows_adult(), models=models)
    if map_ is None:
        raise Http404
    return JsonResponse(files.mine(sheet_of(map_), request.user, scorer(models)))


@require_safe
@for_everybody
@cache_control(public=True, max_age=AN_HOUR)
@csp_update({"style-src": [STYLE_HASH]})
def atlas_picture(request: HttpRequest) -> HttpResponse:
    """For everybody, so without titles for adults unless everybody sees them."""
    svg = picture(served(adult=settings.SHOW_ADULT))
    tag = quote_etag(md5(svg.encode(), usedforsecurity=False).hexdigest())
    fresh = HttpResponse(svg, content_type="image/svg+xml", headers={"ETag": tag})
    return get_conditional_response(request, etag=tag, response=fresh) or fresh


def _member(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _asked_title(request: HttpRequest, map_: Served) -> tuple[Anime | None, str]:
    """The title that the address names, or why there is none."""
    text = request.GET.get("title", "").replace("\x00", "").strip()
    if not text:
        return None, ""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
    title = None
    if 0 < number <= LARGEST_ID:
        title = Anime.objects.visible().lean().filter(pk=number).first()
    if title is None:
        return None, f"There is no title “{text[:30]}” here."
    if title.pk not in map_.atlas.vocabulary:
        return None, f"{title.display_title} is newer than the map: it joins at the next training."
    return title, ""


def _most_watched(map_: Served) -> list[Anime]:
    """What stands beside the whole map, also where no script runs."""
    titles = Anime.objects.visible().lean().most_watched_first()[: 2 * LISTED]
    return [title for title in titles if title.pk in map_.atlas.vocabulary][:LISTED]


def _of_version(request: HttpRequest, version: str) -> Served:
    """The map that answers now, where that is the one asked for; an old address has nothing to say."""
    adult = version.endswith(SUFFIX)
    # Nobody is looked up for the file that everybody gets.
    if adult and not viewing.shows_adult():
        raise Http404
    map_ = served(adult=adult or settings.SHOW_ADULT)
    if map_ is None or map_.version != version:
        raise Http404
    return map_


def _file(request: HttpRequest, packed: bytes, kind: str, map_: Served) -> HttpResponse:
    """Kept for good by browsers, by caches between only where everybody may have it."""
    tag = quote_etag(md5(packed, usedforsecurity=False).hexdigest())
    takes_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
    fresh = HttpResponse(packed if takes_gzip else gzip.decompress(packed), content_type=kind)
    if takes_gzip:
        fresh["Content-Encoding"] = "gzip"
    fresh["ETag"] = tag
    patch_vary_headers(fresh, ["Accept-Encoding"])
    whose = "private" if map_.adult and not settings.SHOW_ADULT else "public"
    fresh["Cache-Control"] = f"{whose}, max-age={A_YEAR}, immutable"
    return get_conditional_response(request, etag=tag, response=fresh) or fresh
