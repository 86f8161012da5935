"""The custom resource that publishes a build, whose function moto could run only with Docker.

CloudFormation invokes the function, which copies the build if its role allows that:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html
Here the copy is made without the function; botocore's service model checks every parameter.
"""

import json
from typing import Any

from moto.awslambda.utils import get_backend
from moto.cloudformation.exceptions import ValidationError

from strict_moto.cloudformation import acting_account, client_of, model
from policies.evaluation import allowed, policies_of


def _publish(property_name: str, endpoint: str):
    def publish(aws_lambda: Any, _: str, properties: dict) -> str:
        account, region = acting_account(), aws_lambda.meta.region_name
        role = get_backend(account, region).get_function(properties["ServiceToken"]).role
        call = json.loads(properties[property_name])
        assert (call["service"], call["action"]) == ("S3", "CopyObject")
        parameters = call["parameters"]
        policies = list(policies_of(role.rpartition("/")[2], account))
        for action, resource in (
            ("s3:GetObject", f"arn:aws:s3:::{parameters['CopySource']}"),
            ("s3:PutObject", f"arn:aws:s3:::{parameters['Bucket']}/{parameters['Key']}"),
        ):
            if not allowed(policies, action, resource):
                raise ValidationError(message=f"{role} is not authorized to perform: {action} on resource: {resource}")
        client_of("s3", region, endpoint).copy_object(**parameters)
        return call["physicalResourceId"]["id"]

    return publish


def _keep(_: Any, name: str, properties: dict) -> None:
    assert "Delete" not in properties, f"the build {name} would be deleted"


def extend(endpoint: str) -> None:
    """Extends the moto that runs in this process and is served at `endpoint`."""
    model(
        endpoint, "Custom::PublishedBuild", "lambda",
        _publish("Create", endpoint), _keep, change=_publish("Update", endpoint),
    )
