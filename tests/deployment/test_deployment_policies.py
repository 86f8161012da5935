"""The deployment policies allow the calls that CloudFormation makes for our templates, and no others.

The calls are those that AWS publishes for the handlers of the resource types. In the tests that deploy, moto's
CloudFormation refuses a step whose calls the policy does not allow on the resource that they name.
"""

import json
from typing import Any, Iterator

import pytest

from environment import REPOSITORY
from policies.calls import NOT_IN_A_SCHEMA, RESOURCES, needed_calls, published_calls, unused_calls
from policies.evaluation import policy_for
from policies.resource_handlers import FILE, HANDLERS, published, source
from policies.unused_calls import UNUSED_BY_POLICY, UNUSED_PROPERTIES
from synthesis import load


@pytest.fixture(params=UNUSED_BY_POLICY)
def policy(request) -> str:
    return request.param


@pytest.fixture
def resources(policy, templates) -> dict[str, list[dict]]:
    """By type, the resources of all templates that are deployed with the policy, in every mode and partition."""
    found: dict[str, list[dict]] = {}
    for path in {path for paths in templates.values() for path in paths}:
        # StackSets deploy the members' template with a role of their own.
        if path.parent.name in ("members", "member-template") or policy_for(path.name) != policy:
            continue
        for resource in load(path)["Resources"].values():
            found.setdefault(resource["Type"], []).append(resource)
    return found


def test_the_handlers_are_those_that_aws_publishes():
    vendored = json.loads(FILE.read_text())
    hint = "update it with tests/deployment/policies/resource_handlers.py"
    assert vendored == {"source": source(), "handlers": published(set(HANDLERS))}, hint


def test_every_resource_type_has_handlers_and_a_resource(resources):
    assert set(resources) <= set(RESOURCES)
    assert {it for it in resources if not it.startswith("Custom::")} <= set(HANDLERS)


def test_a_policy_allows_the_calls_of_its_templates_and_no_others(policy, resources):
    needed = {call for resource_type in resources for call in needed_calls(resource_type, policy)}
    statements = document(policy)["Statement"]
    texts = [[it["Action"]] if isinstance(it["Action"], str) else it["Action"] for it in statements]
    assert {action for text in texts for action in text} == needed


def test_a_call_is_left_out_only_while_no_template_sets_its_property(policy, resources):
    used = {
        (resource_type, name)
        for table in (UNUSED_PROPERTIES, UNUSED_BY_POLICY[policy])
        for resource_type, properties in table.items()
        for names in properties
        for name in names.split()
        for resource in resources.get(resource_type, [])
        if name in set(keys(resource.get("Properties", {})))
    }
    assert used == set()


def test_a_bucket_is_retained(resources):
    # NEVER_MADE depends on it.
    assert {it["DeletionPolicy"] for it in resources.get("AWS::S3::Bucket", [])} <= {"Retain"}


def test_a_call_is_left_out_only_while_aws_lists_it(policy, resources):
    assert {it: unused_calls(it, policy) - published_calls(it) for it in resources} == {it: set() for it in resources}


def test_a_call_is_added_only_while_no_schema_lists_it():
    for resource_type, calls in NOT_IN_A_SCHEMA.items():
        assert set(calls) & published_calls(resource_type) == set()


def test_a_policy_fits_into_a_managed_policy(policy):
    # IAM's quota, without white space: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    assert len(json.dumps(document(policy), separators=(",", ":"))) <= 6144


def document(policy: str) -> dict:
    return json.loads((REPOSITORY / f"cdk/policies/{policy}.json").read_text())


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
