"""The remedies that `root-keys` prints work when they run against the local AWS emulator."""

import contextlib
import json
import re
import tempfile
import time
import unittest

import botocore.session

from local_aws import FLEET, ORGANIZATION, LocalAws

MANAGEMENT, SECURITY = "123456789012", "999999999999"
PACK_RULE = "root-access-key-rule-conformance-pack-{:.9}"


class Emulated(unittest.TestCase):
    mode = ORGANIZATION

    def setUp(self):
        self.emulator = self.enterContext(LocalAws(self.mode))

    def run_as(self, who, command, expect=0):
        """The output of a line of shell that runs as an account or root user."""
        ran = self.emulator.run(who, command)
        self.assertEqual(ran.returncode, expect, f"{command}: {ran.stdout}{ran.stderr}")
        return ran.stdout if expect == 0 else ran.stdout + ran.stderr

    def status(self, who=MANAGEMENT, options=""):
        code, _, printed = self.run_as(who, f"root-keys status {options} --output json > out; echo $? $(cat out)", 0).partition(" ")
        report = json.loads(printed)
        self.assertEqual(int(code), report["exitCode"])
        return report

    def account(self, account):
        return next(it for it in self.status()["accounts"] if it["account"] == account)

    def until(self, account, compliance):
        """The account, once its evaluation has ended."""
        deadline = time.monotonic() + 60
        while (now := self.account(account))["compliance"] != compliance:
            self.assertLess(time.monotonic(), deadline, now)
            time.sleep(0.2)
        return now

    def commands(self, text):
        return re.findall(r"`((?:aws|root-keys) [^`]+)`", text)

    def lines(self, text):
        """The commands on lines of their own, below *Fix*."""
        return re.findall(r"^ +(aws .+)$", text, re.M)

    def remedy(self, account):
        """The last command that `root-keys status` prints for an account."""
        [problem] = self.account(account)["problems"]
        return self.commands(problem["remedy"])[-1]


class OfStatus(Emulated):
    def setUp(self):
        super().setUp()
        self.enterContext(contextlib.chdir(self.enterContext(tempfile.TemporaryDirectory())))

    def test_lists_the_key_that_status_found_and_deletes_it(self):
        web = "222222222222"
        found = self.account(web)["evaluations"][0]["annotation"]
        listed = self.run_as(MANAGEMENT, self.remedy(web))
        [(key, created, used)] = re.findall(r"(AKIA\w+) Active, created ([\d-]+)T.*last used ([\d-]+)T", listed)
        self.assertIn(created, found)
        self.assertIn(used, found)
        self.run_as(MANAGEMENT, f"root-keys delete --account {web} --key {key} --execute --yes")
        self.run_as(web, f"aws configservice start-config-rules-evaluation --config-rule-names {PACK_RULE.format(web)}")
        self.assertEqual(self.until(web, "COMPLIANT")["problems"], [])

    def test_brings_the_stack_to_an_account_whose_recorder_was_switched_on(self):
        account = "444444444444"
        remedy = self.remedy(account)
        self.run_as(MANAGEMENT, remedy)
        self.assertEqual(self.account(account)["function"], "FAILED", "there is still no recorder")
        role = f"arn:aws:iam::{account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
        name = "--configuration-recorder-name default"
        start = f"aws configservice start-configuration-recorder {name}"
        put = "aws configservice put-configuration-recorder --configuration-recorder"
        self.assertIn("NoSuchConfigurationRecorder", self.run_as(account, start, 255))
        self.run_as(account, f"{put} name=default,roleARN={role}")
        self.assertIn("NoAvailableDeliveryChannel", self.run_as(account, start, 255))
        self.run_as(account, "aws configservice put-delivery-channel --delivery-channel name=default,s3BucketName=b")
        self.run_as(account, start)
        look = "aws configservice describe-configuration-recorder-status"
        self.assertIn('"recording": true', self.run_as(account, look))
        self.run_as(MANAGEMENT, remedy)
        self.assertEqual(self.until(account, "COMPLIANT")["problems"], [])
        self.assertNotIn(account, self.run_as(MANAGEMENT, "root-keys status --preflight; true"))

    def test_brings_the_stack_to_an_account_that_joined_late(self):
        operation = json.loads(self.run_as(MANAGEMENT, self.remedy("777777777777")))["OperationId"]
        described = self.run_as(
            MANAGEMENT,
            "aws cloudformation describe-stack-set-operation --stack-set-name root-access-key-rule-org "
            f"--operation-id {operation} --query StackSetOperation.Status --output text",
        )
        self.assertEqual(described, "SUCCEEDED\n")
        self.assertEqual(self.until("777777777777", "COMPLIANT")["problems"], [])

    def test_evaluates_an_account_that_stopped_reporting(self):
        self.run_as("555555555555", self.remedy("555555555555"))
        self.assertEqual(self.until("555555555555", "COMPLIANT")["problems"], [])

    def test_shows_the_rule_without_a_result_and_evaluates_it(self):
        account, rule = "888888888888", PACK_RULE.format("888888888888")
        self.assertIn(rule, self.run_as(account, self.remedy(account)))
        status = f"aws configservice describe-config-rule-evaluation-status --config-rule-names {rule}"
        self.assertIn('"FirstEvaluationStarted": false', self.run_as(account, status))
        self.run_as(account, f"aws configservice start-config-rules-evaluation --config-rule-names {rule}")
        self.until(account, "COMPLIANT")
        self.assertIn('"FirstEvaluationStarted": true', self.run_as(account, status))


class OfPreconditions(Emulated):
    """A feature that is switched off is named with the command that switches it on."""

    def refused(self, who, command):
        ran = self.run_as(who, f"{command} 2>&1; echo")
        return self.commands(ran)

    def test_of_preflight(self):
        principal = "config.amazonaws.com"
        switch = f"aws organizations disable-aws-service-access --service-principal {principal}"
        self.run_as(MANAGEMENT, switch)
        self.run_as(MANAGEMENT, "aws organizations disable-aws-service-access --service-principal member.org.stacksets.cloudformation.amazonaws.com")
        printed = self.run_as(MANAGEMENT, "root-keys status --preflight; true")
        remedies = [it for it in self.lines(printed) if "configservice" not in it]
        self.assertIn("aws cloudformation activate-organizations-access", remedies)
        self.assertIn(switch.replace("disable", "enable"), remedies)
        for remedy in remedies:
            self.run_as(MANAGEMENT, remedy)
        again = self.lines(self.run_as(MANAGEMENT, "root-keys status --preflight; true"))
        self.assertEqual([it for it in again if "configservice" not in it], [])

    def test_of_list(self):
        look = "root-keys list --account 222222222222"
        for off, on in (
            ("iam disable-organizations-root-credentials-management", "enable-organizations-root-credentials-management"),
            ("organizations disable-aws-service-access --service-principal iam.amazonaws.com", "enable-aws-service-access"),
        ):
            self.run_as(MANAGEMENT, f"aws {off}")
            remedies = [it for it in self.refused(MANAGEMENT, look) if on in it]
            self.assertNotEqual(remedies, [], off)
            for remedy in remedies:
                self.run_as(MANAGEMENT, remedy)
            self.assertIn("1 root access key", self.run_as(MANAGEMENT, look))
        self.assertNotIn("1 root access key", self.run_as(SECURITY, f"{look} 2>&1; [ $? != 0 ]"))
        service = "--service-principal iam.amazonaws.com"
        remedy = f"aws organizations register-delegated-administrator --account-id {SECURITY} {service}"
        self.run_as(MANAGEMENT, remedy)
        self.assertIn("1 root access key", self.run_as(SECURITY, look))
        self.assertIn("AccountAlreadyRegisteredException", self.run_as(MANAGEMENT, remedy, 255))


class OneClock(Emulated):
    """The table, `check` and `list` show the same key with the same dates."""

    mode = FLEET

    def test_shows_the_same_day_and_age_everywhere(self):
        table = " ".join(self.emulator.printed.split())
        for account in ("333333333333", "444444444444"):
            checked = self.run_as(account, "root-keys check; true")
            day = r"(\d{4}-\d\d-\d\d)"
            keys = re.findall(rf"{day} (\(\d+ d[a-z ]*\), [a-z ]*used) {day}", checked)
            listed = self.run_as(MANAGEMENT, f"root-keys list --account {account}")
            self.assertEqual(len(keys), listed.count("AKIA"))
            for created, age, used in keys:
                self.assertIn(f"{created} {age} {used}", table)
                self.assertRegex(listed, rf"created {created}T.*last used {used}T")

    def test_refuses_to_delete_a_key_in_daily_use(self):
        busy, idle = (f"AKIA444444444444KEY{slot}" for slot in (2, 1))
        delete = "root-keys delete --account 444444444444 --execute --yes --key"
        said = self.run_as(MANAGEMENT, f"{delete} {busy} 2>&1; [ $? != 0 ]")
        self.assertIn("30 days", said)
        self.assertIn(busy, self.run_as(MANAGEMENT, "root-keys list --account 444444444444"))
        self.run_as(MANAGEMENT, f"{delete} {idle}")

    def test_names_the_account_of_a_key_even_when_it_is_deleted(self):
        command = "aws sts get-access-key-info --access-key-id AKIA333333333333KEY1 --query Account --output text"
        self.assertEqual(self.run_as("111111111111", command), "333333333333\n")
        self.run_as(MANAGEMENT, "root-keys delete --account 333333333333 --key AKIA333333333333KEY1 --execute --yes")
        self.assertEqual(self.run_as("111111111111", command), "333333333333\n")

    def test_shows_a_deactivation_in_the_next_report_but_not_as_the_day_of_creation(self):
        root = "root user of 444444444444"
        list_keys = "aws iam list-access-keys --query 'AccessKeyMetadata[0].CreateDate' --output text"
        before = self.run_as(root, list_keys)
        self.run_as(root, "aws iam update-access-key --access-key-id AKIA444444444444KEY1 --status Inactive")
        self.assertEqual(self.run_as(root, list_keys), before)


class Refusals(Emulated):
    mode = FLEET

    def test_name_what_the_emulator_knows_in_each_protocol(self):
        for command in (
            "aws iam list-users",
            "aws sts get-session-token",
            "aws organizations list-handshakes-for-account",
            "aws cloudformation list-stack-sets",
            "aws configservice put-stored-query --stored-query QueryName=a,Expression=b",
            "aws lambda list-functions",
            "aws ec2 describe-regions",
            "aws cloudtrail lookup-events",
            "aws s3 ls",
            "aws cloudwatch list-metrics",
            "aws route53 list-hosted-zones",
            "aws sns list-topics",
            "aws stepfunctions list-state-machines",
            "aws logs describe-log-groups",
            "aws ssm get-parameter --name a",
        ):
            with self.subTest(command):
                said = self.run_as("111111111111", command, 255)
                code = r"An error occurred \((UnknownOperationException|InvalidAction|MethodNotAllowed)\) when calling the \w+ operation"
                self.assertRegex(said, rf"{code}[^:]*: the local emulator knows only: \w+")

    def test_name_it_in_the_protocol_that_the_aws_cli_does_not_use_yet(self):
        environment = self.emulator.environment("111111111111")
        client = botocore.session.get_session().create_client(
            "eventbridgev2",
            region_name="us-east-1",
            endpoint_url=environment["AWS_ENDPOINT_URL"],
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=environment["AWS_SESSION_TOKEN"],
        )
        sent = []
        client.meta.events.register("before-send", lambda request, **_: sent.append(dict(request.headers)))
        with self.assertRaises(client.exceptions.ClientError) as raised:
            client.list_event_buses()
        self.assertIn(b"rpc-v2-cbor", [it.get("smithy-protocol") for it in sent])
        self.assertIn("the local emulator knows only: iam", raised.exception.response["Error"]["Message"])
