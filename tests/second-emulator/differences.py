"""What moto and ministack answer differently, or both differently from AWS, where it matters to this project.

A probe asks one emulator through the clients of AWS and returns its answer in few words.
"""

import json
import time
from dataclasses import dataclass
from typing import Any, Callable

from botocore.exceptions import ClientError

from environment import ACCOUNT, REGION

Client = Callable[[str], Any]
ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"


@dataclass(frozen=True)
class Difference:
    """A question, the probe that asks it, the answers of both emulators, and AWS's with the page that says so."""

    question: str
    probe: Callable[[Client], str]
    moto: str
    ministack: str
    aws: str
    page: str
    # Whether the page was read. Of the specification of the Amazon States Language, only the beginning was at hand.
    verified: bool = True


def run(client: Client, states: dict, given: dict) -> dict:
    """The execution of a state machine that starts with the first of the states, once it has ended."""
    machines, definition = client("stepfunctions"), {"StartAt": next(iter(states)), "States": states}
    arn = machines.create_state_machine(
        name=f"probe-{time.monotonic_ns()}", definition=json.dumps(definition), roleArn=ROLE
    )["stateMachineArn"]
    started = machines.start_execution(stateMachineArn=arn, input=json.dumps(given))["executionArn"]
    return until(lambda: ended(machines.describe_execution(executionArn=started)))


def ended(execution: dict) -> dict | None:
    return None if execution["status"] == "RUNNING" else execution


def until(condition: Callable[[], Any], seconds: float = 30) -> Any:
    """What the condition returns, once it is true; after that time, what it returns then."""
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def refused(call: Callable[[], Any]) -> str:
    try:
        call()
    except ClientError:
        return "refused"
    return "accepted"


def received(client: Client, pattern: dict, happen: Callable[[], Any], seconds: float = 3) -> list[dict]:
    """The events that a rule sends to a queue."""
    name = f"probe-{time.monotonic_ns()}"
    queue = client("sqs").create_queue(QueueName=name)["QueueUrl"]
    client("events").put_rule(Name=name, EventPattern=json.dumps(pattern))
    client("events").put_targets(Rule=name, Targets=[{"Id": "1", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"}])
    happen()
    found = until(lambda: client("sqs").receive_message(QueueUrl=queue).get("Messages", []), seconds)
    return [json.loads(it["Body"]) for it in found]


def put(client: Client, **entry: Any) -> dict:
    return client("events").put_events(Entries=[{"Source": "probe", "DetailType": "x", "Detail": "{}", **entry}])


def source_of_aws(client: Client) -> str:
    return "refused" if put(client, Source="aws.iam")["FailedEntryCount"] else "accepted"


def time_of_event(client: Client) -> str:
    [event] = received(client, {"source": ["probe"]}, lambda: put(client, Time="2026-01-02T03:04:05Z"))
    return "the time given" if event["time"] == "2026-01-02T03:04:05Z" else "the present time"


def state_machine_as_target(client: Client) -> str:
    name, states = f"probe-{time.monotonic_ns()}", client("stepfunctions")
    definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
    arn = states.create_state_machine(name=name, definition=definition, roleArn=ROLE)["stateMachineArn"]
    client("events").put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
    client("events").put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn, "RoleArn": ROLE}])
    try:
        put(client, Source=name)
    except ClientError:
        return "an internal error"
    return "started" if until(lambda: states.list_executions(stateMachineArn=arn)["executions"], 3) else "not started"


def failed_execution(client: Client) -> str:
    fail = {"End": {"Type": "Fail", "Error": "x"}}
    pattern = {"source": ["aws.states"], "detail": {"status": ["FAILED"]}}
    return "an event" if received(client, pattern, lambda: run(client, fail, {})) else "no event"


def empty_parameters(client: Client) -> str:
    execution = run(client, {"A": {"Type": "Pass", "Parameters": {}, "End": True}}, {"x": 1})
    return "no parameters" if json.loads(execution["output"]) == {} else "the whole input"


def absent_path(client: Client) -> str:
    execution = run(client, {"A": {"Type": "Pass", "Parameters": {"x.$": "$.absent"}, "End": True}}, {})
    return "fails" if execution["status"] == "FAILED" else "null"


def absent_in_choice(client: Client) -> str:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.absent", "StringEquals": "x", "Next": "B"}], "Default": "B"}
    execution = run(client, {"A": choice, "B": {"Type": "Succeed"}}, {})
    return "fails" if execution["status"] == "FAILED" else "not equal"


def present_null(client: Client) -> str:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "B"}], "Default": "C"}
    fail = {"Type": "Fail", "Error": "absent"}
    execution = run(client, {"A": choice, "B": {"Type": "Succeed"}, "C": fail}, {"x": None})
    return "absent" if execution["status"] == "FAILED" else "present"


def unknown_next(client: Client) -> str:
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}})
    create = client("stepfunctions").create_state_machine
    return refused(lambda: create(name="probe-next", definition=definition, roleArn=ROLE))


def long_subject(client: Client) -> str:
    topic = client("sns").create_topic(Name="probe")["TopicArn"]
    return refused(lambda: client("sns").publish(TopicArn=topic, Subject="x" * 101, Message="x"))


def unknown_type(client: Client) -> str:
    template = json.dumps({"Resources": {"A": {"Type": "AWS::Config::NoSuchType"}}})
    return refused(lambda: client("cloudformation").create_stack(StackName="probe", TemplateBody=template))


def schedule(client: Client) -> str:
    target = {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:probe", "RoleArn": ROLE}
    return refused(lambda: client("scheduler").create_schedule(
        Name="probe", ScheduleExpression="cron(0 6 * * *)", FlexibleTimeWindow={"Mode": "OFF"}, Target=target
    ))


DIFFERENCES = [
    Difference("an event whose source begins with `aws.`", source_of_aws, "accepted", "refused", "refused",
               "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html"),
    Difference("the time of an event that a caller sent", time_of_event, "the time given", "the present time", "the time given",
               "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html"),
    Difference("a state machine as the target of a rule", state_machine_as_target, "an internal error", "started", "started",
               "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html"),
    Difference("an execution that fails", failed_execution, "no event", "an event", "an event",
               "https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html"),
    Difference("`Parameters` that are empty", empty_parameters, "no parameters", "the whole input", "no parameters",
               "https://states-language.net/spec.html#parameters", verified=False),
    Difference("a path to a field that the input does not have", absent_path, "fails", "null", "fails",
               "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html"),
    Difference("a comparison with a field that the input does not have", absent_in_choice, "not equal", "not equal", "fails",
               "https://states-language.net/spec.html#choice-state", verified=False),
    Difference("`IsPresent` of a field that is null", present_null, "present", "absent", "present",
               "https://states-language.net/spec.html#choice-state", verified=False),
    Difference("a state machine with a `Next` that is no state", unknown_next, "accepted", "accepted", "refused",
               "https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html"),
    Difference("a subject of 101 characters", long_subject, "refused", "accepted", "refused",
               "https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"),
    Difference("a resource type that CloudFormation does not know", unknown_type, "accepted", "refused", "refused",
               "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_TemplateSummaryConfig.html"),
    Difference("a schedule of five fields", schedule, "accepted", "accepted", "refused",
               "https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html"),
]


def table() -> str:
    """The rows for docs/emulators.md. What differs from AWS is in italics."""
    def cell(answer: str, right: str) -> str:
        return answer if answer == right else f"*{answer}*"

    def aws(it: Difference) -> str:
        return f"[{it.aws}]({it.page})" + ("" if it.verified else " (not verified)")

    rows = [f"| {it.question} | {cell(it.moto, it.aws)} | {cell(it.ministack, it.aws)} | {aws(it)} |" for it in DIFFERENCES]
    return "\n".join(["| | moto | ministack | AWS |", "|---|---|---|---|", *rows]) + "\n"
