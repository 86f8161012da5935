"""botocore's models of the services check every request that the function and `root-keys status` sent."""

import copy
import os
import subprocess
import unittest

from service_model import defects
from local_aws import BINARIES, ORGANIZATION, LocalAws


class EveryRequest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with LocalAws() as local_aws:
            cls.code = local_aws.stop()
            cls.requests = local_aws.requests

    def test_matches_the_service_model(self):
        for request in self.requests:
            self.assertEqual(defects(request), [], request)
        sent = {request["operation"] for request in self.requests}
        self.assertEqual(
            sent,
            {"GetAccountSummary", "GetCredentialReport", "GenerateCredentialReport", "PutEvaluations"},
        )

    def test_is_signed_by_the_account_it_is_about(self):
        for request in self.requests:
            self.assertEqual(request["signature"]["access_key_id"][-12:], request["account"])
            for evaluation in request["parameters"].get("Evaluations", []):
                self.assertEqual(evaluation["ComplianceResourceId"], request["account"])

    def test_is_never_sent_for_the_event_of_another_account(self):
        accounts = {request["account"] for request in self.requests}
        self.assertEqual(accounts, {str(digit) * 12 for digit in range(1, 9)})

    def test_leads_to_the_expected_verdicts(self):
        self.assertEqual(self.code, 0)


class EveryRequestOfStatus(unittest.TestCase):
    def test_matches_the_service_model(self):
        with LocalAws(ORGANIZATION) as local_aws:
            # From the management account, and from a delegated administrator.
            for account in ("123456789012", "999999999999"):
                environment = os.environ | local_aws.environment(account)
                environment |= {"AWS_REGION": "us-east-1", "AWS_CONFIG_FILE": os.devnull}
                for options in ([], ["--preflight=organization-pack"]):
                    command = [BINARIES / "root-keys", "status", *options]
                    subprocess.run(command, env=environment, capture_output=True)
            local_aws.stop()
            requests = local_aws.requests
        for request in requests:
            self.assertEqual(defects(request), [], request)
        sent = {request["operation"] for request in requests}
        self.assertGreaterEqual(
            sent,
            {
                "ListAccounts",
                "ListDelegatedAdministrators",
                "DescribeStackSet",
                "ListStackInstances",
                "DescribeAggregateComplianceByConfigRules",
                "GetAggregateComplianceDetailsByConfigRule",
                "GetAggregateDiscoveredResourceCounts",
            },
        )


class TheCheckItself(unittest.TestCase):
    def setUp(self):
        evaluation = {
            "ComplianceResourceType": "AWS::::Account",
            "ComplianceResourceId": "111111111111",
            "ComplianceType": "COMPLIANT",
            "Annotation": "fine",
            "OrderingTimestamp": 1772344800.373,
        }
        self.request = {
            "service": "config",
            "operation": "PutEvaluations",
            "parameters": {"ResultToken": "x", "Evaluations": [evaluation]},
            "headers": {
                "content-type": "application/x-amz-json-1.1",
                "x-amz-target": "StarlingDoveService.PutEvaluations",
                "x-amz-security-token": "x",
            },
            "signature": {"service": "config"},
        }

    def broken(self, *path, value=None):
        request = copy.deepcopy(self.request)
        place = request
        for step in path[:-1]:
            place = place[step]
        if value is None:
            del place[path[-1]]
        else:
            place[path[-1]] = value
        return defects(request)

    def test_accepts_a_correct_request(self):
        self.assertEqual(defects(self.request), [])

    def test_finds_each_fault(self):
        evaluation = ("parameters", "Evaluations", 0)
        for path, value in (
            (("operation",), "PutEvaluation"),
            (("signature", "service"), "iam"),
            (("headers", "x-amz-security-token"), None),
            (("headers", "x-amz-target"), "StarlingDoveService.PutEvaluation"),
            (("headers", "content-type"), "application/json"),
            (("parameters", "ResultToken"), None),
            (("parameters", "Token"), "x"),
            (("parameters", "Evaluations"), self.request["parameters"]["Evaluations"] * 101),
            ((*evaluation, "Annotation"), ""),
            ((*evaluation, "Annotation"), "é" * 257),
            ((*evaluation, "ComplianceType"), "Compliant"),
            ((*evaluation, "ComplianceResourceId"), "1" * 769),
            ((*evaluation, "OrderingTimestamp"), "2026-03-01T06:00:00Z"),
            ((*evaluation, "OrderingTimestamp"), None),
        ):
            self.assertNotEqual(self.broken(*path, value=value), [], path)

    def test_finds_a_form_with_another_version_or_field(self):
        request = {
            "service": "iam",
            "operation": "GetAccountSummary",
            "parameters": {"Action": "GetAccountSummary", "Version": "2010-05-08"},
            "headers": {
                "content-type": "application/x-www-form-urlencoded",
                "x-amz-security-token": "x",
            },
            "signature": {"service": "iam"},
        }
        self.assertEqual(defects(request), [])
        for wrong in ({"Version": "2011-06-15"}, {"UserName": "root"}):
            other = request | {"parameters": request["parameters"] | wrong}
            self.assertNotEqual(defects(other), [], wrong)

    def test_finds_a_field_that_the_operation_does_not_have(self):
        form = {"Action": "ListStackInstances", "Version": "2010-05-15", "StackSetName": "x", "CallAs": "SELF"}
        request = {
            "service": "cloudformation",
            "operation": "ListStackInstances",
            "parameters": form,
            "headers": {
                "content-type": "application/x-www-form-urlencoded",
                "x-amz-security-token": "x",
            },
            "signature": {"service": "cloudformation"},
        }
        self.assertEqual(defects(request), [])
        for wrong in ({"CallAs": "DELEGATED"}, {"StackSet": "x"}, {"NextToken": ""}):
            self.assertNotEqual(defects(request | {"parameters": form | wrong}), [], wrong)
        without = {name: value for name, value in form.items() if name != "StackSetName"}
        self.assertNotEqual(defects(request | {"parameters": without}), [])
