"""Makes moto's EventBridge deliver where moto 5.2 does not: to state machines and other accounts' buses.

An event of another account keeps its account and goes from bus to bus once:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
Each step needs a role that allows it, or a policy of the receiver:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
No input can be changed on the way to a bus. For the rest of input transformers see
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
moto's own evaluation reads the policies.
"""

import json
import re
from typing import Any, Callable
from uuid import uuid4

from jsonpath_ng.ext import parse
from moto.events.models import EventsBackend, Rule, events_backends
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.iam.models import iam_backends
from moto.utilities.arns import parse_arn

ORGANIZATION = {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}


class Refused(Exception):
    """AWS would refuse the call, or not deliver the event."""


class Delivery:
    """Extends the moto that runs in this process, as long as the monkeypatch lasts.

    `client(service, account, region)` creates a client of that moto. `received` are the events that other buses sent.
    """

    def __init__(self, patch: Any, client: Callable[[str, str, str], Any]):
        self._client = client
        self.received: list[dict] = []
        self._put_events = EventsBackend.put_events
        patch.setattr(EventsBackend, "put_events", lambda backend, events: self._put(backend, events))
        patch.setattr(Rule, "send_to_targets", lambda rule, event, transform_input=True: self._deliver(rule, event))

    def _put(self, backend: EventsBackend, events: list[dict]) -> list:
        here = f":{backend.account_id}:"
        abroad = [it for it in events if here not in it.get("EventBusName", here)]
        for it in abroad:
            # Only Step Functions is such a caller here. It adds the state machine to the resources.
            [machine, *_] = it["Resources"]
            states = self._client("stepfunctions", backend.account_id, backend.region_name)
            role = states.describe_state_machine(stateMachineArn=machine)["roleArn"]
            _demand(role, "states.amazonaws.com", "events:PutEvents", it["EventBusName"])
            self.receive(it["EventBusName"], {
                "version": "0", "id": "new", "time": "2026-01-02T03:07:09Z", "region": backend.region_name,
                "account": backend.account_id, "source": it["Source"], "detail-type": it["DetailType"],
                "resources": it["Resources"], "detail": json.loads(it["Detail"]),
            })
        return self._put_events(backend, [it for it in events if it not in abroad]) + [{"EventId": "new"}] * len(abroad)

    def _deliver(self, rule: Rule, event: dict, received: bool = False) -> None:
        """Sends an event to the targets of a rule that it matches; `received` from a bus it goes to no other."""
        if not rule.event_pattern.matches_event(event):
            return
        for target in rule.targets:
            arn = parse_arn(target["Arn"])
            client = self._client
            if arn.service == "states":
                _demand(target["RoleArn"], "events.amazonaws.com", "states:StartExecution", target["Arn"])
                states = client("stepfunctions", arn.account, arn.region)
                given, name = json.dumps(_input(target, event)), str(uuid4())
                states.start_execution(stateMachineArn=target["Arn"], input=given, name=name)
            elif arn.service == "events":
                if target.keys() & {"Input", "InputPath", "InputTransformer"}:
                    raise Refused("Modifying the input for an event bus is not supported")
                _demand(target["RoleArn"], "events.amazonaws.com", "events:PutEvents", target["Arn"])
                if received:
                    # EventBridge drops it without a word.
                    raise Refused(f"an event that another bus sent is not forwarded to {target['Arn']}")
                self.receive(target["Arn"], event)

    def receive(self, bus_arn: str, event: dict) -> None:
        """Has a bus receive an event as it is."""
        self.received.append(event)
        arn = parse_arn(bus_arn)
        bus = events_backends[arn.account][arn.region].describe_event_bus(arn.resource_id)
        if event["account"] != arn.account:
            _permit(bus.policy, "*", "events:PutEvents", bus_arn)
        for rule in bus.rules.values():
            self._deliver(rule, event, received=True)


def _demand(role_arn: str, service: str, action: str, resource: str) -> None:
    """Fails unless the service may assume the role, and the role allows the action."""
    role = iam_backends[parse_arn(role_arn).account]["aws"].get_role_by_arn(role_arn)
    trusted = [it["Principal"]["Service"] for it in json.loads(role.assume_role_policy_document)["Statement"]]
    if service not in trusted:
        raise Refused(f"{service} may not assume {role_arn}")
    answers = [IAMPolicy(it).is_action_permitted(action, resource) for it in role.policies.values()]
    if PermissionResult.PERMITTED not in answers:
        raise Refused(f"{role_arn} may not {action} on {resource}")


def _permit(policy: str, principal: str, action: str, resource: str) -> None:
    """Fails unless a policy of the resource allows the action to the principal, as one of our organization."""
    for statement in json.loads(policy)["Statement"]:
        if statement["Effect"] == "Allow" and principal in json.dumps(statement["Principal"]):
            one = IAMPolicy(json.dumps({"Statement": [statement]}))
            answer = one.is_action_permitted(action, resource, incoming_condition_values=ORGANIZATION)
            if answer is PermissionResult.PERMITTED:
                return
    raise Refused(f"no policy of {resource} lets {principal} {action}")


def _input(target: dict, event: dict) -> Any:
    """The object that an input transformer makes of the event."""
    if "InputTransformer" not in target:
        return event
    paths, template = target["InputTransformer"]["InputPathsMap"], target["InputTransformer"]["InputTemplate"]
    found = {name: [it.value for it in parse(path).find(event)] for name, path in paths.items()}
    # "If the path does not exist in the event, the variable is not created". What the object then becomes is not
    # documented.
    if lacking := [name for name, it in found.items() if not it]:
        raise Refused(f"the event has no {lacking}")
    # "EventBridge does not escape values": a text is put between quotation marks as it is.
    raw = {name: f'"{it}"' if isinstance(it, str) else json.dumps(it) for name, [it] in found.items()}
    return json.loads(re.sub("<([^>]+)>", lambda it: raw[it[1]], template))
