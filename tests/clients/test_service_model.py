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


def request(service, operation, parameters, headers):
    return {
        "service": service,
        "operation": operation,
        "parameters": parameters,
        "headers": headers | {"x-amz-security-token": "x"},
        "signature": {"service": service},
    }


def form(service, operation, version, **fields):
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return request(service, operation, {"Action": operation, "Version": version, **fields}, headers)


EVALUATION = {
    "ComplianceResourceType": "AWS::::Account",
    "ComplianceResourceId": "111111111111",
    "ComplianceType": "COMPLIANT",
    "Annotation": "fine",
    "OrderingTimestamp": 1772344800.373,
}
PUT_EVALUATIONS = request("config", "PutEvaluations", {"ResultToken": "x", "Evaluations": [EVALUATION]}, {
    "content-type": "application/x-amz-json-1.1", "x-amz-target": "StarlingDoveService.PutEvaluations",
})
SUMMARY = form("iam", "GetAccountSummary", "2010-05-08")
INSTANCES = form("cloudformation", "ListStackInstances", "2010-05-15", StackSetName="x", CallAs="SELF")

# A correct request, the path of one of its fields, and a wrong value of that field; None removes it.
FAULTS = (
    (PUT_EVALUATIONS, "operation", "PutEvaluation"),
    (PUT_EVALUATIONS, "signature service", "iam"),
    (PUT_EVALUATIONS, "headers x-amz-security-token", None),
    (PUT_EVALUATIONS, "headers x-amz-target", "StarlingDoveService.PutEvaluation"),
    (PUT_EVALUATIONS, "headers content-type", "application/json"),
    (PUT_EVALUATIONS, "parameters ResultToken", None),
    (PUT_EVALUATIONS, "parameters Token", "x"),
    (PUT_EVALUATIONS, "parameters Evaluations", [EVALUATION] * 101),
    *(
        (PUT_EVALUATIONS, "parameters Evaluations", [EVALUATION | wrong])
        for wrong in (
            {"Annotation": ""},
            {"Annotation": "é" * 257},
            {"ComplianceType": "Compliant"},
            {"ComplianceResourceId": "1" * 769},
            {"OrderingTimestamp": "2026-03-01T06:00:00Z"},
        )
    ),
    (PUT_EVALUATIONS, "parameters Evaluations", [{key: it for key, it in EVALUATION.items() if key != "OrderingTimestamp"}]),
    (SUMMARY, "parameters Version", "2011-06-15"),
    (SUMMARY, "parameters UserName", "root"),
    (INSTANCES, "parameters CallAs", "DELEGATED"),
    (INSTANCES, "parameters StackSet", "x"),
    (INSTANCES, "parameters NextToken", ""),
    (INSTANCES, "parameters StackSetName", None),
)


class TheCheckItself(unittest.TestCase):
    def test_accepts_correct_requests(self):
        for correct in (PUT_EVALUATIONS, SUMMARY, INSTANCES):
            self.assertEqual(defects(correct), [])

    def test_finds_each_fault(self):
        for correct, path, value in FAULTS:
            broken = copy.deepcopy(correct)
            *parents, name = path.split()
            place = broken[parents[0]] if parents else broken
            if value is None:
                del place[name]
            else:
                place[name] = value
            self.assertNotEqual(defects(broken), [], (path, value))
