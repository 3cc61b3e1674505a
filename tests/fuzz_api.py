"""Ask a real server, with a site of its own, what the API's schema allows and what it does not.

    make fuzz EXAMPLES=100

Fails where an answer is a fault of the site, is not in the schema, or lets in what the schema forbids. One check is
left out: that everything the schema allows is taken. Which genres there are, which cursor belongs to which list and
which key was used before, the site alone can know.
"""

import argparse
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.running import ROOT, served

# What the server said, to look up what failed by its request's id.
LOG = ROOT / "var" / "fuzz.log"
MAKE_A_TOKEN = """
from ratings.models import AccessToken, User
member = User.objects.get(username="demo")
token, key = AccessToken.named("fuzz", scope="write")
token.member = member
token.save()
print(key)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100, help="how many for each address")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--phases", default="examples,coverage,fuzzing", help="of schemathesis")
    parser.add_argument("--port", type=int, default=18481)
    parser.add_argument("--schemathesis", default="schemathesis", help="the program")
    asked = parser.parse_args()
    program = shutil.which(asked.schemathesis)
    if program is None:
        parser.error(f"there is no program {asked.schemathesis}")
    with tempfile.TemporaryDirectory() as data, site(Path(data), asked.port) as key:
        return subprocess.call([
            Path(program).absolute(), "run", f"http://127.0.0.1:{asked.port}/api/v1/schema",
            "--header", f"Authorization: Bearer {key}", "--max-examples", str(asked.examples),
            # With more workers Python 3.11 may lose count of its own recursion.
            "--seed", str(asked.seed), "--workers", "1", "--continue-on-failure", "--no-color",
            "--phases", asked.phases,
            "--exclude-checks", "positive_data_acceptance", "--warnings", "off",
        ], cwd=data)  # fmt: skip


@contextmanager
def site(data: Path, port: int) -> Iterator[str]:
    """A server with the demonstration; the key of a token of its member."""
    env = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "DATA_DIR": str(data),
        "SECRET_KEY": secrets.token_urlsafe(40),
        "API_RATE_ANON": "",
        "API_RATE_USER": "",
        "LOG_LEVEL": "ERROR",
    }

    def manage(*words: str) -> str:
        line = [sys.executable, str(ROOT / "manage.py"), *words]
        return subprocess.run(line, env=env, check=True, capture_output=True, text=True).stdout

    manage("migrate", "--verbosity", "0")
    manage("load_demo")
    key = manage("shell", "--verbosity", "0", "--command", MAKE_A_TOKEN).split()[-1]
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("w") as log, served({**env, "WEB_THREADS": "8"}, port, log):
        yield key


if __name__ == "__main__":
    sys.exit(main())
