"""An organization of 1,010 accounts: a known number of each kind of account, and what the watch should say of a kind.

What it should say is written here by the documents (docs/organization-reference.md, docs/operations.md), not by the code.
"""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environment import REGION, REPOSITORY

MANAGEMENT, ADMINISTRATOR = "123456789012", "999999999999"
UNIT, NESTED, UPDATING, OUTSIDE = (f"ou-a1b2-{it}" for it in ("workload", "payments", "updating", "elsewhere"))
ACCOUNTS = 1_010
NO_KEYS = "The root user has no access keys."
A_KEY = "The root user has access keys. Key 1: active."
# Reasons of AWS for a stack instance that failed.
NO_RECORDER = (
    "ResourceLogicalId:Pack, ResourceType:AWS::Config::ConformancePack, ResourceStatusReason:"
    "NoAvailableConfigurationRecorderException: Configuration Recorder is not available to put config rule."
)
THROTTLED = "ResourceLogicalId:Function, ResourceType:AWS::Lambda::Function, ResourceStatusReason:Rate exceeded (Service: Lambda, Status Code: 429)."
NOT_READABLE = (
    "ResourceLogicalId:Function, ResourceType:AWS::Lambda::Function, ResourceStatusReason:Your access has been denied by S3, "
    "please make sure your request credentials have permission to GetObject for bucket/key.zip. S3 Error Code: AccessDenied."
)
OTHER = "ResourceLogicalId:Role, ResourceType:AWS::IAM::Role, ResourceStatusReason:Cannot exceed quota for RolesPerAccount: 1000."


@dataclass(frozen=True)
class Kind:
    """A kind of account."""

    count: int
    # How `local --describe` describes it, without id and name.
    is_: dict[str, Any]
    # The problems that it has, as `status.json` names their kinds.
    problems: frozenset[str] = frozenset()
    # Whether it needs action: it has a problem and no exemption in force.
    open: bool = False
    # The action of a repair, if one is due.
    repair: str | None = None


def result(compliance: str, annotation: str, hours_ago: int) -> dict[str, Any]:
    return {"compliance": compliance, "annotation": annotation, "hoursAgo": hours_ago}


def stack(status: str, detailed: str, reason: str | None = None) -> dict[str, Any]:
    return {"status": status, "detailedStatus": detailed, "reason": reason}


CURRENT = stack("CURRENT", "SUCCEEDED")
GOOD, BAD = result("COMPLIANT", NO_KEYS, 3), result("NON_COMPLIANT", A_KEY, 5)


# Each kind has its own accounts, and its number, which is part of their IDs.
KINDS: dict[str, Kind] = {
    "in order": Kind(0, {"unit": NESTED, "result": GOOD, "stack": CURRENT}),
    "with a key": Kind(5, {"unit": UNIT, "result": BAD, "stack": CURRENT}, frozenset({"root-access-keys"}), open=True),
    "exempt": Kind(2, {"unit": UNIT, "result": BAD, "stack": CURRENT}, frozenset({"root-access-keys"})),
    "exemption expired": Kind(1, {"unit": UNIT, "result": BAD, "stack": CURRENT}, frozenset({"root-access-keys"}), open=True),
    "stopped reporting": Kind(
        7, {"unit": NESTED, "result": result("COMPLIANT", NO_KEYS, 9 * 24), "stack": CURRENT},
        frozenset({"stopped-reporting"}), open=True,
    ),
    "no result": Kind(4, {"unit": UNIT, "result": None, "stack": CURRENT}, frozenset({"no-result"}), open=True),
    "no stack": Kind(60, {"unit": UNIT, "result": None, "stack": None}, frozenset({"no-stack"}), open=True, repair="Create"),
    "no recorder": Kind(
        6, {"unit": UNIT, "result": None, "stack": stack("OUTDATED", "FAILED", NO_RECORDER)},
        frozenset({"recorder-missing"}), open=True, repair="Update",
    ),
    "throttled": Kind(
        3, {"unit": UNIT, "result": None, "stack": stack("OUTDATED", "FAILED", THROTTLED)},
        frozenset({"stack-failed"}), open=True, repair="Update",
    ),
    "bucket not readable": Kind(
        4, {"unit": NESTED, "result": None, "stack": stack("OUTDATED", "FAILED", NOT_READABLE)},
        frozenset({"stack-failed"}), open=True, repair="Update",
    ),
    "failed for another reason": Kind(
        2, {"unit": UNIT, "result": None, "stack": stack("OUTDATED", "FAILED", OTHER)},
        frozenset({"stack-failed"}), open=True,
    ),
    "cancelled": Kind(
        1, {"unit": UNIT, "result": None, "stack": stack("OUTDATED", "CANCELLED", "Cancelled since failure tolerance has exceeded")},
        frozenset({"stack-failed"}), open=True,
    ),
    "inoperable": Kind(
        1, {"unit": UNIT, "result": None, "stack": stack("INOPERABLE", "INOPERABLE", "Stack is in ROLLBACK_FAILED")},
        frozenset({"stack-inoperable"}), open=True,
    ),
    "not updated": Kind(3, {"unit": UPDATING, "result": GOOD, "stack": stack("OUTDATED", "SUCCEEDED")}, frozenset({"stack-failed"}), open=True),
    "no stack where an update goes on": Kind(
        2, {"unit": UPDATING, "result": None, "stack": None}, frozenset({"no-stack"}), open=True,
    ),
    "suspended": Kind(2, {"unit": UNIT, "suspended": True, "result": None, "stack": None}),
    "outside": Kind(
        3, {"unit": OUTSIDE, "result": None, "stack": None}, frozenset({"outside-organizational-units"}), open=True,
    ),
}
# The rest is in order: all but these, the management account and the administrator.
IN_ORDER = ACCOUNTS - 2 - sum(kind.count for kind in KINDS.values())


def members() -> dict[str, str]:
    """The kind of each member."""
    counts = {name: kind.count for name, kind in KINDS.items()} | {"in order": IN_ORDER}
    return {ADMINISTRATOR: "in order"} | {
        f"{1 + number:04}{place:08}": name
        for number, (name, count) in enumerate(counts.items())
        for place in range(count)
    }


def description(kinds: dict[str, str], denied: tuple[str, ...] = ()) -> dict[str, Any]:
    """The organization as `local --describe` takes it, with the kind of each member."""
    return {
        "managementAccount": MANAGEMENT,
        "administrator": ADMINISTRATOR,
        "units": [UNIT, UPDATING],
        "nestedUnits": {NESTED: UNIT},
        "managementResult": GOOD,
        "denied": denied,
        "members": [
            {"id": account, "name": f"{name.replace(' ', '-')}-{account[-3:]}", **KINDS[name].is_}
            for account, name in kinds.items()
        ],
    }


class Emulator:
    """`local --describe`, and the environment of its clients."""

    def __init__(self, folder: Path, description: dict[str, Any]):
        file = folder / "organization.json"
        file.write_text(json.dumps(description))
        binaries = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")) / "debug"
        self._requests = folder / "requests.jsonl"
        self._process = subprocess.Popen(
            [binaries / "local", "--describe", file, "--port", "0", "--requests", self._requests],
            stdout=subprocess.PIPE, text=True,
        )
        self.endpoints: dict[str, str] = json.loads(self._process.stdout.readline())

    def environment(self, account: str) -> dict[str, str]:
        return self.endpoints | {
            "AWS_ACCESS_KEY_ID": f"ASIA{account:0>16}",
            "AWS_SECRET_ACCESS_KEY": f"local-aws/secret/of/{account}".ljust(40, "/"),
            "AWS_SESSION_TOKEN": f"local-aws-session-token-of-{account}",
        }

    def connection(self, account: str) -> dict[str, str]:
        """The arguments of a boto3 client of CloudFormation for an account."""
        known = self.environment(account)
        return {
            "endpoint_url": known["AWS_ENDPOINT_URL_CLOUDFORMATION"],
            "region_name": REGION,
            "aws_access_key_id": known["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": known["AWS_SECRET_ACCESS_KEY"],
            "aws_session_token": known["AWS_SESSION_TOKEN"],
        }

    def stop(self) -> list[dict[str, Any]]:
        """Ends it. Returns the requests that were sent to it."""
        self._process.terminate()
        assert self._process.wait(timeout=60) == 0
        return [json.loads(line) for line in self._requests.read_text().splitlines()]
