"""Makes moto's CloudFormation as strict as AWS's where the rule's stacks depend on it.

moto 5.2 reports CREATE_COMPLETE for resource types that it skips, creates
resources in the order of the template, deletes them in any, and asks nobody
for permission. Here
the skipped types are made through moto's own API with boto3, so botocore's
service models check every property; resources are made in the *reverse* order
of the template wherever no reference or DependsOn forbids it; and each step
needs what the deployment policy grants. Further types are in files of their own.
"""

import json
import threading
from contextlib import contextmanager
from copy import deepcopy
from functools import lru_cache
from typing import Any, Callable, Iterator

import boto3
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator
from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import Stack
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.common_models import CloudFormationModel
from moto.core.exceptions import ServiceException
from moto.events.models import EventBus
from moto.iam.models import IAMBackend, Role, iam_backends
from werkzeug.exceptions import HTTPException

from policies.evaluation import require

# Stacks that are deployed with the role of the bootstrap; the others are the bootstrap itself, and those
# that StackSets and AWS Config make in members.
DEPLOYED = "RootAccessKeyRule"

# How a resource is refused.
FAILURES = (ServiceException, HTTPException, ClientError, ValueError)

_acting = threading.local()


@contextmanager
def acting_for(account_id: str) -> Iterator[None]:
    """Within it the calls of this thread through `client_of` are those of the account."""
    before = getattr(_acting, "account_id", None)
    _acting.account_id = account_id
    try:
        yield
    finally:
        _acting.account_id = before


def acting_account() -> str:
    return _acting.account_id


@lru_cache(maxsize=None)
def client_of(service: str, region: str, endpoint: str, account_id: str | None = None) -> Any:
    """A client of one account, or of the account that its thread is acting for."""
    client = boto3.client(service, region_name=region, endpoint_url=endpoint)

    def name_account(params: dict, **_: Any) -> None:
        # moto reads this header before the signature.
        params["headers"]["x-moto-account-id"] = account_id or acting_account()

    client.meta.events.register("before-call", name_account)
    return client


def model(
    endpoint: str, resource_type: str, service: str, put: Callable, remove: Callable, change: Callable | None = None
) -> type:
    """A CloudFormation resource type that exists through the API of a service.

    `put(client, name, properties)` makes or changes it and returns its physical id; where changing is
    something else, that is `change`.
    """

    def create(cls, name, template, account_id, region, put=put, **_):
        resource = cls()
        resource.properties = template["Properties"]
        with acting_for(account_id):
            resource.physical_resource_id = put(client_of(service, region, endpoint), name, resource.properties)
        resource.name = resource.physical_resource_id
        return resource

    def update(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
        name = original_resource.physical_resource_id
        return create(cls, name, cloudformation_json, account_id, region_name, put=change or put)

    def delete(self, account_id, region):
        with acting_for(account_id):
            remove(client_of(service, region, endpoint), self.physical_resource_id, self.properties)

    return type(
        resource_type.replace("::", ""),
        (CloudFormationModel,),
        {
            # moto files a model under the service that its module is named after.
            "__module__": "moto.config.models",
            "cloudformation_name_type": staticmethod(lambda: ""),
            "cloudformation_type": staticmethod(lambda: resource_type),
            "has_cfn_attr": classmethod(lambda cls, attribute: False),
            "create_from_cloudformation_json": classmethod(create),
            "update_from_cloudformation_json": classmethod(update),
            "delete": delete,
            "is_created": lambda self: True,
        },
    )


def _put_topic_policy(sns: Any, name: str, properties: dict) -> str:
    policy = json.dumps(properties["PolicyDocument"])
    for topic in properties["Topics"]:
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    return name


def _put_bucket_policy(s3: Any, name: str, properties: dict) -> str:
    s3.put_bucket_policy(Bucket=properties["Bucket"], Policy=json.dumps(properties["PolicyDocument"]))
    return name


def _put_event_bus_policy(events: Any, name: str, properties: dict) -> str:
    statement = {**properties["Statement"], "Sid": properties["StatementId"]}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    events.put_permission(EventBusName=properties["EventBusName"], Policy=policy)
    return name


def _put_alarm(cloudwatch: Any, name: str, properties: dict) -> str:
    cloudwatch.put_metric_alarm(AlarmName=name, **properties)
    return name


def check(client: Any, operation: str, properties: dict) -> None:
    """What moto lacks is at least held against botocore's service model."""
    report = ParamValidator().validate(properties, client.meta.service_model.operation_model(operation).input_shape)
    if report.has_errors():
        raise ValidationError(message=report.generate_report())


# Names of the saved queries that there are; moto has none.
saved_queries: list[str] = []


def _put_query(logs: Any, _: str, properties: dict) -> str:
    properties = {key[0].lower() + key[1:]: value for key, value in properties.items()}
    check(logs, "PutQueryDefinition", properties)
    saved_queries.append(properties["name"])
    return properties["name"]


def _put_state_machine(states: Any, _: str, properties: dict) -> str:
    name, definition, role = (properties[it] for it in ("StateMachineName", "DefinitionString", "RoleArn"))
    return states.create_state_machine(name=name, definition=definition, roleArn=role)["stateMachineArn"]


def _update_state_machine(states: Any, arn: str, properties: dict) -> str:
    definition, role = properties["DefinitionString"], properties["RoleArn"]
    states.update_state_machine(stateMachineArn=arn, definition=definition, roleArn=role)
    return arn


def _add_skipped_types(endpoint: str) -> None:
    model(
        endpoint, "AWS::Lambda::EventInvokeConfig", "lambda",
        lambda client, name, it: client.put_function_event_invoke_config(**it) and name,
        lambda client, _, it: client.delete_function_event_invoke_config(FunctionName=it["FunctionName"]),
    )
    model(endpoint, "AWS::SNS::TopicPolicy", "sns", _put_topic_policy, lambda *_: None)
    model(
        endpoint, "AWS::S3::BucketPolicy", "s3", _put_bucket_policy,
        lambda s3, _, it: s3.delete_bucket_policy(Bucket=it["Bucket"]),
    )
    model(
        endpoint, "AWS::SNS::Subscription", "sns",
        lambda sns, _, it: sns.subscribe(**it)["SubscriptionArn"],
        lambda sns, arn, _: sns.unsubscribe(SubscriptionArn=arn),
    )
    # A reference to it is its name.
    EventBus.physical_resource_id = property(lambda bus: bus.name)
    model(
        endpoint, "AWS::Events::EventBusPolicy", "events", _put_event_bus_policy,
        lambda events, _, it: events.remove_permission(
            EventBusName=it["EventBusName"], StatementId=it["StatementId"]
        ),
    )
    model(
        endpoint, "AWS::CloudWatch::Alarm", "cloudwatch", _put_alarm,
        lambda cloudwatch, name, _: cloudwatch.delete_alarms(AlarmNames=[name]),
    )
    model(
        endpoint, "AWS::Logs::QueryDefinition", "logs", _put_query, lambda _, name, __: saved_queries.remove(name)
    )
    # moto's own CloudFormation creates state machines where its interpreter does not find them.
    model(
        endpoint, "AWS::StepFunctions::StateMachine", "stepfunctions", _put_state_machine,
        lambda states, arn, _: states.delete_state_machine(stateMachineArn=arn),
        change=_update_state_machine,
    )
    parsing.get_model_map.cache_clear()


def _keep_policies_of_roles(endpoint: str) -> None:
    """moto forgets the managed policies of a role, and cannot answer with its inline policies."""
    create = Role.create_from_cloudformation_json.__func__
    remove = Role.delete_from_cloudformation_json.__func__

    def create_with_policies(cls, name, template, account_id, region, **kwargs):
        role = create(cls, name, template, account_id, region, **kwargs)
        for policy in template["Properties"].get("ManagedPolicyArns", []):
            with acting_for(account_id):
                client_of("iam", region, endpoint).attach_role_policy(RoleName=role.name, PolicyArn=policy)
        role.policies = {
            name: policy if isinstance(policy, str) else json.dumps(policy)
            for name, policy in role.policies.items()
        }
        return role

    def delete_with_policies(cls, name, template, account_id, region):
        role = iam_backends[account_id]["aws"].get_role(name)
        for policy in list(role.managed_policies.values()):
            policy.detach_from(role)
        return remove(cls, name, template, account_id, region)

    Role.create_from_cloudformation_json = classmethod(create_with_policies)
    Role.delete_from_cloudformation_json = classmethod(delete_with_policies)


def _load_managed_policies_once() -> None:
    """AWS's own: only for the account that deploys. In each of thousands they would take moto most of its time."""
    load = IAMBackend._init_aws_policies
    IAMBackend._init_aws_policies = lambda self: load(self) if self.account_id == DEFAULT_ACCOUNT_ID else []


def _refuse_unknown_types() -> None:
    known = parsing.resource_class_from_type

    def resource_class_from_type(resource_type: str) -> Any:
        made = parsing.get_model_map().get(resource_type) or known(resource_type)
        if made is None:
            raise ValidationError(message=f"no model creates a {resource_type}")
        return made

    parsing.resource_class_from_type = resource_class_from_type


def _create_in_reverse_order() -> None:
    """Of a change set moto creates the resources in the order of the template, whatever they depend on."""
    diff = parsing.ResourceMap.build_resource_diff

    def build_resource_diff(self: Any, other_template: dict, parameters: Any = None) -> dict:
        steps = diff(self, other_template, parameters)
        order = _latest_first(other_template["Resources"])
        return {**steps, "Add": sorted(steps["Add"], key=order.index)}

    parsing.ResourceMap.build_resource_diff = build_resource_diff
    parsing.ResourceMap._ResourceMap__get_resources_in_dependency_order = lambda self: _latest_first(
        self._resource_json_map
    )


def _latest_first(resources: dict[str, dict]) -> list[str]:
    """Each resource as early as its DependsOn allows, the last of the template first."""
    order: list[str] = []

    def add(name: str) -> None:
        needed = resources[name].get("DependsOn", [])
        for dependency in [needed] if isinstance(needed, str) else needed:
            add(dependency)
        if name not in order:
            order.append(name)

    for name in reversed(resources):
        add(name)
    return order


def _delete_in_reverse_order() -> None:
    """moto deletes in a random order, and knows the deletion policy `Retain` only."""

    def delete(self: Any) -> None:
        for name, resource in reversed(list(self._parsed_resources.items())):
            definition = self._resource_json_map.get(name)
            if definition and not definition.get("DeletionPolicy", "Delete").startswith("Retain"):
                self._delete_resource(resource, definition)

    parsing.ResourceMap.delete = delete


def _parse_each_template_once() -> None:
    """Thousands of accounts have the same template, and it takes moto longest to read it."""
    parse = lru_cache(maxsize=64)(Stack.parse_template)
    Stack.parse_template = staticmethod(lambda template: deepcopy(parse(template)))


def _cut_generated_names() -> None:
    """CloudFormation cuts what it makes a name of, so that the name is not too long for the service."""
    generate = parsing.generate_resource_name
    parsing.generate_resource_name = lambda resource_type, stack, logical_id: generate(
        resource_type, stack[:24], logical_id[:24]
    )


def _resolve_parameters_once() -> None:
    """In an update moto looks up the value that it found for an SSM parameter as if it were a name."""
    look_up = parsing.ResourceMap.parse_ssm_parameter

    def parse_ssm_parameter(self: Any, value: str, value_type: str) -> str:
        return look_up(self, value, value_type) if value.startswith("/") else value

    parsing.ResourceMap.parse_ssm_parameter = parse_ssm_parameter


def _ask_for_permission() -> None:
    create, update = parsing.parse_and_create_resource, parsing.parse_and_update_resource
    delete = parsing.ResourceMap._delete_resource

    def permitted(work: Callable) -> Callable:
        def checked(logical_id, resource_json, resources, account_id, region_name):
            _require(logical_id, resource_json, resources)
            return work(logical_id, resource_json, resources, account_id, region_name)
        return checked

    def permitted_delete(self, resource, resource_json):
        _require(resource.logical_resource_id, resource_json, self)
        delete(self, resource, resource_json)

    parsing.parse_and_create_resource = permitted(create)
    parsing.parse_and_update_resource = permitted(update)
    parsing.ResourceMap._delete_resource = permitted_delete


def _require(logical_id: str, resource_json: dict, resources: Any) -> None:
    stack = resources["AWS::StackName"]
    if stack.startswith(DEPLOYED):
        require(stack, resource_json["Type"], logical_id, resources._account_id, resources._region_name)


def extend(endpoint: str) -> None:
    """Extends the moto that runs in this process and is served at `endpoint`."""
    _add_skipped_types(endpoint)
    _keep_policies_of_roles(endpoint)
    _load_managed_policies_once()
    _refuse_unknown_types()
    _create_in_reverse_order()
    _delete_in_reverse_order()
    _parse_each_template_once()
    _cut_generated_names()
    _resolve_parameters_once()
    _ask_for_permission()
