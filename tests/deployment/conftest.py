"""Fixtures of the deployment tests: a strict moto, the CDK CLI, and a built function."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest
from moto.server import ThreadedMotoServer

from environment import REGION, REPOSITORY
from strict_moto import (
    change_sets, cloudformation, config_rules, email_subscriptions, published_build, stack_sets,
)
from synthesis import synthesize_all


def pytest_addoption(parser):
    parser.addoption(
        "--artifact",
        type=Path,
        default=REPOSITORY / "target/lambda/bootstrap/bootstrap.zip",
        help="the built function that is deployed (default: what `make package` makes)",
    )
    parser.addoption(
        "--accounts", type=int, default=1000, help="how many accounts the fleet has (default: 1000, at least 100)"
    )


@pytest.fixture(scope="session")
def artifact(request) -> Path:
    path = request.config.getoption("--artifact").resolve()
    assert path.is_file(), f"there is no built function at {path}: build it with `make package`"
    return path


@pytest.fixture(scope="session")
def local_aws() -> Path:
    """The local AWS emulator, which runs a function."""
    path = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")) / "debug/local"
    assert path.is_file(), f"there is no {path}: build it with `cargo build --workspace --all-targets`"
    return path


@pytest.fixture(scope="session")
def aws():
    """An account of its own on loopback: `endpoint`, the `environment` for its clients, `client(service)`."""
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    # By this name: the CDK CLI asks buckets as hosts under it.
    endpoint = f"http://localhost:{server.get_host_and_port()[1]}"
    environment = {
        # With the AWS CLI of this environment.
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    os.environ.update(environment)
    for part in (cloudformation, change_sets, config_rules, email_subscriptions, published_build, stack_sets):
        part.extend(endpoint)
    yield SimpleNamespace(endpoint=endpoint, environment=environment, client=boto3.client)
    server.stop()


@pytest.fixture(scope="session")
def cdk(aws, artifact, tmp_path_factory):
    """Runs the CDK CLI of the app, as the Makefile does, against `aws`; answers its output, fails when it fails."""
    home = tmp_path_factory.mktemp("home")
    output = tmp_path_factory.mktemp("cdk.out")

    def run(*arguments: str, built: Path = artifact) -> str:
        command = [
            "node_modules/.bin/cdk", *arguments,
            "--output", str(output), "--ci", "--no-color", "-c", f"artifact={built}",
        ]
        environment = {**aws.environment, "HOME": str(home), "CDK_DISABLE_CLI_TELEMETRY": "true"}
        done = subprocess.run(
            command, cwd=REPOSITORY / "cdk", env=environment, text=True, timeout=300, capture_output=True, check=False
        )
        assert done.returncode == 0, f"{' '.join(arguments)}:\n{done.stdout}{done.stderr}"
        return done.stdout

    return run


@pytest.fixture(scope="session")
def templates(tmp_path_factory):
    """Every template that the app synthesizes: paths by mode and partition."""
    return synthesize_all(tmp_path_factory.mktemp("templates"))
