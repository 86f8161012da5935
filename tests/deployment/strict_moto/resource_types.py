"""Resource types of the rule's stacks that moto's CloudFormation skips, or creates without what AWS creates.

moto 5.2 reports CREATE_COMPLETE for a type that it skips. The properties of a type:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/.
"""

import json
from typing import Any

from botocore.validate import ParamValidator
from moto.cloudformation.exceptions import ValidationError
from moto.events.models import EventBus
from moto.iam.models import Role

from strict_moto.cloudformation import acting_for, client_of, model

# Names of the saved queries that exist. moto has no API for them.
saved_queries: list[str] = []


def check(client: Any, operation: str, properties: dict) -> None:
    """Checks the properties of a resource that moto lacks against botocore's service model."""
    report = ParamValidator().validate(properties, client.meta.service_model.operation_model(operation).input_shape)
    if report.has_errors():
        raise ValidationError(message=report.generate_report())


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


def _put_parameter(ssm: Any, _: str, properties: dict) -> str:
    # A template has the tags of a parameter as a map, which moto takes for a list.
    tags = [{"Key": key, "Value": value} for key, value in properties.get("Tags", {}).items()]
    ssm.put_parameter(**{name: it for name, it in properties.items() if name != "Tags"}, Tags=tags)
    return properties["Name"]


def _update_parameter(ssm: Any, name: str, properties: dict) -> str:
    ssm.put_parameter(**{name: it for name, it in properties.items() if name != "Tags"}, Overwrite=True)
    return name


def _put_schedule(scheduler: Any, _: str, properties: dict) -> str:
    scheduler.create_schedule(**properties)
    return properties["Name"]


def _update_schedule(scheduler: Any, name: str, properties: dict) -> str:
    scheduler.update_schedule(**properties)
    return name


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
    model(
        endpoint, "AWS::SSM::Parameter", "ssm", _put_parameter,
        lambda ssm, name, _: ssm.delete_parameter(Name=name),
        change=_update_parameter,
    )
    model(
        endpoint, "AWS::Scheduler::Schedule", "scheduler", _put_schedule,
        lambda scheduler, name, _: scheduler.delete_schedule(Name=name),
        change=_update_schedule,
    )
    # moto's CloudFormation creates state machines where its interpreter does not find them.
    model(
        endpoint, "AWS::StepFunctions::StateMachine", "stepfunctions", _put_state_machine,
        lambda states, arn, _: states.delete_state_machine(stateMachineArn=arn),
        change=_update_state_machine,
    )
    # `Ref` of a bus is its name (aws-resource-events-eventbus.html).
    EventBus.physical_resource_id = property(lambda bus: bus.name)


def _attach_policies_to_roles(endpoint: str) -> None:
    """A role has its managed policies, and gives its inline policies as JSON (aws-resource-iam-role.html).

    AWS's own managed policies are left out: moto would load all of them into each account.
    """
    create = Role.create_from_cloudformation_json.__func__

    def create_with_policies(cls, name, template, account_id, region, **kwargs):
        role = create(cls, name, template, account_id, region, **kwargs)
        for policy in template["Properties"].get("ManagedPolicyArns", []):
            if ":iam::aws:policy/" not in policy:
                with acting_for(account_id):
                    client_of("iam", region, endpoint).attach_role_policy(RoleName=role.name, PolicyArn=policy)
        role.policies = {
            name: policy if isinstance(policy, str) else json.dumps(policy)
            for name, policy in role.policies.items()
        }
        return role

    Role.create_from_cloudformation_json = classmethod(create_with_policies)


def extend(endpoint: str) -> None:
    """Extends the moto that runs in this process and is served at `endpoint`."""
    _add_skipped_types(endpoint)
    _attach_policies_to_roles(endpoint)
