"""Fixtures of the deployment tests: a strict moto, the CDK CLI, and a built function."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest
import requests
from moto.server import ThreadedMotoServer

from environment import REGION, REPOSITORY
from organization import Organization
from policies.calls import NAMES
from strict_moto import (
    cloudformation, config_rules, email_subscriptions, published_build, published_code, resource_types, stack_sets,
)
from synthesis import synthesize_all


def pytest_addoption(parser):
    parser.addoption(
        "--artifact",
        type=Path,
        default=REPOSITORY / "target/lambda/bootstrap/bootstrap.zip",
        help="the built function that is deployed (default: what `make package` makes)",
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
def moto():
    """The endpoint of a strict moto on loopback, and the environment of its clients."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    port = server.get_host_and_port()[1]
    # By this name: the CDK CLI asks buckets as hosts under it.
    endpoint = f"http://localhost:{port}"
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
    # moto's interpreter of state machines sends its calls to this port.
    os.environ.update(environment, MOTO_PORT=str(port))
    for part in (
        cloudformation, config_rules, email_subscriptions, published_build, published_code, resource_types, stack_sets,
    ):
        part.extend(endpoint)
    yield endpoint, environment
    server.stop()


@pytest.fixture(scope="module")
def aws(moto):
    """Empty accounts for the tests of one file: `endpoint`, the `environment` of its clients, `client(service)`."""
    endpoint, environment = moto
    requests.post(f"{endpoint}/moto-api/reset", timeout=60)
    resource_types.saved_queries.clear()
    return SimpleNamespace(endpoint=endpoint, environment=dict(environment), client=boto3.client)


@pytest.fixture(scope="module")
def state_machines(aws):
    """moto runs state machines for the tests of one file."""
    for execute in (True, False):
        settings = {"stepfunctions": {"execute_state_machine": execute}}
        requests.post(f"{aws.endpoint}/moto-api/config", json=settings, timeout=60)
        if execute:
            yield


@pytest.fixture(scope="module")
def cdk(aws, artifact, tmp_path_factory):
    """Runs the CDK CLI against `aws`. Returns its output; fails when the CLI fails."""
    home, output = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("cdk.out")

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


@pytest.fixture(scope="module")
def organization(aws, cdk) -> Organization:
    """An organization whose delegated administrator is bootstrapped with the deployment policies."""
    arns = [
        aws.client("iam").create_policy(
            PolicyName=policy, PolicyDocument=(REPOSITORY / f"cdk/policies/{policy}.json").read_text()
        )["Policy"]["Arn"]
        for policy in NAMES
    ]
    cdk("bootstrap", "--cloudformation-execution-policies", ",".join(arns))
    return Organization(aws.endpoint)


@pytest.fixture(scope="module")
def settings(organization, artifact, tmp_path_factory):
    """The CDK options for a rollout to organizational units, with further settings. The watch is never run."""

    def options(*units: str, mode: str = "stack-set", **other) -> tuple[str, ...]:
        file = tmp_path_factory.mktemp("settings") / "organization.json"
        file.write_text(json.dumps({
            "mode": mode,
            "organizationId": organization.id,
            "organizationalUnits": units,
            "administrator": "delegated-administrator",
            "managementAccount": "exclude",
            "watchArtifact": str(artifact),
            **other,
        }))
        return ("-c", f"settings={file}")

    return options


@pytest.fixture(scope="session")
def templates(tmp_path_factory):
    """Every template that the app synthesizes: paths by mode and partition."""
    return synthesize_all(tmp_path_factory.mktemp("templates"))
