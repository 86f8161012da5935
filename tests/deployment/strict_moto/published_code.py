"""Lambda reads the code of a function from a bucket only if the policy of the bucket allows it to the account.

moto reads any bucket, passes over most conditions of a policy, and takes a Deny without TLS for a Deny. Here the policy
is read as IAM documents it, for a request over TLS:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import json
from fnmatch import fnmatchcase

from moto.cloudformation.exceptions import ValidationError
from moto.iam.access_control import PermissionResult
from moto.organizations.models import OrganizationsBackend, organizations_backends
from moto.s3.models import FakeBucket, s3_backends


def organization_of(account_id: str) -> OrganizationsBackend:
    """The organization that the account belongs to, as its management account knows it."""
    management, partition = organizations_backends.master_accounts.get(account_id, (account_id, "aws"))
    return organizations_backends[management][partition]


def require_readable(bucket_name: str, key: str, account_id: str) -> None:
    """Fails as Lambda does if the policy of the bucket does not allow the account to read the object."""
    bucket = s3_backends[account_id]["aws"].get_bucket(bucket_name)
    if bucket.account_id == account_id:
        return
    policy = json.loads(bucket.policy or '{"Statement": []}')
    organization = organization_of(account_id).org
    context = {"aws:SecureTransport": "true", "aws:PrincipalOrgID": organization.id if organization else None}
    request = ("s3:GetObject", f"arn:aws:s3:::{bucket_name}/{key}", context)
    if {it["Effect"] for it in policy["Statement"] if _applies(it, *request)} != {"Allow"}:
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


def extend(_: str) -> None:
    """Extends the moto that runs in this process."""
    FakeBucket.get_permission = lambda bucket, action, resource: PermissionResult.NEUTRAL
