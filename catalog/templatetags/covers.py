from urllib.parse import urlsplit

from django import template
from django.conf import settings

from catalog.addresses import address
from catalog.covers import VERSION
from catalog.models import Anime

register = template.Library()


@register.simple_tag
def cover_url(anime: Anime) -> str:
    """The drawn cover; the version lets browsers keep it for long."""
    return f"{address('catalog:cover', anime.pk)}?v={VERSION}"


@register.simple_tag
def remote_image(anime: Anime) -> str:
    """The catalogue's image where the operator allows its host, else nothing."""
    if not anime.image_url:
        return ""
    address = urlsplit(anime.image_url)
    allowed = address.scheme == "https" and address.hostname in settings.IMAGE_HOSTS
    return anime.image_url if allowed else ""
