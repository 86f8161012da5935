"""Every AWS CLI command in our documents passes AWS's own `cloudformation-validate`.

The tool models a request as the CloudFormation resource that it creates, and checks that resource. It skips a request
that it cannot model exactly, and reports that it did.
"""

import contextlib
import os
import unittest
from unittest import mock

from cloudformation_validate import AwsCliCommand, AwsCliCommandValidationStatus, CompositeEngine

from documents import DOCUMENTS, aws_commands
from local_aws import REPOSITORY
from test_documents import NOBODY, driver, refusal

# Findings that stay: API operation, rule: why. One that no longer comes up fails the test.
ACKNOWLEDGED = {
    ("PutOrganizationConformancePack", "F3031"): "the excluded account comes from a variable of the shell",
    ("UpdateStackSet", "F1101"): "the template comes from a nested command",
    ("PutRolePolicy", "E3510"): "IAM's API takes the policy as text; the resource type takes an object",
}


class EveryCommand(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.enterClassContext(contextlib.chdir(REPOSITORY))
        cls.enterClassContext(mock.patch.dict(os.environ, NOBODY))
        cls.engine = CompositeEngine()
        cls.commands = [(document.name, words) for document in DOCUMENTS for words in aws_commands(document)]
        cls.results = [(place, it) for place, words in cls.commands for it in validated(cls.engine, words)]

    def test_has_no_finding_that_is_not_acknowledged_with_a_reason(self):
        for place, (operation, validation) in self.results:
            for finding in findings(validation):
                with self.subTest(document=place, operation=operation):
                    self.assertIn((operation, finding.rule_id), ACKNOWLEDGED, finding.message)

    def test_that_was_acknowledged_still_has_its_finding(self):
        found = {(operation, it.rule_id) for _, (operation, validation) in self.results for it in findings(validation)}
        self.assertEqual(set(ACKNOWLEDGED) - found, set())
        for reason in ACKNOWLEDGED.values():
            self.assertGreater(len(reason), 20)

    def test_that_makes_a_resource_was_validated(self):
        operations = {
            operation
            for _, (operation, validation) in self.results
            if validation.status == AwsCliCommandValidationStatus.VALIDATED
        }
        self.assertLessEqual(
            {"CreatePolicy", "CreateRole", "PutOrganizationConformancePack", "UpdateStackSet"}, operations
        )

    def test_that_is_wrong_has_a_finding(self):
        wrong = (
            "configservice put-organization-conformance-pack --organization-conformance-pack-name probe "
            "--template-body x --excluded-accounts 1234"
        )
        [(operation, validation)] = validated(self.engine, wrong.split())
        self.assertEqual(operation, "PutOrganizationConformancePack")
        self.assertEqual({it.rule_id for it in findings(validation)}, {"F3031"})


def validated(engine, words):
    """The API operations that the AWS CLI derives from a command, and the validator's findings for each."""
    requests = []

    def note(params, model, **_):
        requests.append((model, dict(params)))

    emitter = driver().session.get_component("event_emitter")
    emitter.register("provide-client-params", note)
    try:
        refusal(words)
    finally:
        emitter.unregister("provide-client-params", note)
    return [
        (
            model.name,
            engine.validate_aws_cli_command(
                AwsCliCommand(
                    model.service_model.service_name, model.name, params, http_method=model.http.get("method")
                )
            ),
        )
        for model, params in requests
    ]


def findings(validation):
    return validation.report.diagnostics if validation.report else []
