"""Makes moto's CloudFormation as strict as AWS's where the rule's stacks depend on it.

Each patch names the fact about AWS that it adds and, where AWS documents it, the page.
"""

import json
import threading
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Any, Callable, Iterator

import boto3
from botocore.exceptions import ClientError
from moto.cloudformation import parsing
from moto.cloudformation.exceptions import AlreadyExistsException, ValidationError
from moto.cloudformation.models import CloudFormationBackend
from moto.core.common_models import CloudFormationModel
from moto.core.exceptions import ServiceException
from werkzeug.exceptions import HTTPException

from policies.evaluation import require
from strict_moto.published_code import require_readable

# Stacks that are deployed with the role of the bootstrap. The others are the bootstrap itself, and those that
# StackSets and AWS Config create in members.
DEPLOYED = "RootAccessKeyRule"

# How moto and botocore refuse a resource.
FAILURES = (ServiceException, HTTPException, ClientError, ValueError)

_acting = threading.local()


@contextmanager
def acting_for(account_id: str) -> Iterator[None]:
    """Makes the calls of this thread through `client_of` those of the account."""
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
    """Adds a CloudFormation resource type that moto lacks, by the API of a service; botocore checks each property.

    `put(client, name, properties)` creates or changes a resource and returns its physical id. If a change takes
    other calls, `change` makes them.
    """

    def create(cls, name, template, account_id, region, put=put, **_):
        resource = cls()
        resource.properties, resource.place = template["Properties"], (account_id, region)
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

    added = type(
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
    parsing.get_model_map.cache_clear()
    return added


def _check_each_step() -> None:
    """CloudFormation calls a service with its own role, and fails for a type or code that it cannot read.

    moto asks for no permission, skips types that it does not know, and reads code from any bucket. For code in a bucket
    see `published_code`; for the role, https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
    """
    parse, delete = parsing.parse_resource_and_generate_name, parsing.ResourceMap._delete_resource

    def checked(logical_id: str, resource_json: dict, resources: Any) -> tuple:
        _require(logical_id, resource_json, resources)
        resource_type = resource_json["Type"]
        parsed = parse(logical_id, resource_json, resources)
        if parsed is None:
            raise ValidationError(message=f"no model creates a {resource_type}")
        _, properties, name = parsed
        if resource_type == "AWS::Lambda::Function":
            code = properties["Properties"]["Code"]
            require_readable(code["S3Bucket"], code["S3Key"], resources._account_id)
        # moto has one class for all custom resources.
        return parsing.get_model_map().get(resource_type, parsed[0]), properties, name

    def checked_delete(resources: Any, resource: Any, resource_json: dict) -> None:
        _require(resource.logical_resource_id, resource_json, resources)
        delete(resources, resource, resource_json)

    parsing.parse_resource_and_generate_name = checked
    parsing.ResourceMap._delete_resource = checked_delete


def _require(logical_id: str, resource_json: dict, resources: Any) -> None:
    stack = resources["AWS::StackName"]
    if stack.startswith(DEPLOYED):
        require(stack, resource_json["Type"], logical_id, resources._account_id, resources._region_name)


def _create_in_reverse_order() -> None:
    """CloudFormation keeps no order but that of references and `DependsOn`.

    moto creates in the order of the template, which hides a missing `DependsOn`. The reverse order shows it.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-dependson.html
    """
    parsing.ResourceMap._ResourceMap__get_resources_in_dependency_order = lambda resources: _latest_first(
        resources._resource_json_map
    )


def _latest_first(resources: dict[str, dict]) -> list[str]:
    """Each resource as early as its references and DependsOn allow, the last of the template first.

    moto creates what a resource refers to with it, but without the DependsOn of that.
    """
    order: list[str] = []

    def add(name: str) -> None:
        needed = resources[name].get("DependsOn", [])
        properties = json.dumps(resources[name].get("Properties", {}), default=str)
        referred = [it for it in resources if it != name and (f'"Ref": "{it}"' in properties or f'["{it}", ' in properties)]
        for dependency in [*([needed] if isinstance(needed, str) else needed), *referred]:
            add(dependency)
        if name not in order:
            order.append(name)

    for name in reversed(resources):
        add(name)
    return order


def _delete_in_reverse_order() -> None:
    """CloudFormation deletes what refers to a resource before it, and retains for `RetainExceptOnCreate`, too.

    moto deletes in a random order and knows `Retain` only.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
    """

    def delete(resources: Any) -> None:
        for name, resource in reversed(list(resources._parsed_resources.items())):
            definition = resources._resource_json_map.get(name)
            if definition and not definition.get("DeletionPolicy", "Delete").startswith("Retain"):
                resources._delete_resource(resource, definition)
                del resources._parsed_resources[name]

    parsing.ResourceMap.delete = delete


def _roll_back() -> None:
    """A stack that fails is rolled back, and its events say why. moto leaves it as it is.

    The previous value of a parameter is its default if the stack was created with it; moto does not find it.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
    """
    create, update = CloudFormationBackend.create_stack, CloudFormationBackend.update_stack

    def attempt(backend: Any, name: str, kind: str, status: str, work: Callable) -> Any:
        try:
            return work()
        except FAILURES as error:
            if isinstance(error, AlreadyExistsException) or not name.startswith(DEPLOYED):
                raise
            stack = backend.get_stack(name)
            stack._add_stack_event(f"{kind}_FAILED", resource_status_reason=getattr(error, "message", str(error)))
            if kind == "CREATE":
                stack.resource_map.delete()
            stack.status = status
            return stack

    def create_stack(backend: Any, name: str, *arguments: Any, **named: Any) -> Any:
        work = partial(create, backend, name, *arguments, **named)
        return attempt(backend, name, "CREATE", "ROLLBACK_COMPLETE", work)

    def update_stack(backend: Any, name: str, parameters: list[dict], **named: Any) -> Any:
        given = backend.get_stack(name).parameters
        known = [it for it in parameters if "ParameterValue" in it or it["ParameterKey"] in given]
        work = partial(update, backend, name, parameters=known, **named)
        return attempt(backend, name, "UPDATE", "UPDATE_ROLLBACK_COMPLETE", work)

    CloudFormationBackend.create_stack = create_stack
    CloudFormationBackend.update_stack = update_stack


def extend(_: str) -> None:
    """Extends the moto that runs in this process."""
    _check_each_step()
    _create_in_reverse_order()
    _delete_in_reverse_order()
    _roll_back()
