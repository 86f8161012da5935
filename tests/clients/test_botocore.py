"""botocore's own parsers understand the responses and errors of the local AWS emulator."""

import csv
import datetime
import unittest

from local_aws import RULE, LocalAws

ACCOUNT = "333333333333"


class Botocore(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.local_aws = cls.enterClassContext(LocalAws())

    def refused(self, service, operation, code, status=400, **parameters):
        client = self.local_aws.client(service, ACCOUNT)
        with self.assertRaises(client.exceptions.ClientError) as raised:
            getattr(client, operation)(**parameters)
        answer = raised.exception.response
        self.assertEqual(answer["Error"]["Code"], code)
        self.assertTrue(answer["Error"]["Message"])
        self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], status)
        self.assertRegex(answer["ResponseMetadata"]["RequestId"], r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-")
        return type(raised.exception).__name__

    def put(self, token, **changes):
        evaluation = {
            "ComplianceResourceType": "AWS::::Account",
            "ComplianceResourceId": ACCOUNT,
            "ComplianceType": "COMPLIANT",
            "OrderingTimestamp": datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC),
        }
        return {"ResultToken": token, "Evaluations": [evaluation | changes]}

    def test_reads_a_credential_report(self):
        iam = self.local_aws.client("iam", ACCOUNT)
        report = iam.get_credential_report()
        self.assertEqual(report["ReportFormat"], "text/csv")
        self.assertEqual(report["GeneratedTime"].date(), datetime.datetime.now(datetime.UTC).date())
        root, *users = csv.DictReader(report["Content"].decode().splitlines())
        self.assertEqual(root["user"], "<root_account>")
        self.assertEqual(root["arn"], f"arn:aws:iam::{ACCOUNT}:root")
        self.assertEqual(root["access_key_1_active"], "true")
        self.assertEqual(root["access_key_2_active"], "false")
        self.assertEqual(len(root), 22)
        self.assertEqual([user["user"] for user in users], ["alice", "deploy"])
        self.assertEqual(iam.generate_credential_report()["State"], "COMPLETE")

    def test_raises_an_exception_for_a_report_that_was_never_generated(self):
        iam = self.local_aws.client("iam", "111111111111")
        with self.assertRaises(iam.exceptions.CredentialReportNotPresentException):
            iam.get_credential_report()

    def test_reads_all_of_the_summary(self):
        summary = self.local_aws.client("iam", ACCOUNT).get_account_summary()["SummaryMap"]
        model = self.local_aws.client("iam", ACCOUNT).meta.service_model
        self.assertEqual(set(summary), set(model.shape_for("summaryKeyType").enum))

    def test_raises_the_exception_of_each_error_of_config(self):
        known = self.refused("config", "put_evaluations", "InvalidResultTokenException", **self.put("x"))
        self.assertEqual(known, "InvalidResultTokenException")
        for code, changes in (
            ("InvalidParameterValueException", {"ComplianceType": "INSUFFICIENT_DATA"}),
            ("InvalidParameterValueException", {"ComplianceResourceType": "AWS::Account"}),
            ("ValidationException", {"Annotation": "x" * 257}),
        ):
            self.refused("config", "put_evaluations", code, **self.put("x", **changes))
        name = self.refused(
            "config",
            "get_compliance_details_by_config_rule",
            "NoSuchConfigRuleException",
            ConfigRuleName="none",
        )
        self.assertEqual(name, "NoSuchConfigRuleException")

    def test_accepts_a_test_run_without_a_result_token(self):
        config = self.local_aws.client("config", ACCOUNT)
        before = config.get_compliance_details_by_config_rule(ConfigRuleName=RULE)
        answer = config.put_evaluations(**self.put("TESTMODE"), TestMode=True)
        self.assertEqual(answer["FailedEvaluations"], [])
        after = config.get_compliance_details_by_config_rule(ConfigRuleName=RULE)
        self.assertEqual(before["EvaluationResults"], after["EvaluationResults"])

    def test_pages_through_results(self):
        config = self.local_aws.client("config", ACCOUNT)
        pages = config.get_paginator("get_compliance_details_by_config_rule")
        results = pages.paginate(ConfigRuleName=RULE).build_full_result()["EvaluationResults"]
        self.assertEqual(len(results), 1)
