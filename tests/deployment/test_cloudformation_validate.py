"""AWS's own `cloudformation-validate` accepts the template of the conformance pack and every synthesized template.

The templates are those of every mode and partition, with every optional feature. Needs no built function and no AWS.
"""

from pathlib import Path
from typing import Iterator

import pytest
from cloudformation_validate import (
    CompositeEngine,
    Diagnostic,
    PseudoParameterOverrides,
    ReportStatus,
    TemplateContent,
    ValidateConfig,
)

from environment import ACCOUNT, REPOSITORY
from synthesis import REGIONS

PACK = REPOSITORY / "cdk/conformance-pack/root-access-key-rule.yaml"

SUFFIXES = {"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com", "aws-cn": "amazonaws.com.cn", "aws-eusc": "amazonaws.eu"}

# Findings that stay: rule, text in its message: why. One that no longer comes up fails the test.
ACKNOWLEDGED = {
    ("I1022", "Fn::Join"): "the CDK writes Fn::Join where it could write Fn::Sub; CloudFormation treats them alike",
    ("I4010", "Context block"): "the block describes the architecture to other tools; the documents describe it to people",
    ("I9001", "create-only"): "a note that a change of it replaces the resource; the changelog says when we change one",
    ("I9040", "supports Tags"): "tags are the operator's, by the setting `tags`; those of a StackSet reach the members",
    ("W1001", "'HasAlertEmail'"): "the topic is referred to in an Fn::If of the condition that it is made under",
    ("W1030", "default '' has length 0"): "a parameter that is empty by default is used only where it is not empty",
}


@pytest.fixture(scope="module")
def engine() -> CompositeEngine:
    return CompositeEngine()


@pytest.fixture(scope="module")
def findings(engine, templates) -> list[tuple[str, Diagnostic]]:
    """Every finding on every template, with where it was found."""
    placed = [(partition, path) for (_, partition), paths in templates.items() for path in paths]
    placed += [(partition, PACK) for partition in REGIONS]
    return [
        (f"{path.parent.name}/{path.name} in {partition}", finding)
        for partition, path in placed
        for finding in findings_on(engine, path, partition)
    ]


def test_every_finding_is_acknowledged_with_a_reason(findings):
    assert [
        f"{place}: {it.rule_id} {it.entity and it.entity.logical_id} {it.property_path}: {it.message}"
        for place, it in findings
        if not any(acknowledges(entry, it) for entry in ACKNOWLEDGED)
    ] == []


def test_every_acknowledgement_still_has_its_finding(findings):
    assert [entry for entry in ACKNOWLEDGED if not any(acknowledges(entry, it) for _, it in findings)] == []
    assert all(len(reason) > 20 for reason in ACKNOWLEDGED.values())


@pytest.mark.parametrize(
    "rule, resources",
    [
        ("W3005", '{"A": {"Type": "AWS::SNS::Topic"}, "B": {"Type": "AWS::SNS::TopicPolicy", "DependsOn": "A", '
         '"Properties": {"Topics": [{"Ref": "A"}], "PolicyDocument": {}}}}'),
        ("F1101", "{"),
    ],
)
def test_it_finds_what_is_wrong_with_a_bad_template(engine, rule, resources):
    report = engine.validate_template(TemplateContent(f'{{"Resources": {resources}}}'))
    assert rule in {it.rule_id for it in report.diagnostics}


def acknowledges(entry: tuple[str, str], finding: Diagnostic) -> bool:
    rule, text = entry
    return finding.rule_id == rule and text in finding.message


def findings_on(engine: CompositeEngine, template: Path, partition: str) -> Iterator[Diagnostic]:
    place = PseudoParameterOverrides(
        account_id=ACCOUNT, partition=partition, region=REGIONS[partition], url_suffix=SUFFIXES[partition]
    )
    report = engine.validate_template(str(template), ValidateConfig(pseudo_parameter_overrides=place))
    # With another status, findings may be missing.
    assert report.status == ReportStatus.OK, f"{template} in {partition}: {report.status}"
    assert report.metadata.resources_scanned
    return report.diagnostics
