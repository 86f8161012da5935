"""Fixtures of the tests with a second emulator.

They share the events and the synthesis of the deployment tests, and the local AWS emulator of the tests of clients.
"""

import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path += [str(TESTS / "deployment"), str(TESTS / "clients")]

from account import Account  # noqa: E402
from emulator import Emulator  # noqa: E402
from environment import REPOSITORY  # noqa: E402
from sdk_calls import SdkCalls  # noqa: E402
from synthesis import load, synthesize  # noqa: E402


def pytest_addoption(parser):
    parser.addoption(
        "--artifact",
        type=Path,
        default=REPOSITORY / "target/lambda/bootstrap/bootstrap.zip",
        help="the built function that runs (default: what `make package` makes)",
    )
    parser.addoption(
        "--watch-artifact",
        type=Path,
        default=REPOSITORY / "target/lambda/watch/bootstrap.zip",
        help="the built watch that runs (default: what `make package` makes)",
    )


@pytest.fixture(scope="session")
def ministack(tmp_path_factory):
    with Emulator(tmp_path_factory.mktemp("ministack") / "log") as emulator:
        yield emulator


@pytest.fixture(scope="session")
def sdk():
    """Answers the SDK calls of state machines that ministack cannot make."""
    with SdkCalls() as calls:
        yield calls


@pytest.fixture(scope="module")
def account(ministack, sdk) -> Account:
    """An empty account for the tests of one file."""
    ministack.reset()
    return Account(ministack, sdk)


@pytest.fixture(scope="session")
def templates(tmp_path_factory) -> dict[str, dict]:
    """The templates of an organization's rollout with everything switched on, by stack."""
    folder = tmp_path_factory.mktemp("cdk.out")
    synthesize(
        folder, mode="stack-set", organizationId="o-a1b2c3d4e5", organizationalUnits="r-a1b2",
        administrator="management-account", managementAccount="deploy", alertEmail="security@example.com",
        securityHub="true", dashboard="true",
    )
    return {it.name.removesuffix(".template.json"): load(it) for it in folder.rglob("*.template.json")}
