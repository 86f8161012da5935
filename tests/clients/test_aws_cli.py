"""The AWS CLI reads what the function reported, with the commands that `local --serve` prints."""

import json
import time
import unittest

from local_aws import RULE, LocalAws

COMPLIANT, NON_COMPLIANT, FAILED = "111111111111", "333333333333", "888888888888"
DESCRIBE_RULES, DESCRIBE_COMPLIANCE, DETAILS, START, SUMMARY = range(5)


class TheAwsCli(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.local_aws = cls.enterClassContext(LocalAws())

    def aws(self, account, command, expect=0):
        """Runs one printed command as that account; what it prints, as JSON if it is."""
        ran = self.local_aws.run(account, f"AWS_PAGER= AWS_MAX_ATTEMPTS=1 {self.local_aws.commands[command]}")
        self.assertEqual(ran.returncode, expect, ran.stderr)
        return json.loads(ran.stdout) if ran.stdout.strip() else ran.stderr

    def compliance(self, account):
        [rule] = self.aws(account, DESCRIBE_COMPLIANCE)["ComplianceByConfigRules"]
        self.assertEqual(rule["ConfigRuleName"], RULE)
        return rule["Compliance"]["ComplianceType"]

    def results(self, account):
        return self.aws(account, DETAILS)["EvaluationResults"]

    def test_finds_the_rule_and_its_function(self):
        [rule] = self.aws(COMPLIANT, DESCRIBE_RULES)["ConfigRules"]
        self.assertEqual(rule["ConfigRuleName"], RULE)
        self.assertEqual(
            rule["Source"]["SourceIdentifier"],
            f"arn:aws:lambda:us-east-1:{COMPLIANT}:function:{RULE}",
        )

    def test_reads_each_account_s_own_compliance(self):
        self.assertEqual(self.compliance(COMPLIANT), "COMPLIANT")
        self.assertEqual(self.compliance(NON_COMPLIANT), "NON_COMPLIANT")
        self.assertEqual(self.compliance(FAILED), "INSUFFICIENT_DATA")

    def test_reads_the_annotation_under_the_account_and_the_notification_s_time(self):
        [result] = self.results(NON_COMPLIANT)
        identifier = result["EvaluationResultIdentifier"]
        qualifier = identifier["EvaluationResultQualifier"]
        self.assertEqual(qualifier["ResourceType"], "AWS::::Account")
        self.assertEqual(qualifier["ResourceId"], NON_COMPLIANT)
        self.assertIn("Key 1: active", result["Annotation"])
        self.assertLess(abs(time.time() - identifier["OrderingTimestamp"]), 600)
        self.assertEqual(self.results(FAILED), [])

    def test_starts_an_evaluation_and_the_function_runs(self):
        before = self.results("222222222222")
        self.aws("222222222222", START)
        deadline = time.monotonic() + 30
        while (after := self.results("222222222222")) == before:
            self.assertLess(time.monotonic(), deadline, "no evaluation within 30 seconds")
        self.assertEqual(len(after), 1)
        self.assertGreater(
            after[0]["EvaluationResultIdentifier"]["OrderingTimestamp"],
            before[0]["EvaluationResultIdentifier"]["OrderingTimestamp"],
        )
        self.assertIn("LimitExceededException", self.aws("222222222222", START, expect=255))

    def test_reads_the_summary_that_the_function_read(self):
        summary = self.aws(NON_COMPLIANT, SUMMARY)["SummaryMap"]
        self.assertEqual(summary["AccountAccessKeysPresent"], 1)
        self.assertIn("AccessDenied", self.aws(FAILED, SUMMARY, expect=255))
