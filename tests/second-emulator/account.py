"""An account of ministack: stacks, events, executions and messages in it."""

import io
import json
import time
import zipfile
from typing import Any

from adaptation import adapted, function_of, sdk_calls, sent_by_test, sns_calls
from emulator import Emulator
from environment import ACCOUNT, REGION
from sdk_calls import BOOTSTRAP, SdkCalls

SECONDS = 60


class Account:
    """An empty account in a region."""

    def __init__(self, emulator: Emulator, calls: SdkCalls, account: str = ACCOUNT, region: str = REGION):
        self._emulator, self._calls, self.id, self.region = emulator, calls, account, region
        self._queues: dict[str, str] = {}

    def client(self, service: str) -> Any:
        return self._emulator.client(service, self.id, self.region)

    def deploy(self, name: str, template: dict, answer_topics: bool = False, **parameters: str) -> None:
        """Creates a stack of the adapted template, and the functions that answer its SDK calls; with `answer_topics`, one
        also answers in place of the topics.
        """
        calls = sdk_calls(template) | (sns_calls(template) if answer_topics else set())
        for call in calls:
            self._create_function_of(call)
        client = self.client("cloudformation")
        client.create_stack(
            StackName=name, TemplateBody=json.dumps(adapted(template, self.id, self.region, calls)),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        )
        def ended() -> str:
            status = client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
            return "" if status.endswith("IN_PROGRESS") else status

        if (status := wait_for(ended)) != "CREATE_COMPLETE":
            events = client.describe_stack_events(StackName=name)["StackEvents"]
            raise AssertionError([status, *(it for it in events if "FAILED" in it["ResourceStatus"])])

    def _create_function_of(self, call: str) -> None:
        functions = self.client("lambda")
        if function_of(call) in [it["FunctionName"] for it in functions.list_functions()["Functions"]]:
            return
        functions.create_function(
            FunctionName=function_of(call), Runtime="provided.al2023", Handler="bootstrap", Timeout=60,
            Role=f"arn:aws:iam::{self.id}:role/any", Code={"ZipFile": zipped(BOOTSTRAP.encode())},
            Environment={"Variables": self.answered_by(call)},
        )

    def answered_by(self, call: str) -> dict[str, str]:
        """The environment of a function with the code `zipped(BOOTSTRAP)`, which the test answers under this name."""
        return {"TEST": f"{self._calls.address}/{call}"}

    def happens(self, event: dict) -> list[dict]:
        """Puts the event on the default bus. Returns the executions that it started, once they have ended.

        What an execution of the notifications did shows in its message, so it is left out.
        """
        return [it for it in self.started_by(event) if not is_notification(it)]

    def started_by(self, event: dict, bus: str = "default") -> list[dict]:
        """Puts the event on a bus. Returns all executions that it started, once they have ended."""
        before = {it["executionArn"] for it in self.executions()}
        entry = {"Source": sent_by_test(event["source"]), "DetailType": event["detail-type"]}
        entry |= {"EventBusName": bus, "Detail": json.dumps(event["detail"]), "Resources": event["resources"]}
        answer = self.client("events").put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0, answer
        return [it for it in self.executions() if it["executionArn"] not in before]

    def start(self, name: str, given: dict) -> dict:
        """Runs the state machine of that name to its end."""
        states = self.client("stepfunctions")
        machine = f"arn:aws:states:{self.region}:{self.id}:stateMachine:{name}"
        arn = states.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]
        [execution] = [it for it in self.executions() if it["executionArn"] == arn]
        return execution

    def executions(self) -> list[dict]:
        """All executions, once they have ended, as described."""
        states = self.client("stepfunctions")
        machines = [it["stateMachineArn"] for it in states.list_state_machines()["stateMachines"]]

        def ended() -> list[dict] | None:
            found = [it for arn in machines for it in states.list_executions(stateMachineArn=arn)["executions"]]
            return None if "RUNNING" in [it["status"] for it in found] else found

        return [states.describe_execution(executionArn=it["executionArn"]) for it in wait_for(ended, falsy=True)]

    def history(self, execution: dict) -> list[dict]:
        states = self.client("stepfunctions")
        return states.get_execution_history(executionArn=execution["executionArn"], maxResults=1000)["events"]

    def listen(self, queue: str = "mailbox", topic: str = "") -> None:
        """Subscribes a queue to a topic, or to every topic."""
        self._queues[queue] = self.client("sqs").create_queue(QueueName=queue)["QueueUrl"]
        topics = [topic] if topic else [it["TopicArn"] for it in self.client("sns").list_topics()["Topics"]]
        for it in topics:
            endpoint = f"arn:aws:sqs:{self.region}:{self.id}:{queue}"
            self.client("sns").subscribe(TopicArn=it, Protocol="sqs", Endpoint=endpoint)

    def queues(self) -> list[str]:
        """The queues that topics send to."""
        return list(self._queues)

    def messages(self, expected: int = 0, queue: str = "mailbox") -> list[dict]:
        """The messages since the last call, at least as many as expected, as topics deliver them: `Subject` and `Message`."""
        found: list[str] = []

        def arrived() -> bool:
            self.executions()
            found.extend(self.received(self._queues[queue]))
            return len(found) >= expected

        wait_for(arrived)
        return [json.loads(it) for it in found]

    def received(self, queue_url: str) -> list[str]:
        """The bodies of the messages in a queue since the last call."""
        sqs, bodies = self.client("sqs"), []
        while got := sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages"):
            for it in got:
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=it["ReceiptHandle"])
            bodies += [it["Body"] for it in got]
        return bodies


def is_notification(execution: dict) -> bool:
    """Whether the state machine of the notifications ran."""
    return execution["stateMachineArn"].endswith("-notifications")


def wait_for(condition: Any, falsy: bool = False) -> Any:
    """What the condition returns, once it is something; with `falsy`, once it is not None."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        found = condition()
        if found or (falsy and found is not None):
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {SECONDS} seconds in vain")


def zipped(bootstrap: bytes) -> bytes:
    """A function's zip with that executable."""
    buffer, entry = io.BytesIO(), zipfile.ZipInfo("bootstrap")
    entry.external_attr = 0o755 << 16
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(entry, bootstrap)
    return buffer.getvalue()
