"""Events that reach EventBridge in an account, and the rules of the app that match each.

Four events are files in the form in which AWS delivers them. Every other event is one of them with the changes named
here. Sources: IAM calls in CloudTrail
(https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html), AWS Config
(https://docs.aws.amazon.com/config/latest/developerguide/monitor-config-with-cloudwatchevents.html), destinations of Lambda
(https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html), and Step Functions
(https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html).
"""

import json
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from environment import ACCOUNT, REGION, REPOSITORY

# The result token in the request that a final failure quotes.
SECRET = "a-result-token-that-nobody-may-see"

# As a value: the field is not in the event.
ABSENT = object()


@dataclass(frozen=True)
class Case:
    """An event by a name that says what happened. `rules` are the EventBridge rules of an account that match it."""

    name: str
    rules: frozenset[str]
    event: dict

    def __str__(self) -> str:
        return self.name


def base(name: str) -> dict:
    return json.loads((REPOSITORY / f"tests/deployment/fixtures/events/{name}.json").read_text())


def changed(event: dict, changes: dict[str, Any]) -> dict:
    """The event with other values at these paths."""
    event = deepcopy(event)
    for path, value in changes.items():
        *parents, name = path.split(".")
        place = event
        for parent in parents:
            place = place[parent]
        if value is ABSENT:
            del place[name]
        else:
            place[name] = value
    return event


def _cases(name: str, events: dict[str, tuple[str, dict]]) -> list[Case]:
    whole = base(name)
    return [Case(it, frozenset(rules.split()), changed(whole, changes)) for it, (rules, changes) in events.items()]


def _call(name: str, **parameters: str) -> dict:
    """A call that returns nothing."""
    return {"detail.eventName": name, "detail.requestParameters": parameters or None, "detail.responseElements": None}


def _by_user(name: str) -> dict:
    identity = {
        "type": "IAMUser", "principalId": "AIDAEXAMPLEEXAMPLE03", "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "accessKeyId": "AKIAEXAMPLEEXAMPLE04", "userName": name, "sessionContext": ABSENT,
    }
    return {f"detail.userIdentity.{field}": it for field, it in identity.items()} | _key_of(name)


def _key_of(user: str) -> dict:
    return {"detail.responseElements.accessKey.userName": user}


def _in_account(account: str) -> dict:
    identity = {"accountId": account, "principalId": account, "arn": f"arn:aws:iam::{account}:root"}
    owner = {"account": account, "detail.recipientAccountId": account}
    return owner | {f"detail.userIdentity.{field}": it for field, it in identity.items()}


KEY = "AKIAEXAMPLEEXAMPLE02"
STARTS = "KeysChanged"
CREATED = "KeysChanged RootKeyCreated"
KEY_EVENTS = _cases("root-creates-own-key", {
    "root-creates-own-key": (CREATED, {}),
    "root-creates-own-key-in-account-with-alias": (CREATED, {"detail.userIdentity.userName": "the-account-alias"}),
    "drill-of-an-operator": (CREATED, {"source": "root-access-key-rule.drill"}),
    "root-deletes-own-key": (STARTS, _call("DeleteAccessKey", accessKeyId=KEY)),
    "privileged-session-deletes-root-key": (
        STARTS, _call("DeleteAccessKey", accessKeyId=KEY) | {"detail.userIdentity.sessionContext.assumedRoot": "true"}
    ),
    "root-deactivates-own-key": (STARTS, _call("UpdateAccessKey", accessKeyId=KEY, status="Inactive")),
    "refused-to-root": ("", {
        "detail.responseElements": None, "detail.errorCode": "AccessDenied",
        "detail.errorMessage": "with an explicit deny in a service control policy",
    }),
    "root-lists-own-keys": ("", _call("ListAccessKeys") | {"detail.readOnly": True}),
    "root-creates-key-for-user": ("", {"detail.requestParameters": {"userName": "alice"}} | _key_of("alice")),
    "root-deletes-key-of-user": ("", _call("DeleteAccessKey", accessKeyId=KEY, userName="alice")),
    "root-of-another-account-creates-own-key": ("", _in_account("210987654321")),
    "user-creates-own-key": ("", _by_user("alice")),
    "user-named-root-creates-own-key": ("", _by_user("root")),
})


def _results(new: str, old: str) -> dict:
    text = {"NON_COMPLIANT": "The root user has access keys."}
    return {
        f"detail.{which}EvaluationResult.{field}": value
        for which, result in (("new", new), ("old", old))
        for field, value in (
            ("complianceType", result), ("annotation", text.get(result, "The root user has no access keys."))
        )
    }


def _of_rule(name: str, **qualifier: str) -> dict:
    fields = {"configRuleName": name, **qualifier}
    places = [f"{it}EvaluationResult.evaluationResultIdentifier.evaluationResultQualifier." for it in ("new", "old")]
    return {f"detail.{place}{field}": it for place in ("", *places) for field, it in fields.items()}


PACK_RULE = "root-access-key-rule-conformance-pack-a1b2c3d4e"
FIRST = {"detail.oldEvaluationResult": ABSENT}
GOOD, BAD = "BecameCompliant", "BecameNonCompliant"
FIXED = _results("COMPLIANT", "NON_COMPLIANT")
COMPLIANCE_EVENTS = _cases("account-became-non-compliant", {
    "account-became-non-compliant": (BAD, {}),
    "account-of-a-pack-became-non-compliant": (BAD, _of_rule(PACK_RULE)),
    "first-result-is-non-compliant": (BAD, FIRST),
    "account-became-compliant": (GOOD, FIXED),
    "account-of-a-pack-became-compliant": (GOOD, FIXED | _of_rule(PACK_RULE)),
    "first-result-is-compliant": ("", FIXED | FIRST),
    "rule-is-deleted": ("", _results("NOT_APPLICABLE", "NON_COMPLIANT")),
    "another-rule-changes": ("", _of_rule("restricted-ssh", resourceType="AWS::EC2::SecurityGroup")),
})


def _of_function(name: str) -> dict:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}:$LATEST"
    return {
        "detail.requestContext.functionArn": arn,
        "resources": [arn, f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default"],
    }


def _never_ran(condition: str) -> dict:
    return {"detail.requestContext.approximateInvokeCount": 0, "detail.requestContext.condition": condition}


FAILURE_EVENTS = _cases("evidence-unavailable", {
    "evidence-unavailable": ("FinalFailure", {}),
    "evaluation-not-delivered": ("FinalFailure", {
        "detail.responsePayload.errorType": "EvaluationNotDelivered",
        "detail.responsePayload.errorMessage": (
            f"could not report the evaluation of account {ACCOUNT} to AWS Config: no response"
        ),
    }),
    "function-of-the-stack-set-failed": ("FinalFailure", _of_function("root-access-key-rule-org")),
    "throttled-for-an-hour": ("NeverRan", _never_ran("EventAgeExceeded") | {"detail.responsePayload": None}),
    "concurrency-is-zero": ("NeverRan", _of_function("root-access-key-rule-org") | _never_ran(
        "ZeroReservedConcurrency"
    ) | {"detail.responseContext": ABSENT, "detail.responsePayload": ABSENT}),
    "function-with-a-longer-name-failed": ("", _of_function("root-access-key-rule-copy")),
    "function-whose-name-ends-alike-failed": ("", _of_function("other-root-access-key-rule")),
})


def _of_machine(name: str) -> dict:
    execution, machine = (f"arn:aws:states:{REGION}:{ACCOUNT}:{it}:{name}" for it in ("execution", "stateMachine"))
    return {
        "resources": [f"{execution}:0d0f6b5e"],
        "detail.executionArn": f"{execution}:0d0f6b5e",
        "detail.stateMachineArn": machine,
    }


EXECUTION_EVENTS = _cases("re-evaluation-failed", {
    "re-evaluation-failed": ("ReEvaluationFailed", {}),
    "re-evaluation-of-the-stack-set-failed": ("ReEvaluationFailed", _of_machine("root-access-key-rule-org")),
    "re-evaluation-timed-out": ("ReEvaluationFailed", {"detail.status": "TIMED_OUT"}),
    "re-evaluation-aborted": ("ReEvaluationFailed", {"detail.status": "ABORTED"}),
    "re-evaluation-succeeded": ("", {"detail.status": "SUCCEEDED"}),
    "another-state-machine-failed": ("", _of_machine("other-root-access-key-rule")),
})

CASES = [*KEY_EVENTS, *COMPLIANCE_EVENTS, *FAILURE_EVENTS, *EXECUTION_EVENTS]


def event_of(name: str) -> dict:
    """A copy of the event with that name."""
    [case] = [it for it in CASES if it.name == name]
    return deepcopy(case.event)
