"""The deployment policies allow what CloudFormation's handlers call for the resource types of our templates.

`CALLS` of the two modules says on which resource each call is made; test_account_deployment.py and test_organization_deployment.py hold the
policies against it in both directions, and moto's CloudFormation refuses a step that they do not allow. Here `CALLS`
is held against AWS's own list.
"""

import json
from typing import Any, Iterator

import pytest

from policies import account_calls
from policies import organization_calls
from environment import REPOSITORY
from policies.evaluation import ORGANIZATION, actions, granted
from policies.resource_handlers import FILE, HANDLERS, published, source
from synthesis import load
from policies.unused_calls import (
    LIST,
    NEVER_MADE,
    UNUSED_IN_AN_ACCOUNT,
    UNUSED_IN_AN_ORGANIZATION,
    UNUSED_PROPERTIES,
)

POLICIES = {
    "deployment": (account_calls.CALLS, UNUSED_PROPERTIES | UNUSED_IN_AN_ACCOUNT),
    "organization-deployment": (organization_calls.CALLS, UNUSED_PROPERTIES | UNUSED_IN_AN_ORGANIZATION),
}

# Calls that no schema lists: why.
NOT_IN_A_SCHEMA = {
    "lambda:GetFunctionConfiguration": "CloudFormation waits with it for an update of a function",
    "lambda:ListTags": "the handler of functions reads tags with it before an update",
    "ssm:GetParameters": "CloudFormation reads the version of the bootstrap from Parameter Store",
    "lambda:InvokeFunction": "CloudFormation invokes the function of a custom resource",
}


@pytest.fixture(params=POLICIES)
def policy(request) -> str:
    return request.param


@pytest.fixture
def resources(policy, templates) -> dict[str, list[dict]]:
    """By type, the resources of all templates that are deployed with the policy, in every mode and partition."""
    found: dict[str, list[dict]] = {}
    for path in {path for paths in templates.values() for path in paths}:
        # StackSets deploy the members' template with a role of their own.
        if path.parent.name == "members" or (policy == "deployment") == path.name.startswith(ORGANIZATION):
            continue
        for resource in load(path)["Resources"].values():
            found.setdefault(resource["Type"], []).append(resource)
    return found


def test_the_handlers_are_those_that_aws_publishes():
    vendored = json.loads(FILE.read_text())
    assert vendored == {"source": source(), "handlers": published(set(HANDLERS))}, "tests/deployment/policies/resource_handlers.py updates it"


def test_every_resource_type_has_its_handlers_and_calls(policy, resources):
    calls, _ = POLICIES[policy]
    custom = {it for it in resources if it.startswith("Custom::")}
    assert set(calls) == set(resources)
    assert set(resources) - custom <= set(HANDLERS)


def test_every_call_of_a_handler_is_allowed_or_left_out_for_a_reason(policy, resources):
    calls, unused = POLICIES[policy]
    missing = {
        (resource_type, call)
        for resource_type in resources
        for call in derived(resource_type)
        - actions({resource_type: calls[resource_type]})
        - left_out(resource_type, unused)
    }
    assert missing == set()


def test_a_call_is_left_out_only_while_no_template_sets_its_property(policy, resources):
    _, unused = POLICIES[policy]
    used = {
        (resource_type, name)
        for resource_type, properties in unused.items()
        for names in properties
        for name in names.split()
        for resource in resources.get(resource_type, [])
        if name in set(keys(resource.get("Properties", {})))
    }
    assert used == set()


def test_a_bucket_is_retained(resources):
    # What NEVER_MADE says of it.
    assert {it["DeletionPolicy"] for it in resources.get("AWS::S3::Bucket", [])} <= {"Retain"}


def test_no_call_is_left_out_that_aws_does_not_list_or_a_policy_allows(policy, resources):
    calls, unused = POLICIES[policy]
    stale = {
        (resource_type, call)
        for resource_type in resources
        for call in left_out(resource_type, unused)
        if call not in derived(resource_type) or call in actions({resource_type: calls[resource_type]})
    }
    assert stale == set()


def test_what_no_schema_lists_is_allowed_for_a_reason():
    needed = {call for resource_type in HANDLERS for call in derived(resource_type)}
    others = {call for calls, _ in POLICIES.values() for call in actions(calls)} - needed
    assert others == set(NOT_IN_A_SCHEMA)


def test_a_policy_allows_these_calls_and_no_others(policy):
    calls, _ = POLICIES[policy]
    assert set(granted(document(policy))) == actions(calls)


def test_a_policy_fits_into_a_managed_policy(policy):
    # IAM's quota, without white space: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    assert len(json.dumps(document(policy), separators=(",", ":"))) <= 6144


def document(policy: str) -> dict:
    return json.loads((REPOSITORY / f"cdk/policies/{policy}.json").read_text())


def derived(resource_type: str) -> set[str]:
    """The calls of a type's handlers that the deployment of a stack can lead to."""
    handlers = HANDLERS.get(resource_type, {})
    return {call for handler, calls in handlers.items() if handler != LIST for call in calls}


def left_out(resource_type: str, unused: dict[str, dict[str, str]]) -> set[str]:
    texts = (reasons.get(resource_type, {}).values() for reasons in (unused, NEVER_MADE))
    return {call for values in texts for text in values for call in text.split()}


def keys(value: Any) -> Iterator[str]:
    """Every name of a property, at any depth."""
    match value:
        case dict():
            for key, it in value.items():
                yield key
                yield from keys(it)
        case list():
            for it in value:
                yield from keys(it)
