"""Makes moto's CloudFormation as strict as AWS's where the rule's stacks depend on it.

moto 5.2 reports CREATE_COMPLETE for resource types that it skips, creates
resources in the order of the template, deletes them in any, and asks nobody
for permission. Here
the skipped types are made through moto's own API with boto3, so botocore's
service models check every property; a ConfigRule is refused unless AWS Config
may call its function; resources are made in the *reverse* order of the
template wherever no reference or DependsOn forbids it; and each step needs
what the deployment policy grants.
"""

import json
from typing import Any, Callable

import boto3
from botocore.validate import ParamValidator
from moto.cloudformation import parsing
from moto.cloudformation.exceptions import CloudFormationError, ValidationError
from moto.cloudformation.models import CloudFormationBackend
from moto.core.common_models import CloudFormationModel
from moto.iam.models import Role

from deployment_permissions import require

BOOTSTRAP_STACK = "CDKToolkit"


def _client(service: str, region: str, endpoint: str) -> Any:
    return boto3.client(service, region_name=region, endpoint_url=endpoint)


def _model(endpoint: str, resource_type: str, service: str, put: Callable, remove: Callable) -> type:
    """A CloudFormation resource type that exists through the API of a service.

    `put(client, name, properties)` makes or changes it and returns its physical id.
    """

    def create(cls, name, template, account_id, region, **_):
        resource = cls()
        resource.properties = template["Properties"]
        client = _client(service, region, endpoint)
        resource.physical_resource_id = put(client, name, resource.properties)
        resource.name = resource.physical_resource_id
        return resource

    def update(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
        name = original_resource.physical_resource_id
        return create(cls, name, cloudformation_json, account_id, region_name)

    def delete(self, account_id, region):
        remove(_client(service, region, endpoint), self.physical_resource_id, self.properties)

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


def _put_config_rule(endpoint: str) -> Callable:
    def put(config: Any, _: str, rule: dict) -> str:
        function = rule["Source"]["SourceIdentifier"]
        aws_lambda = _client("lambda", config.meta.region_name, endpoint)
        if not _config_may_invoke(aws_lambda, function):
            raise ValidationError(message=(
                f"The AWS Lambda function {function} cannot be invoked. Check the specified "
                "function ARN, and check the function's permissions"
            ))
        config.put_config_rule(ConfigRule=rule)
        return rule["ConfigRuleName"]

    return put


def _config_may_invoke(aws_lambda: Any, function: str) -> bool:
    try:
        policy = json.loads(aws_lambda.get_policy(FunctionName=function)["Policy"])
    except aws_lambda.exceptions.ResourceNotFoundException:
        return False
    account = function.split(":")[4]
    return any(
        statement["Effect"] == "Allow"
        and statement["Action"] == "lambda:InvokeFunction"
        and statement["Principal"] == {"Service": "config.amazonaws.com"}
        and statement.get("Condition", {}).get("StringEquals", {}).get("AWS:SourceAccount", account) == account
        for statement in policy["Statement"]
    )


def _put_topic_policy(sns: Any, name: str, properties: dict) -> str:
    policy = json.dumps(properties["PolicyDocument"])
    for topic in properties["Topics"]:
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    return name


def _put_alarm(cloudwatch: Any, name: str, properties: dict) -> str:
    cloudwatch.put_metric_alarm(AlarmName=name, **properties)
    return name


# Names of the saved queries that there are; moto has none.
saved_queries: list[str] = []


def _put_query(logs: Any, _: str, properties: dict) -> str:
    properties = {key[0].lower() + key[1:]: value for key, value in properties.items()}
    shape = logs.meta.service_model.operation_model("PutQueryDefinition").input_shape
    report = ParamValidator().validate(properties, shape)
    if report.has_errors():
        raise ValidationError(message=report.generate_report())
    saved_queries.append(properties["name"])
    return properties["name"]


def _add_skipped_types(endpoint: str) -> None:
    _model(
        endpoint, "AWS::Config::ConfigRule", "config", _put_config_rule(endpoint),
        lambda config, name, _: config.delete_config_rule(ConfigRuleName=name),
    )
    _model(
        endpoint, "AWS::Lambda::EventInvokeConfig", "lambda",
        lambda client, name, it: client.put_function_event_invoke_config(**it) and name,
        lambda client, _, it: client.delete_function_event_invoke_config(FunctionName=it["FunctionName"]),
    )
    _model(endpoint, "AWS::SNS::TopicPolicy", "sns", _put_topic_policy, lambda *_: None)
    _model(
        endpoint, "AWS::SNS::Subscription", "sns",
        lambda sns, _, it: sns.subscribe(**it)["SubscriptionArn"],
        lambda sns, arn, _: sns.unsubscribe(SubscriptionArn=arn),
    )
    _model(
        endpoint, "AWS::CloudWatch::Alarm", "cloudwatch", _put_alarm,
        lambda cloudwatch, name, _: cloudwatch.delete_alarms(AlarmNames=[name]),
    )
    _model(
        endpoint, "AWS::Logs::QueryDefinition", "logs", _put_query, lambda _, name, __: saved_queries.remove(name)
    )
    parsing.get_model_map.cache_clear()


def _keep_policies_of_roles(endpoint: str) -> None:
    """moto forgets the managed policies of a role, and cannot answer with its inline policies."""
    create = Role.create_from_cloudformation_json.__func__

    def create_with_policies(cls, name, template, account_id, region, **kwargs):
        role = create(cls, name, template, account_id, region, **kwargs)
        for policy in template["Properties"].get("ManagedPolicyArns", []):
            iam = _client("iam", region, endpoint)
            iam.attach_role_policy(RoleName=role.name, PolicyArn=policy)
        role.policies = {
            name: policy if isinstance(policy, str) else json.dumps(policy)
            for name, policy in role.policies.items()
        }
        return role

    Role.create_from_cloudformation_json = classmethod(create_with_policies)


def _refuse_unknown_types() -> None:
    known = parsing.resource_class_from_type

    def resource_class_from_type(resource_type: str) -> Any:
        model = known(resource_type)
        # Left to moto, as it makes them or skips them: what only `cdk bootstrap` needs.
        if model is None and resource_type != "AWS::S3::BucketPolicy":
            raise ValidationError(message=f"nothing in this rehearsal makes a {resource_type}")
        return model

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


class ChangeSetNotFound(CloudFormationError):
    code = "ChangeSetNotFound"


def _answer_for_deleted_change_sets() -> None:
    """The CDK CLI deletes the change set of its last deployment and looks until it is gone."""
    describe, delete = CloudFormationBackend.describe_change_set, CloudFormationBackend.delete_change_set

    def known(self: Any, name: str) -> bool:
        return name in self.change_sets or any(it.change_set_name == name for it in self.change_sets.values())

    def describe_change_set(self: Any, change_set_name: str) -> Any:
        if not known(self, change_set_name):
            raise ChangeSetNotFound(f"ChangeSet [{change_set_name}] does not exist")
        return describe(self, change_set_name)

    def delete_change_set(self: Any, change_set_name: str) -> None:
        if known(self, change_set_name):
            delete(self, change_set_name)

    CloudFormationBackend.describe_change_set = describe_change_set
    CloudFormationBackend.delete_change_set = delete_change_set


def _resolve_parameters_once() -> None:
    """In an update moto looks up the value that it found for an SSM parameter as if it were a name."""
    look_up = parsing.ResourceMap.parse_ssm_parameter

    def parse_ssm_parameter(self: Any, value: str, value_type: str) -> str:
        return look_up(self, value, value_type) if value.startswith("/") else value

    parsing.ResourceMap.parse_ssm_parameter = parse_ssm_parameter


def _ask_for_permission() -> None:
    create, update = parsing.parse_and_create_resource, parsing.parse_and_update_resource
    delete = parsing.ResourceMap._delete_resource

    def permitted(step: str, work: Callable) -> Callable:
        def checked(logical_id, resource_json, resources, account_id, region_name):
            _require(step, logical_id, resource_json, resources)
            return work(logical_id, resource_json, resources, account_id, region_name)
        return checked

    def permitted_delete(self, resource, resource_json):
        _require("delete", resource.logical_resource_id, resource_json, self)
        delete(self, resource, resource_json)

    parsing.parse_and_create_resource = permitted("create", create)
    parsing.parse_and_update_resource = permitted("update", update)
    parsing.ResourceMap._delete_resource = permitted_delete


def _require(step: str, logical_id: str, resource_json: dict, resources: Any) -> None:
    stack = resources["AWS::StackName"]
    if stack != BOOTSTRAP_STACK:
        require(step, resource_json["Type"], f"{stack}-{logical_id}", resources._account_id, resources._region_name)


def extend(endpoint: str) -> None:
    """Extends the moto that runs in this process and is served at `endpoint`."""
    _add_skipped_types(endpoint)
    _keep_policies_of_roles(endpoint)
    _refuse_unknown_types()
    _create_in_reverse_order()
    _delete_in_reverse_order()
    _answer_for_deleted_change_sets()
    _resolve_parameters_once()
    _ask_for_permission()
