"""Why AWS Security Hub would reject a finding, by botocore's service model and the limits that AWS documents.

https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html
https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html
"""

import re
from typing import Any, Iterator

import boto3
from botocore.validate import ParamValidator

# Path of a text: the most characters that it may have.
LENGTHS = {
    "Id": 512, "ProductArn": 2048, "GeneratorId": 512, "Title": 256, "Description": 1024,
    "Remediation.Recommendation.Text": 512, "FindingProviderFields.Severity.Original": 64,
    "Compliance.RelatedRequirements": 64, "Resources.Type": 256, "Resources.Region": 16, "ProductFields": 2048,
}
# Path of a list or map: the most members that it may have.
SIZES = {"Compliance.RelatedRequirements": 32, "FindingProviderFields.Types": 50, "ProductFields": 50, "Resources": 32}
# What providers must set under `FindingProviderFields`, and what only the account's own people may set.
NOT_THE_PROVIDERS = {"Severity", "Types", "Confidence", "Criticality", "RelatedFindings"}
KEPT = {"Note", "UserDefinedFields", "VerificationState", "Workflow"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
NAMESPACES = {
    "Software and Configuration Checks", "TTPs", "Effects", "Unusual Behaviors", "Sensitive Data Identifications",
}


def problems(finding: dict, account: str, region: str) -> list[str]:
    """Why Security Hub of the account would reject the finding."""
    model = boto3.client("securityhub", region_name=region).meta.service_model
    shape = model.operation_model("BatchImportFindings").input_shape
    found = [str(ParamValidator().validate({"Findings": [finding]}, shape).generate_report())]
    for path, name, member in _members(shape.members["Findings"].member, finding):
        found += _problems_of(path, name, member)
    if finding.get("AwsAccountId") != account:
        found.append("AwsAccountId is not the account of the caller")
    if finding.get("ProductArn") != f"arn:aws:securityhub:{region}:{account}:product/{account}/default":
        found.append("ProductArn is not the default product of the account")
    found += [f"{name} belongs under FindingProviderFields" for name in NOT_THE_PROVIDERS & finding.keys()]
    found += [f"{name} cannot be imported" for name in KEPT & finding.keys()]
    found += [f"{name} is no time" for name in ("CreatedAt", "UpdatedAt") if not TIME.fullmatch(finding.get(name, ""))]
    for it in finding.get("FindingProviderFields", {}).get("Types", []):
        if it.split("/")[0] not in NAMESPACES or it.count("/") > 2:
            found.append(f"no type of a finding: {it}")
    return [it for it in found if it]


def _members(shape: Any, value: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every member of a value at any depth, as its path, its shape and its value. Members of lists have the list's path."""
    yield path, shape, value
    if shape.type_name == "structure":
        for name, it in value.items():
            if name in shape.members:
                yield from _members(shape.members[name], it, f"{path}.{name}".lstrip("."))
    elif shape.type_name == "list":
        for it in value:
            yield from _members(shape.member, it, path)
    elif shape.type_name == "map":
        for it in value.values():
            yield from _members(shape.value, it, path)


def _problems_of(path: str, shape: Any, value: Any) -> Iterator[str]:
    if isinstance(value, str):
        pattern, values = shape.metadata.get("pattern"), shape.metadata.get("enum")
        if len(value) > LENGTHS.get(path, 2048):
            yield f"{path} has {len(value)} characters"
        if pattern and not re.search(pattern, value):
            yield f"{path} does not match {pattern}"
        if values and value not in values:
            yield f"{path} must be one of {values}"
    elif isinstance(value, (list, dict)) and len(value) > SIZES.get(path, 100):
        yield f"{path} has {len(value)} members"
