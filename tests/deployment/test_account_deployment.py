"""A deployment in one account from the bootstrap to its removal. The tests are steps and run in this order."""

import base64
import hashlib
import io
import json
import re
import subprocess
import zipfile
from copy import deepcopy
from pathlib import Path

import pytest
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.sts.models import sts_backends

from environment import ACCOUNT, DEPLOY, REPOSITORY
from strict_moto.resource_types import saved_queries

STACK = "RootAccessKeyRule"
NAME = "root-access-key-rule"
WITH_ALL = ("-c", "alertEmail=security@example.com", "-c", "dashboard=true")
NOTHING = {
    "functions": [], "config rules": [], "state machines": [], "dashboards": [],
    "schedules": [], "roles": 0, "log groups": 0, "topics": 0, "event rules": 0, "alarms": 0, "saved queries": 0,
}
WITHOUT_ALERTS = {
    **NOTHING,
    "functions": [NAME], "config rules": [NAME], "state machines": [NAME],
    "roles": 3, "log groups": 1, "event rules": 1, "saved queries": 4,
}
# What a recipient of notifications adds.
ALERTS = {
    "topics": 1, "event rules": 7, "alarms": 4, "roles": 6, "schedules": [f"{NAME}-reminder"],
    "state machines": [NAME, f"{NAME}-notifications"],
}


@pytest.fixture(scope="module", autouse=True)
def bootstrapped(aws, cdk):
    policy = aws.client("iam").create_policy(
        PolicyName="RootAccessKeyRuleDeployment",
        PolicyDocument=(REPOSITORY / "cdk/policies/deployment.json").read_text(),
    )
    cdk("bootstrap", "--cloudformation-execution-policies", policy["Policy"]["Arn"])


def test_it_deploys(aws, cdk):
    cdk(*DEPLOY, *WITH_ALL)
    assert inventory(aws) == {**WITHOUT_ALERTS, **ALERTS, "dashboards": [NAME]}


def test_the_operator_policy_allows_only_the_roles_that_the_cli_assumes():
    policy = IAMPolicy({"policy_document": (REPOSITORY / "cdk/policies/operator.json").read_text()})
    roles = {role.role_arn for role in sts_backends[ACCOUNT]["aws"].assumed_roles}
    assert roles
    for role in roles:
        assert policy.is_action_permitted("sts:AssumeRole", role) is PermissionResult.PERMITTED
    for action, resource in (("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/Admin"), ("iam:ListUsers", "*")):
        assert policy.is_action_permitted(action, resource) is PermissionResult.NEUTRAL


def test_the_deployment_is_as_the_documents_show(aws):
    steps = documented("What is deployed")
    assert len(steps) == 7
    script = "set -e\n" + "\n".join(f"echo ====\n{command}" for command, _ in steps)
    done = subprocess.run(["bash", "-c", script], env=aws.environment, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [parsed(it) for it in done.stdout.split("====\n")[1:]] == [parsed(it) for _, it in steps]


def test_only_aws_config_may_invoke_the_function_and_only_for_this_account(aws):
    policy = json.loads(aws.client("lambda").get_policy(FunctionName=NAME)["Policy"])
    [statement] = policy["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Allow", "lambda:InvokeFunction")
    assert statement["Principal"] == {"Service": "config.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"AWS:SourceAccount": ACCOUNT}}


# The local AWS emulator has no account with moto's account ID; this one has no root key.
EMULATED_ACCOUNT = "111111111111"


def test_the_deployed_function_evaluates_the_event_of_the_rule(aws, artifact, local_aws, tmp_path):
    template = aws.client("cloudformation").get_template(StackName=STACK)["TemplateBody"]
    [function] = [it for it in template["Resources"].values() if it["Type"] == "AWS::Lambda::Function"]
    code = function["Properties"]["Code"]
    stored = aws.client("s3").get_object(Bucket=code["S3Bucket"], Key=code["S3Key"])["Body"].read()
    assert stored == artifact.read_bytes()
    bootstrap = unpacked(stored, tmp_path)
    event = tmp_path / "event.json"
    event.write_text(json.dumps(scheduled_event(aws)).replace(ACCOUNT, EMULATED_ACCOUNT))
    done = subprocess.run(
        [local_aws, "--event", event, "--bootstrap", bootstrap], text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sent = json.loads(done.stdout[done.stdout.index("{"):])
    assert sent["Evaluations"] == [
        {
            "ComplianceResourceType": "AWS::::Account",
            "ComplianceResourceId": EMULATED_ACCOUNT,
            "ComplianceType": "COMPLIANT",
            "Annotation": "The root user has no access keys.",
            "OrderingTimestamp": 1767323045.006,
        }
    ]


def test_the_role_allows_only_the_calls_of_the_function(aws, local_aws, tmp_path):
    """With the accounts of the local AWS emulator the function makes every call that it ever makes."""
    subprocess.run([local_aws, "--requests", tmp_path / "requests"], stdout=subprocess.DEVNULL, check=True)
    requests = [json.loads(line) for line in (tmp_path / "requests").read_text().splitlines()]
    called = {f"{request['service']}:{request['operation']}" for request in requests}
    role = aws.client("lambda").get_function_configuration(FunctionName=NAME)["Role"].rpartition("/")[2]
    policy = aws.client("iam").get_role_policy(RoleName=role, PolicyName="Evaluate")["PolicyDocument"]
    [statement] = policy["Statement"]
    assert set(statement["Action"]) == called


def test_a_second_deployment_changes_nothing(aws, cdk):
    before = aws.client("cloudformation").describe_stack_events(StackName=STACK)["StackEvents"]
    assert "(no changes)" in cdk(*DEPLOY, *WITH_ALL)
    assert aws.client("cloudformation").describe_stack_events(StackName=STACK)["StackEvents"] == before


def test_an_update_reaches_the_rule_and_keeps_its_function(aws, cdk):
    deployed = aws.client("lambda").get_function_configuration(FunctionName=NAME)["LastModified"]
    cdk(*DEPLOY, *WITH_ALL, "-c", "frequency=One_Hour")
    [rule] = aws.client("config").describe_config_rules()["ConfigRules"]
    assert rule["Source"]["SourceDetails"][0]["MaximumExecutionFrequency"] == "One_Hour"
    alarms = aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert sorted(it["EvaluationPeriods"] for it in alarms) == [1, 1, 1, 3]
    assert aws.client("lambda").get_function_configuration(FunctionName=NAME)["LastModified"] == deployed


def test_removal_leaves_only_the_log_group(aws, cdk):
    cdk("destroy", "--force", *WITH_ALL)
    assert inventory(aws) == {**NOTHING, "log groups": 1}


def test_it_can_be_installed_again(aws, cdk):
    cdk(*DEPLOY)
    assert inventory(aws) == {**WITHOUT_ALERTS, "log groups": 2}
    cdk("destroy", "--force")


@pytest.fixture(scope="module")
def plain_template(aws, cdk, artifact) -> dict:
    """The plain CloudFormation template, with the built function in a bucket."""
    aws.client("s3").create_bucket(Bucket="artifacts")
    aws.client("s3").upload_file(str(artifact), "artifacts", "built.zip")
    return json.loads(cdk("synth", "--json", "-c", "mode=template"))


def test_the_template_deploys_without_the_cdk(aws, artifact, plain_template):
    before = inventory(aws)
    create_stack(aws, plain_template)
    assert inventory(aws) == {**WITHOUT_ALERTS, "log groups": before["log groups"] + 1}
    code = aws.client("lambda").get_function(FunctionName=NAME)["Configuration"]["CodeSha256"]
    assert code == base64.b64encode(hashlib.sha256(artifact.read_bytes()).digest()).decode()
    assert set(outputs(aws)) == {"RuleName", "FunctionName", "RoleName", "LogGroupName"}
    aws.client("cloudformation").delete_stack(StackName=STACK)
    assert inventory(aws) == {**before, "log groups": before["log groups"] + 1}


def test_the_parameters_of_the_template_match_the_settings(aws, plain_template):
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/RootAccessKeyRuleDeployment"
    before = inventory(aws)
    create_stack(
        aws, plain_template, AlertEmail="security@example.com", Frequency="One_Hour", LogRetentionDays="30",
        PermissionsBoundary=boundary,
    )
    deployed = {**ALERTS, "log groups": before["log groups"] + 1}
    assert inventory(aws) == {**WITHOUT_ALERTS, **deployed}
    found = outputs(aws)
    [rule] = aws.client("config").describe_config_rules(ConfigRuleNames=[found["RuleName"]])["ConfigRules"]
    assert rule["Source"]["SourceDetails"][0]["MaximumExecutionFrequency"] == "One_Hour"
    assert aws.client("lambda").get_function(FunctionName=found["FunctionName"])
    role = aws.client("iam").get_role(RoleName=found["RoleName"])["Role"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    [group] = aws.client("logs").describe_log_groups(logGroupNamePrefix=found["LogGroupName"])["logGroups"]
    assert group["retentionInDays"] == 30
    [alarm] = aws.client("cloudwatch").describe_alarms(AlarmNames=[found["AlarmName"]])["MetricAlarms"]
    assert (alarm["EvaluationPeriods"], alarm["AlarmActions"]) == (3, [found["TopicArn"]])
    assert "no evaluation for 2 hours" in alarm["AlarmDescription"]
    [subscription] = aws.client("sns").list_subscriptions_by_topic(TopicArn=found["TopicArn"])["Subscriptions"]
    assert subscription["Endpoint"] == "security@example.com"
    aws.client("cloudformation").delete_stack(StackName=STACK)


def test_a_topic_of_the_operator_gets_the_messages_of_the_plain_template(aws, plain_template):
    topic = aws.client("sns").create_topic(Name="security")["TopicArn"]
    create_stack(aws, plain_template, AlertTopicArn=topic)
    assert outputs(aws)["TopicArn"] == topic
    assert inventory(aws)["topics"] == 1
    states = aws.client("stepfunctions")
    [machine] = [it for it in states.list_state_machines()["stateMachines"] if it["name"].endswith("notifications")]
    assert topic in states.describe_state_machine(stateMachineArn=machine["stateMachineArn"])["definition"]
    assert {tuple(it["AlarmActions"]) for it in aws.client("cloudwatch").describe_alarms()["MetricAlarms"]} == {(topic,)}
    aws.client("cloudformation").delete_stack(StackName=STACK)
    aws.client("sns").delete_topic(TopicArn=topic)


def test_without_its_dependencies_the_rule_is_refused(aws, plain_template):
    template = deepcopy(plain_template)
    [rule] = [it for it in template["Resources"].values() if it["Type"] == "AWS::Config::ConfigRule"]
    del rule["DependsOn"]
    create_stack(aws, template)
    events = aws.client("cloudformation").describe_stack_events(StackName=STACK)["StackEvents"]
    assert "cannot be invoked" in " ".join(it.get("ResourceStatusReason", "") for it in events)
    aws.client("cloudformation").delete_stack(StackName=STACK)


def test_a_second_stack_sends_the_events_of_iam_to_another_home_region(aws, cdk, monkeypatch):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setitem(aws.environment, name, "eu-central-1")
    [policy] = [it["Arn"] for it in aws.client("iam").list_policies(Scope="Local")["Policies"]]
    elsewhere = ("-c", "homeRegion=eu-central-1")
    home = f"aws://{ACCOUNT}/eu-central-1"
    cdk("bootstrap", home, "--cloudformation-execution-policies", policy, *elsewhere)
    cdk(*DEPLOY, "--all", *elsewhere)
    events = aws.client("events")
    [rule] = [it["Name"] for it in events.list_rules()["Rules"]]
    [target] = events.list_targets_by_rule(Rule=rule)["Targets"]
    assert target["Arn"] == f"arn:aws:events:eu-central-1:{ACCOUNT}:event-bus/default"
    [started] = aws.client("events", region_name="eu-central-1").list_rules()["Rules"]
    assert started["EventPattern"] == events.describe_rule(Name=rule)["EventPattern"]
    cdk("destroy", "--force", "--all", *elsewhere)
    assert events.list_rules()["Rules"] == []


def inventory(aws) -> dict:
    """The resources of the rule in the account."""
    ours = [role for role in aws.client("iam").list_roles()["Roles"] if role["RoleName"].startswith(STACK)]
    return {
        "functions": [it["FunctionName"] for it in aws.client("lambda").list_functions()["Functions"]],
        "config rules": [it["ConfigRuleName"] for it in aws.client("config").describe_config_rules()["ConfigRules"]],
        "roles": len(ours),
        "log groups": len(aws.client("logs").describe_log_groups()["logGroups"]),
        "topics": len(aws.client("sns").list_topics()["Topics"]),
        "state machines": sorted(it["name"] for it in aws.client("stepfunctions").list_state_machines()["stateMachines"]),
        "schedules": [it["Name"] for it in aws.client("scheduler").list_schedules()["Schedules"]],
        "event rules": len(aws.client("events").list_rules()["Rules"]),
        "alarms": len(aws.client("cloudwatch").describe_alarms()["MetricAlarms"]),
        "saved queries": len(saved_queries),
        "dashboards": [
            it["DashboardName"] for it in aws.client("cloudwatch").list_dashboards()["DashboardEntries"]
        ],
    }


def unpacked(built: bytes, folder: Path) -> Path:
    """The executable of a built function, allowed to run only if Lambda would be."""
    with zipfile.ZipFile(io.BytesIO(built)) as archive:
        mode = archive.getinfo("bootstrap").external_attr >> 16
        assert mode & 0o111 == 0o111, f"Lambda cannot run a bootstrap of mode {mode:o}"
        path = Path(archive.extract("bootstrap", folder))
    path.chmod(mode & 0o777)
    return path


def scheduled_event(aws) -> dict:
    """The event that AWS Config sends for the deployed rule (AWS Config developer guide, example events)."""
    [rule] = aws.client("config").describe_config_rules(ConfigRuleNames=[NAME])["ConfigRules"]
    [detail] = rule["Source"]["SourceDetails"]
    notification = {
        "awsAccountId": ACCOUNT,
        "notificationCreationTime": "2026-01-02T03:04:05.006Z",
        "messageType": detail["MessageType"],
        "recordVersion": "1.0",
    }
    return {
        "version": "1.0",
        "invokingEvent": json.dumps(notification),
        "ruleParameters": rule.get("InputParameters", "{}"),
        "resultToken": "token-of-the-deployment-test",
        "eventLeftScope": False,
        "executionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
        "configRuleArn": rule["ConfigRuleArn"],
        "configRuleName": rule["ConfigRuleName"],
        "configRuleId": rule["ConfigRuleId"],
        "accountId": ACCOUNT,
        "evaluationMode": "DETECTIVE",
    }


def create_stack(aws, template: dict, **parameters: str) -> None:
    """Creates the stack of the plain template with the built function of `plain_template`."""
    given = {"ArtifactBucket": "artifacts", "ArtifactKey": "built.zip", **parameters}
    aws.client("cloudformation").create_stack(
        StackName=STACK, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
    )


def outputs(aws) -> dict[str, str]:
    [stack] = aws.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    return {it["OutputKey"]: it["OutputValue"] for it in stack["Outputs"]}


def documented(section: str) -> list[tuple[str, str]]:
    """The commands of the first transcript of a section of docs/deploy.md, each with the output shown."""
    text = (REPOSITORY / "docs/deploy.md").read_text().split(f"\n## {section}\n")[1].split("\n## ")[0]
    transcript = re.search(r"```console\n(.*?)```", text, re.DOTALL).group(1)
    return re.findall(r"^\$ (.+)\n((?:[^$].*\n)*)", transcript, re.MULTILINE)


def parsed(output: str):
    return json.loads(output) if output.strip() else None
