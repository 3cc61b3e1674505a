import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from argparse import ArgumentTypeError
from pathlib import Path
from types import FrameType
from typing import IO, Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

READY_WITHIN = 60.0


def port_number(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise ArgumentTypeError(f"{text!r} is not a port (1 to 65535)")
    return int(text)


class Command(BaseCommand):
    help = (
        "Prepare the database and the demonstration, then run the site and its worker until Ctrl-C."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=port_number, default=8000)
        parser.add_argument("--no-demo", action="store_true", help="do not load the demonstration")

    def handle(self, *args: Any, **options: Any) -> None:
        address = f"http://127.0.0.1:{options['port']}"
        self._refuse_a_taken_port(options["port"])
        processes: list[subprocess.Popen[bytes]] = []
        signal.signal(signal.SIGTERM, end)
        try:
            self._migrate()
            # The server takes as long to start as the demonstration to be looked at: side by side.
            processes.append(start_server(options["port"]))
            if not options["no_demo"]:
                call_command("load_demo", stdout=self.stdout)
            connection.close()
            self._wait_until_it_answers(address, processes[0])
            processes.append(start_worker())
            self._greet(address, demo=not options["no_demo"])
            self._stay(processes)
        except DatabaseError as problem:
            raise CommandError(f"the database cannot be used: {problem}", returncode=2) from None
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
        finally:
            stop(processes)

    def _refuse_a_taken_port(self, port: int) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise CommandError(
                    f"port {port} is taken; choose another: make run PORT=8001", returncode=2
                ) from None

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Preparing the database ...")
            self.stdout.flush()
            call_command("migrate", verbosity=0, interactive=False)

    def _wait_until_it_answers(self, address: str, server: "subprocess.Popen[bytes]") -> None:
        give_up = time.monotonic() + READY_WITHIN
        while time.monotonic() < give_up and server.poll() is None:
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=2)  # noqa: S310  # our own address
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise CommandError("the server did not start; its messages are above", returncode=1)

    def _greet(self, address: str, *, demo: bool) -> None:
        self.stdout.write(f"\n  animerec is at {address}")
        if demo:
            self.stdout.write("  Sign in as demo, password demo (a simulated list), or sign up.")
        self.stdout.write(f"  The worker writes to {worker_log()}. Ctrl-C stops both.\n")
        self.stdout.flush()

    def _stay(self, processes: "list[subprocess.Popen[bytes]]") -> None:
        while all(process.poll() is None for process in processes):
            time.sleep(0.5)
        raise CommandError(
            f"a part of the site stopped by itself; see above, and {worker_log()}", returncode=1
        )


def start_server(port: int) -> "subprocess.Popen[bytes]":
    """Pages and sockets in one process."""
    command = ["animerec.sockets", "animerec.asgi:together"]
    return _run(command, None, BIND=f"127.0.0.1:{port}")


def start_worker() -> "subprocess.Popen[bytes]":
    """The worker with its clock; what it says goes into its log."""
    command = [
        "celery",
        "--app",
        "animerec",
        "worker",
        "--beat",
        # A training and a crawl may take hours: a member's import must not wait behind both.
        "--concurrency",
        "3",
        "--loglevel",
        "INFO",
    ]
    with worker_log().open("ab") as log:
        return _run([*command, "--without-gossip", "--without-mingle"], log)


def worker_log() -> Path:
    return settings.DATA_DIR / "worker.log"


def _run(command: list[str], log: IO[bytes] | None, **env: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603  # our own commands
        [sys.executable, "-m", *command],
        cwd=settings.BASE_DIR,
        stdout=log,
        stderr=log,
        env={**os.environ, **env},
    )


def end(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def stop(processes: "list[subprocess.Popen[bytes]]") -> None:
    """Ask, wait a moment, insist."""
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
