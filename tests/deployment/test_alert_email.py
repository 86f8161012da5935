"""The order alerts, confirmation, members: the tests are its steps and run in this order."""

import json

import pytest
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.sns.exceptions import SNSException
from moto.sns.models import SNSBackend

from environment import REPOSITORY
from strict_moto.email_subscriptions import confirm
from organization import Organization
from test_organization_deployment import DEPLOY, STACK_SET, bootstrap, stacks

ALERTS = "RootAccessKeyRuleOrganizationAlerts"
EMAIL = "security@example.com"


@pytest.fixture(scope="module")
def organization(aws, cdk):
    simulated = Organization(aws.endpoint)
    bootstrap(aws, cdk)
    return simulated


@pytest.fixture(scope="module")
def member(organization) -> str:
    return organization.join(1, organization.unit("Workloads"))[0]


@pytest.fixture(scope="module")
def deploy(cdk, organization, member, tmp_path_factory):
    """Runs `cdk deploy` for the organization with an e-mail address for the alerts."""
    file = tmp_path_factory.mktemp("settings") / "organization.json"
    file.write_text(json.dumps({
        "mode": "stack-set",
        "organizationId": organization.id,
        "organizationalUnits": [organization.unit_of(member)],
        "administrator": "delegated-administrator",
        "managementAccount": "exclude",
        "alertEmail": EMAIL,
    }))
    return lambda *arguments: cdk(*DEPLOY, *arguments, "-c", f"settings={file}")


def test_before_the_alerts_are_deployed_members_get_nothing_and_the_order_is_named(aws, deploy):
    with pytest.raises(AssertionError, match=f"First run `make deploy STACKS={ALERTS}` with the same ARGS"):
        deploy("--all")
    assert [it for it in stacks(aws) if it.startswith("RootAccessKeyRule")] == []


def test_the_alerts_alone_can_be_deployed(aws, deploy):
    deploy(ALERTS)
    assert [it for it in stacks(aws) if it.startswith("RootAccessKeyRule")] == [ALERTS]


def test_while_the_e_mail_is_not_confirmed_members_get_nothing(aws, deploy):
    with pytest.raises(AssertionError, match=f"the subscription of {EMAIL} to the alerts is pending"):
        deploy("--all")
    assert STACK_SET not in stacks(aws)


def test_what_sns_is_asked_is_in_the_operator_policy():
    policy = IAMPolicy({"policy_document": (REPOSITORY / "cdk/policies/operator.json").read_text()})
    assert policy.is_action_permitted("sns:ListSubscriptions", "*") is PermissionResult.PERMITTED


def test_whoever_may_not_ask_sns_is_told_so_and_members_get_nothing(aws, deploy, monkeypatch):
    def denied(*_, **__):
        raise SNSException("AuthorizationError", "User: operator is not authorized to perform: SNS:ListSubscriptions")

    monkeypatch.setattr(SNSBackend, "list_subscriptions", denied)
    with pytest.raises(AssertionError, match="could not check whether .* is confirmed: .*AuthorizationError.*operator.json"):
        deploy("--all")
    assert STACK_SET not in stacks(aws)


def test_once_it_is_confirmed_members_get_the_rule(aws, organization, member, deploy):
    confirm(EMAIL)
    deploy("--all")
    assert organization.instances()[member].status == "CURRENT"


def test_it_can_be_deployed_without_a_confirmation(aws, organization, member, deploy):
    email = "other@example.com"
    with pytest.raises(AssertionError, match=f"{email} is not subscribed to the alerts"):
        deploy("--all", "-c", f"alertEmail={email}")
    deploy("--all", "-c", f"alertEmail={email}", "-c", "unconfirmedAlertEmail=accept")
    assert organization.instances()[member].status == "CURRENT"
