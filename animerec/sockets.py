"""Runs the process that holds sockets: `python -m animerec.sockets`. BIND says where, as for gunicorn.

With another application as its argument (`animerec.asgi:together`) it serves that one.
"""

import os
import sys
from typing import Any

import uvicorn

# As of uvicorn.Config.
BOUNDS: dict[str, Any] = {
    # A member's socket says nothing: a frame of more, in bytes, is the end of it.
    "ws_max_size": 1024,
    "ws_max_queue": 4,
    # Who has gone without a word is known after a minute.
    "ws_ping_interval": 30,
    "ws_ping_timeout": 30,
    # Lists are small, and each socket would keep a window of its own for packing them.
    "ws_per_message_deflate": False,
    # Addresses are believed where BEHIND_PROXY says so, and nowhere before.
    "proxy_headers": False,
    "server_header": False,
    "access_log": False,
    "lifespan": "off",
    # As the rest of the site logs.
    "log_config": None,
    "timeout_graceful_shutdown": 20,
}


def run(application: str) -> None:
    host, _, port = os.environ.get("BIND", "127.0.0.1:8001").rpartition(":")
    uvicorn.run(application, host=host, port=int(port), **BOUNDS)


if __name__ == "__main__":
    run(sys.argv[1] if len(sys.argv) > 1 else "animerec.asgi:application")
