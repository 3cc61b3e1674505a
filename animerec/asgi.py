"""The ASGI entry points. `python -m animerec.sockets` runs the first; see docs/deployment.md.

`application` answers /ws/ and, to whoever watches over it, /healthz, /readyz and /metrics. Pages and the
API are gunicorn's, because Django's own requests cost five times as much under ASGI.
`together` answers everything, for a site that has nothing else: requests go to the same WSGI application
as under gunicorn, in as many threads.
"""

from typing import Any

from a2wsgi import WSGIMiddleware
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path, re_path

# First: it sets Django up.
from animerec.wsgi import application as site
from recommender.live.consumer import LiveConsumer

THREADS = 8
WATCHED = frozenset(("/healthz", "/readyz", "/metrics"))


async def nowhere(scope: Any, receive: Any, send: Any) -> None:
    """No socket is held at such an address; no request is answered there."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})
        return
    start = {"type": "http.response.start", "status": 404}
    await send({**start, "headers": [(b"content-type", b"text/plain; charset=utf-8")]})
    await send({"type": "http.response.body", "body": b"This process holds sockets alone.\n"})


async def watched_only(scope: Any, receive: Any, send: Any) -> None:
    await (requests if scope["path"] in WATCHED else nowhere)(scope, receive, send)


requests: Any = WSGIMiddleware(site, workers=THREADS)  # type: ignore[arg-type]  # Django's answers are what WSGI wants
# Applications in place of views, which Django's types do not know.
live: Any = LiveConsumer.as_asgi()
anything_else: Any = nowhere
addresses: Any = [path("ws/recommendations/", live), re_path("", anything_else)]
sockets = URLRouter(addresses)

application = ProtocolTypeRouter({"http": watched_only, "websocket": sockets})
together = ProtocolTypeRouter({"http": requests, "websocket": sockets})
