"""The watch is deployed with the rollout of an organization, and removed. The tests are steps and run in this order.

tests/second-emulator/test_watch.py runs what is deployed here.
"""

import json

import pytest
from moto.iam.access_control import IAMPolicy, PermissionResult

from environment import ACCOUNT, DEPLOY, REGION, REPOSITORY
from organization import stacks
from strict_moto.cloudformation import acting_for

WATCH = "RootAccessKeyRuleOrganizationWatch"
NAME = "root-access-key-rule-org-watch"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:security"
REPAIR, DIGEST = (f"/root-access-key-rule/watch/{it}" for it in ("repair", "digest"))


@pytest.fixture(scope="module")
def deploy(aws, cdk, organization, settings):
    """Runs `cdk deploy` for the organization with a topic for the notifications."""
    aws.client("sns").create_topic(Name="security")
    unit = organization.unit("Workloads")
    organization.join(2, unit)
    options = settings(unit, alertTopic=TOPIC)
    return lambda *arguments: cdk(*DEPLOY, *arguments, *options)


def test_without_an_aggregator_of_the_organization_nothing_is_deployed_and_the_error_names_the_next_step(
    aws, organization, deploy
):
    with acting_for(ACCOUNT):
        organization.client("config").delete_configuration_aggregator(ConfigurationAggregatorName="organization")
    with pytest.raises(AssertionError, match="put-configuration-aggregator.*organization.md#an-aggregator.*watch=false"):
        deploy("--all")
    assert [it for it in stacks(aws) if it.startswith("RootAccessKeyRule")] == []


def test_the_operator_policy_allows_the_question_to_aws_config():
    policy = IAMPolicy({"policy_document": (REPOSITORY / "cdk/policies/operator.json").read_text()})
    action = "config:DescribeConfigurationAggregators"
    assert policy.is_action_permitted(action, "*") is PermissionResult.PERMITTED


def test_with_one_the_watch_is_deployed_last(aws, organization, deploy):
    organization.aggregate()
    deploy("--all")
    made = {it["StackName"]: it["CreationTime"] for it in aws.client("cloudformation").describe_stacks()["Stacks"]}
    assert max(made, key=made.get) == WATCH


def test_the_function_knows_its_bucket_and_the_units(aws, organization):
    function = aws.client("lambda").get_function_configuration(FunctionName=NAME)
    assert function["Environment"]["Variables"] == {
        "BUCKET": outputs(aws)["BucketName"],
        "REPAIR": "true",
        "CONFIGURED_UNITS": organization.instances().popitem()[1].unit,
    }


def test_the_schedule_starts_the_state_machine(aws):
    schedule = aws.client("scheduler").get_schedule(Name=NAME)
    assert schedule["Target"]["Arn"] == outputs(aws)["StateMachineArn"]
    assert (schedule["ScheduleExpression"], schedule["State"]) == ("cron(0 5 * * ? *)", "ENABLED")


def test_the_state_machine_invokes_the_function_and_publishes_to_the_topic(aws):
    machine = aws.client("stepfunctions").describe_state_machine(stateMachineArn=outputs(aws)["StateMachineArn"])
    states = json.loads(machine["definition"])["States"]
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{NAME}"
    invoked = [it["Arguments"] for it in states.values() if it.get("Resource", "").endswith(":lambda:invoke")]
    assert {it["FunctionName"] for it in invoked} == {function}
    assert states["Publish"]["Arguments"]["TopicArn"] == TOPIC


def test_another_deployment_changes_nothing_and_leaves_a_switch_as_it_is(aws, deploy):
    switches = aws.client("ssm")
    switches.put_parameter(Name=REPAIR, Value="off", Overwrite=True)
    assert deploy("--all").count("(no changes)") == 4
    found = switches.get_parameters(Names=[REPAIR, DIGEST])["Parameters"]
    assert {it["Name"]: it["Value"] for it in found} == {REPAIR: "off", DIGEST: "on"}


def test_removal_leaves_the_reports(aws, cdk, organization, settings):
    bucket = outputs(aws)["BucketName"]
    cdk("destroy", "--force", WATCH, *settings(organization.root, alertTopic=TOPIC))
    assert WATCH not in stacks(aws)
    assert bucket in [it["Name"] for it in aws.client("s3").list_buckets()["Buckets"]]
    assert aws.client("ssm").get_parameters(Names=[REPAIR, DIGEST])["Parameters"] == []
    assert aws.client("scheduler").list_schedules()["Schedules"] == []


def outputs(aws) -> dict[str, str]:
    """The outputs of the stack, by name."""
    [stack] = aws.client("cloudformation").describe_stacks(StackName=WATCH)["Stacks"]
    return {it["OutputKey"]: it["OutputValue"] for it in stack["Outputs"]}
