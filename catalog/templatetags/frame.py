"""What the frame of a page says of it to those who link to it."""

from django import template
from django.conf import settings
from django.template.context import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag(takes_context=True)
def text_of(context: Context, block: str) -> SafeString:
    """What stands in a block of this page, once more: a template may not name a block twice."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    found = blocks.get_block(block) if blocks else None
    # Rendered by the template, which has escaped what came from elsewhere.
    return mark_safe(found.nodelist.render(context).strip() if found else "")  # noqa: S308


@register.simple_tag
def whole_address(path: str) -> str:
    """With the site before it, as others have to write it."""
    return f"{settings.SITE_URL}{path}"


@register.simple_tag
def whole_static(name: str) -> str:
    return f"{settings.SITE_URL}{static(name)}"
