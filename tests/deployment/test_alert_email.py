"""First the alerts, then the confirmation, then the members. The tests are steps and run in this order."""

import pytest
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.sns.exceptions import SNSException
from moto.sns.models import SNSBackend

from environment import DEPLOY, REPOSITORY
from organization import stacks
from strict_moto.email_subscriptions import confirm

STACK_SET = "RootAccessKeyRuleOrganizationStackSet"
ALERTS = "RootAccessKeyRuleOrganizationAlerts"
EMAIL = "security@example.com"


@pytest.fixture(scope="module")
def member(organization) -> str:
    return organization.join(1, organization.unit("Workloads"))[0]


@pytest.fixture(scope="module")
def deploy(cdk, organization, member, settings):
    """Runs `cdk deploy` for the organization with an e-mail address for the alerts."""
    options = settings(organization.unit_of(member), alertEmail=EMAIL)
    return lambda *arguments: cdk(*DEPLOY, *arguments, *options)


def test_before_the_alerts_are_deployed_members_get_nothing_and_the_error_names_the_order(aws, deploy):
    with pytest.raises(AssertionError, match=f"First run `make deploy STACKS={ALERTS}` with the same ARGS"):
        deploy("--all")
    assert [it for it in stacks(aws) if it.startswith("RootAccessKeyRule")] == []


def test_the_alerts_alone_can_be_deployed(aws, deploy):
    deploy(ALERTS)
    assert [it for it in stacks(aws) if it.startswith("RootAccessKeyRule")] == [ALERTS]


def test_while_the_e_mail_is_not_confirmed_members_get_nothing(aws, deploy):
    with pytest.raises(AssertionError, match=f"the subscription of {EMAIL} to the notifications is pending"):
        deploy("--all")
    assert STACK_SET not in stacks(aws)


def test_the_operator_policy_allows_the_question_to_sns():
    policy = IAMPolicy({"policy_document": (REPOSITORY / "cdk/policies/operator.json").read_text()})
    assert policy.is_action_permitted("sns:ListSubscriptions", "*") is PermissionResult.PERMITTED


def test_without_permission_to_ask_sns_the_error_says_so_and_members_get_nothing(aws, deploy, monkeypatch):
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
    with pytest.raises(AssertionError, match=f"{email} is not subscribed to the notifications"):
        deploy("--all", "-c", f"alertEmail={email}")
    deploy("--all", "-c", f"alertEmail={email}", "-c", "unconfirmedAlertEmail=accept")
    assert organization.instances()[member].status == "CURRENT"
