"""Makes moto's StackSets as strict as AWS's where a rollout to an organization depends on it.

moto 5.2 makes the stacks of a service-managed StackSet in the accounts of its
own organization, the management account included, all or none, forgets whose
they are, and never changes them. Here each account succeeds or fails alone,
the management account is left out, a suspended one is skipped, an update
reaches every account, and a function's code must be readable for the account
by the policy of the bucket that it comes from.
"""

import json
import uuid
from fnmatch import fnmatchcase
from typing import Any, Callable, Iterator

from moto.awslambda import models as awslambda
from moto.cloudformation import models
from moto.cloudformation.exceptions import ValidationError
from moto.iam.access_control import PermissionResult
from moto.organizations.models import FakeAccount, OrganizationsBackend, organizations_backends
from moto.s3.models import FakeBucket, s3_backends

from strict_moto.cloudformation import FAILURES, acting_account, model


def organization_of(account_id: str) -> OrganizationsBackend:
    """The organization that the account belongs to, as its management account knows it."""
    management, partition = organizations_backends.master_accounts.get(account_id, (account_id, "aws"))
    return organizations_backends[management][partition]


class Instance(models.StackInstance):
    """The stack of a StackSet in one account; it fails alone, and then leaves nothing there."""

    __module__ = models.__name__  # moto files a model under the service that its module is named after

    def __init__(self, account: FakeAccount, **properties: Any):
        self.unit = account.parent_id
        self.status, self.detailed_status, self.reason = "OUTDATED", "SKIPPED_SUSPENDED_ACCOUNT", ""
        if account.status == "SUSPENDED":
            self.account_id, self.region_name = account.id, properties["region_name"]
            self.stackset_id, self.stack_name, self.parameters = properties["stackset_id"], "", []
            return
        self._attempt(lambda: super(Instance, self).__init__(account_id=account.id, **properties))
        if self.reason:
            self.stack.delete()

    def change(self, template: str, parameters: dict[str, str]) -> None:
        if self.detailed_status != "SKIPPED_SUSPENDED_ACCOUNT":
            self._attempt(lambda: self.stack.update(template, parameters=parameters))

    def delete(self) -> None:
        if self.status == "CURRENT":
            self.stack.delete()

    def _attempt(self, work: Callable[[], None]) -> None:
        try:
            work()
            self.status, self.detailed_status, self.reason = "CURRENT", "SUCCEEDED", ""
        except FAILURES as error:
            self.status, self.detailed_status = "OUTDATED", "FAILED"
            self.reason = getattr(error, "message", None) or str(error)

    def to_dict(self) -> dict[str, Any]:
        return {
            **super().to_dict(),
            "Status": self.status,
            "StatusReason": self.reason,
            "StackInstanceStatus": {"DetailedStatus": self.detailed_status},
            "OrganizationalUnitId": self.unit,
        }


def _members(organization: OrganizationsBackend, units: list[str]) -> Iterator[FakeAccount]:
    """The accounts below the units, never the management account."""
    below = set(units)
    while more := {unit.id for unit in organization.ou if unit.parent_id in below} - below:
        below |= more
    for account in organization.accounts:
        if account.parent_id in below and account.id != organization.account_id:
            yield account


def _instances_in_members() -> None:
    def create_instances(self, accounts, regions, parameters, deployment_targets, permission_model):
        there = {(it.account_id, it.region_name) for it in self.stack_instances}
        new = [
            Instance(
                account,
                region_name=region,
                stackset_id=self.stackset_id,
                stack_name=self.stack_name,
                name=f"StackSet-{self.stackset_name}-{uuid.uuid4()}",
                template=self.template,
                parameters=parameters,
                permission_model=permission_model,
            )
            for account in _members(organization_of(self.account_id), deployment_targets["OrganizationalUnitIds"])
            for region in regions
            if (account.id, region) not in there
        ]
        self.stack_instances += new
        return [it.to_dict() for it in new]

    models.StackInstances.create_instances = create_instances


def _stack_set(cloudformation: Any, name: str) -> models.StackSet:
    region = cloudformation.meta.region_name
    return models.cloudformation_backends[acting_account()][region].describe_stack_set(name)


def _put_stack_set(cloudformation: Any, _: str, properties: dict) -> str:
    """As the handler of the resource type does; botocore's service model looks at every property."""
    description, groups, preferences = _parted(properties)
    administrator = acting_account()
    caller = "SELF" if organization_of(administrator).account_id == administrator else "DELEGATED_ADMIN"
    if description.get("CallAs", "SELF") != caller:
        raise ValidationError(message=f"CallAs must be {caller} in this account of the organization")
    cloudformation.create_stack_set(**description)
    for group in groups:
        cloudformation.create_stack_instances(
            StackSetName=description["StackSetName"], CallAs=caller, OperationPreferences=preferences, **group
        )
    try:
        return _tolerated(cloudformation, description["StackSetName"], preferences)
    except ValidationError:
        # What CloudFormation could not make it takes back.
        _delete_stack_set(cloudformation, description["StackSetName"], properties)
        raise


def _change_stack_set(cloudformation: Any, name: str, properties: dict) -> str:
    description, groups, preferences = _parted(properties)
    cloudformation.update_stack_set(OperationPreferences=preferences, **description)
    stack_set = _stack_set(cloudformation, name)
    wanted = {unit for group in groups for unit in group["DeploymentTargets"]["OrganizationalUnitIds"]}
    stay = {account.id for account in _members(organization_of(acting_account()), list(wanted))}
    stack_set.instances.delete(
        [it.account_id for it in stack_set.stack_instances if it.account_id not in stay],
        [cloudformation.meta.region_name],
    )
    stack_set.instances.template, parameters = stack_set.template, dict(stack_set.parameters)
    for instance in stack_set.stack_instances:
        instance.change(stack_set.template, parameters)
    for group in groups:
        cloudformation.create_stack_instances(StackSetName=name, OperationPreferences=preferences, **group)
    return _tolerated(cloudformation, name, preferences)


def _parted(properties: dict) -> tuple[dict, list[dict], dict]:
    description = dict(properties)
    groups, preferences = description.pop("StackInstancesGroup"), description.pop("OperationPreferences")
    return description, groups, {key: int(it) if it.isdigit() else it for key, it in _texts(preferences)}


def _texts(properties: dict) -> Iterator[tuple[str, str]]:
    return ((key, str(it)) for key, it in properties.items())


def _tolerated(cloudformation: Any, name: str, preferences: dict) -> str:
    instances = _stack_set(cloudformation, name).stack_instances
    failed = [it for it in instances if it.detailed_status == "FAILED"]
    if len(failed) * 100 > preferences["FailureTolerancePercentage"] * len(instances):
        raise ValidationError(message=f"{len(failed)} of {len(instances)} stack instances failed: {failed[0].reason}")
    return name


def _delete_stack_set(cloudformation: Any, name: str, _: dict) -> None:
    instances = _stack_set(cloudformation, name).instances
    instances.delete([it.account_id for it in instances.stack_instances], [cloudformation.meta.region_name])
    cloudformation.delete_stack_set(StackSetName=name)


def _leave_bucket_policies_to_us() -> None:
    """moto passes over most conditions, and takes a Deny without TLS for a Deny."""
    FakeBucket.get_permission = lambda self, action, resource: PermissionResult.NEUTRAL


def _code_must_be_readable() -> None:
    """moto reads the code of a function from whatever bucket it is in."""
    create = awslambda.LambdaFunction.create_from_cloudformation_json.__func__
    update = awslambda.LambdaFunction.update_from_cloudformation_json.__func__

    def create_readable(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        code = cloudformation_json["Properties"]["Code"]
        require_readable(code["S3Bucket"], code["S3Key"], account_id)
        return create(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs)

    def update_readable(
        cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name
    ):
        code = cloudformation_json["Properties"]["Code"]
        require_readable(code["S3Bucket"], code["S3Key"], account_id)
        return update(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name)

    awslambda.LambdaFunction.create_from_cloudformation_json = classmethod(create_readable)
    awslambda.LambdaFunction.update_from_cloudformation_json = classmethod(update_readable)
    # All functions of a build hold one copy of it.
    content, read = awslambda._s3_content, {}
    awslambda._s3_content = lambda key: read.get(key.etag) or read.setdefault(key.etag, content(key))


def require_readable(bucket_name: str, key: str, account_id: str) -> None:
    """Fails as Lambda does when the policy of the bucket does not let the account in."""
    bucket = s3_backends[account_id]["aws"].get_bucket(bucket_name)
    if bucket.account_id == account_id:
        return
    policy = json.loads(bucket.policy or '{"Statement": []}')
    organization = organization_of(account_id).org
    context = {
        "aws:SecureTransport": "true",
        "aws:PrincipalOrgID": organization.id if organization else None,
    }
    asked = ("s3:GetObject", f"arn:aws:s3:::{bucket_name}/{key}", context)
    effects = {it["Effect"] for it in policy["Statement"] if _applies(it, *asked)}
    if effects != {"Allow"}:
        raise ValidationError(message="Your access has been denied by S3, please make sure your request credentials "
                              f"have permission to GetObject for {bucket_name}/{key}")


def _applies(statement: dict, action: str, resource: str, context: dict[str, str | None]) -> bool:
    def matches(element: str, value: str) -> bool:
        patterns = statement[element]
        return any(fnmatchcase(value, it) for it in ([patterns] if isinstance(patterns, str) else patterns))

    conditions = statement.get("Condition", {})
    assert set(conditions) <= {"StringEquals", "Bool"}, f"unknown condition operators in {conditions}"
    return (
        statement["Principal"] == {"AWS": "*"}
        and matches("Action", action)
        and matches("Resource", resource)
        and all(context[key] == value for it in conditions.values() for key, value in it.items())
    )


def extend(endpoint: str) -> None:
    """Extends the moto that runs in this process and is served at `endpoint`."""
    _instances_in_members()
    _leave_bucket_policies_to_us()
    _code_must_be_readable()
    model(
        endpoint, "AWS::CloudFormation::StackSet", "cloudformation",
        _put_stack_set, _delete_stack_set, change=_change_stack_set,
    )
