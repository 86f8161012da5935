"""What each notification says, in the account 123456789012, of the events of the tests."""

from environment import ACCOUNT, REGION
from events import changed, event_of

DOCS = "https://github.com/root-access-key-rule/root-access-key-rule/blob/main/docs"

# By the name of an event: the subject, the lines and the next steps.
TEXTS = {
    "root-creates-own-key": (
        f"Root user created an access key: {ACCOUNT}",
        f"""The root user of account {ACCOUNT} created an access key.
AWS Config evaluates the account again within minutes.

When: 2026-01-02T03:04:05Z. From: 198.51.100.7. Reported by: aws.iam.
CloudTrail event: 5f2d6b5e-7d0a-4a55-8c57-000000000002 in us-east-1.""",
        ["Delete the key unless its owner needs it.", f"Steps: {DOCS}/operations.md#root-key-created"],
    ),
    "drill-of-an-operator": (
        f"Root user created an access key: {ACCOUNT}",
        f"""The root user of account {ACCOUNT} created an access key.
AWS Config evaluates the account again within minutes.

When: 2026-01-02T03:04:05Z. From: 198.51.100.7. Reported by: root-access-key-rule.drill.
CloudTrail event: 5f2d6b5e-7d0a-4a55-8c57-000000000002 in us-east-1.""",
        ["Delete the key unless its owner needs it.", f"Steps: {DOCS}/operations.md#root-key-created"],
    ),
    "account-of-a-pack-became-non-compliant": (
        f"NON_COMPLIANT: account {ACCOUNT}",
        f"""Account {ACCOUNT} is NON_COMPLIANT.

The root user has access keys.
Since: 2026-01-02T03:10:00.123Z. Rule: root-access-key-rule-conformance-pack-a1b2c3d4e in us-east-1.""",
        ["Delete the key.", f"Steps: {DOCS}/remediation.md"],
    ),
    "account-became-compliant": (
        f"COMPLIANT again: account {ACCOUNT}",
        f"""Account {ACCOUNT} is COMPLIANT again.

The root user has no access keys.
Since: 2026-01-02T03:10:00.123Z. Rule: root-access-key-rule in us-east-1.""",
        ["Nothing."],
    ),
    "evidence-unavailable": (
        f"Evaluation not completed: account {ACCOUNT}",
        f"""An evaluation of account {ACCOUNT} in us-east-1 did not complete.
AWS Config may still show an earlier result.

Why: EvidenceUnavailable: could not read the account summary of account {ACCOUNT}: IAM answered AccessDenied
When: 2026-01-02T03:07:05Z. Condition: RetriesExhausted, attempts: 3.""",
        ["Fix the cause, then start an evaluation.", f"Steps: {DOCS}/operations.md#evaluation-failed"],
    ),
    "concurrency-is-zero": (
        f"Evaluation not completed: account {ACCOUNT}",
        f"""An evaluation of account {ACCOUNT} in us-east-1 did not complete.
AWS Config may still show an earlier result.

Why: ZeroReservedConcurrency: Lambda did not run the function.
When: 2026-01-02T03:07:05Z.""",
        ["Fix the cause, then start an evaluation.", f"Steps: {DOCS}/operations.md#evaluation-failed"],
    ),
    "re-evaluation-timed-out": (
        f"Re-evaluation failed: account {ACCOUNT}",
        f"""AWS Config did not evaluate account {ACCOUNT} in us-east-1 again after a root key changed.
It shows the earlier result until the next scheduled evaluation.

Execution: arn:aws:states:us-east-1:{ACCOUNT}:execution:root-access-key-rule:0d0f6b5e (TIMED_OUT).""",
        ["Start an evaluation.", f"Steps: {DOCS}/operations.md#re-evaluation-failed"],
    ),
    "finding-not-imported": (
        f"Finding not imported: account {ACCOUNT}",
        f"""Security Hub of account {ACCOUNT} in us-east-1 did not get its finding about root keys.
It shows the earlier finding, if any, until the next weekly import.

Execution: arn:aws:states:us-east-1:{ACCOUNT}:execution:root-access-key-rule-security-hub:0d0f6b5e (FAILED).""",
        ["Fix the cause, then start an import.", f"Steps: {DOCS}/operations.md#finding-not-imported"],
    ),
}


def happened(name: str) -> dict:
    """The event of a notification."""
    if name != "finding-not-imported":
        return event_of(name)
    machine = "root-access-key-rule-security-hub"
    execution, state_machine = (f"arn:aws:states:{REGION}:{ACCOUNT}:{it}:{machine}" for it in ("execution", "stateMachine"))
    paths = {"detail.executionArn": f"{execution}:0d0f6b5e", "detail.stateMachineArn": state_machine}
    return changed(event_of("re-evaluation-failed"), paths)
