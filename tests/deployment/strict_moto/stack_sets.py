"""Makes moto's StackSets as strict as AWS's where a rollout to an organization depends on it.

Each account succeeds or fails alone, the management account is left out, a suspended account is skipped, and an update
reaches every account:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-associate-stackset-with-org.html
moto 5.2 creates the stacks in the accounts of its own organization, the management account included, all or none,
forgets whose they are, and never changes them.
"""

import uuid
from typing import Any, Callable, Iterator

from moto.cloudformation import models
from moto.cloudformation.exceptions import ValidationError
from moto.organizations.models import FakeAccount, OrganizationsBackend

from strict_moto.cloudformation import FAILURES, acting_account, model
from strict_moto.published_code import organization_of


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
        # AWS also tries again to create a stack that failed.
        if self.detailed_status == "SUCCEEDED":
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
        _regions(stack_set),
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
    stack_set = _stack_set(cloudformation, name)
    stack_set.instances.delete([it.account_id for it in stack_set.stack_instances], _regions(stack_set))
    cloudformation.delete_stack_set(StackSetName=name)


def _regions(stack_set: models.StackSet) -> list[str]:
    return sorted({it.region_name for it in stack_set.stack_instances})


def extend(endpoint: str) -> None:
    """Extends the moto that runs in this process and is served at `endpoint`."""
    _instances_in_members()
    model(
        endpoint, "AWS::CloudFormation::StackSet", "cloudformation",
        _put_stack_set, _delete_stack_set, change=_change_stack_set,
    )
