"""Starts ministack, an emulator of AWS that is not moto, as a process of its own and without a change to its code.

https://github.com/ministackorg/ministack
"""

import os
import socket
import subprocess
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import boto3
import requests

from environment import REPOSITORY

PROGRAM = REPOSITORY / ".tools/second-emulator/bin/ministack"

SETTINGS = {
    "BIND_HOST": "127.0.0.1",
    # Neither Wait states nor the intervals of retries take time.
    "SFN_WAIT_SCALE": "0",
    "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.02",
    # Servers for other protocols, which would take fixed ports.
    "SFTP_ENABLED": "0",
    "IOT_MTLS_ENABLED": "0",
}


class Emulator:
    """A running ministack. Leaving the context ends it."""

    def __init__(self, log: Path):
        self._log = log

    def __enter__(self) -> "Emulator":
        port = free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        # Without AWS_ENDPOINT_URL in its environment, it leaves the endpoints of functions alone.
        environment = {"PATH": os.environ["PATH"], "HOME": str(self._log.parent), "GATEWAY_PORT": str(port), **SETTINGS}
        with self._log.open("w") as log:
            self._process = subprocess.Popen([PROGRAM], env=environment, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 60
        while not self._is_ready():
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline, f"not ready:\n{self._log.read_text()}"
            time.sleep(0.05)
        return self

    def __exit__(self, *_: Any) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)

    def _is_ready(self) -> bool:
        try:
            return requests.get(f"{self.endpoint}/_ministack/ready", timeout=5).ok
        except requests.ConnectionError:
            return False

    def reset(self) -> None:
        """Empties every account."""
        requests.post(f"{self.endpoint}/_ministack/reset", timeout=60).raise_for_status()

    def client(self, service: str, account: str, region: str) -> Any:
        return _client(self.endpoint, service, account, region)


@lru_cache(maxsize=None)
def _client(endpoint: str, service: str, account: str, region: str) -> Any:
    # An access key ID of twelve digits is the account's.
    return boto3.client(
        service, endpoint_url=endpoint, region_name=region, aws_access_key_id=account, aws_secret_access_key="none"
    )


def free_port() -> int:
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]
