"""botocore's own parsers and models understand what the stand-in says of an organization."""

import json
import re
import unittest

import botocore.model
from botocore.validate import ParamValidator

from service_model import beyond
from local_aws import ORGANIZATION, LocalAws

MANAGEMENT = "123456789012"
SECURITY = "999999999999"
ACCOUNTS = {MANAGEMENT, *(str(digit) * 12 for digit in range(1, 10))}
STACK_SET = {"StackSetName": "root-access-key-rule-org"}
AGGREGATOR = {"ConfigurationAggregatorName": "organization"}
DETAILS = {"AccountId": "222222222222", "AwsRegion": "us-east-1"}
DETAILS |= {"ConfigRuleName": "root-access-key-rule-conformance-pack-222222222"}


class Organization(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.local_aws = cls.enterClassContext(LocalAws(ORGANIZATION))

    def ask(self, service, operation, account=MANAGEMENT, **parameters):
        """What botocore makes of the answer, which must hold nothing that its model does not know."""
        client = self.local_aws.client(service, account)
        bodies = []
        client.meta.events.register(
            "before-parse", lambda response_dict, **_: bodies.append(response_dict["body"])
        )
        answer = getattr(client, operation)(**parameters)
        [body] = bodies
        model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation])
        self.assertEqual(list(defects(body.decode(), model)), [])
        return answer

    def test_reads_the_organization_and_its_accounts(self):
        organization = self.ask("organizations", "describe_organization")["Organization"]
        self.assertEqual(organization["MasterAccountId"], MANAGEMENT)
        accounts = self.ask("organizations", "list_accounts")["Accounts"]
        self.assertEqual({account["Id"] for account in accounts}, ACCOUNTS)
        states = [account["Id"] for account in accounts if account["State"] != "ACTIVE"]
        self.assertEqual(states, ["666666666666"])

    def test_reads_who_is_trusted_and_who_administers(self):
        answer = self.ask("organizations", "list_aws_service_access_for_organization")
        trusted = {service["ServicePrincipal"] for service in answer["EnabledServicePrincipals"]}
        self.assertIn("config.amazonaws.com", trusted)
        asked = {"ServicePrincipal": "config.amazonaws.com"}
        answer = self.ask("organizations", "list_delegated_administrators", **asked)
        self.assertEqual([known["Id"] for known in answer["DelegatedAdministrators"]], [SECURITY])

    def test_reads_the_stack_set(self):
        for account, call_as in ((MANAGEMENT, "SELF"), (SECURITY, "DELEGATED_ADMIN")):
            as_whom = {"account": account, "CallAs": call_as}
            access = self.ask("cloudformation", "describe_organizations_access", **as_whom)
            self.assertEqual(access["Status"], "ENABLED")
            stack_set = self.ask("cloudformation", "describe_stack_set", **STACK_SET, **as_whom)["StackSet"]
            self.assertEqual(stack_set["OrganizationalUnitIds"], ["ou-a1b2-c3d4e5f6"])
            self.assertIn("Pack", json.loads(stack_set["TemplateBody"])["Resources"])
            answer = self.ask("cloudformation", "list_stack_instances", **STACK_SET, **as_whom)
            statuses = {it["Account"]: it["StackInstanceStatus"]["DetailedStatus"] for it in answer["Summaries"]}
            self.assertEqual(statuses["444444444444"], "FAILED")
            self.assertEqual(statuses["111111111111"], "SUCCEEDED")

    def test_reads_what_the_aggregator_collects(self):
        [aggregator] = self.ask("config", "describe_configuration_aggregators")["ConfigurationAggregators"]
        self.assertTrue(aggregator["OrganizationAggregationSource"]["AllAwsRegions"])
        self.ask("config", "describe_configuration_aggregator_sources_status", **AGGREGATOR)
        answer = self.ask("config", "describe_aggregate_compliance_by_config_rules", **AGGREGATOR)
        bad = [
            rule["AccountId"]
            for rule in answer["AggregateComplianceByConfigRules"]
            if rule["Compliance"]["ComplianceType"] == "NON_COMPLIANT"
        ]
        self.assertEqual(bad, ["222222222222"])
        answer = self.ask("config", "get_aggregate_compliance_details_by_config_rule", **AGGREGATOR, **DETAILS)
        [result] = answer["AggregateEvaluationResults"]
        self.assertIn("Key 1: active", result["Annotation"])
        counted = {"GroupByKey": "ACCOUNT_ID", "Filters": {"Region": "us-east-1"}}
        answer = self.ask("config", "get_aggregate_discovered_resource_counts", **AGGREGATOR, **counted)
        recorded = {count["GroupName"] for count in answer["GroupedResourceCounts"]}
        self.assertEqual(ACCOUNTS - recorded, {"444444444444", "666666666666"})

    def test_reads_the_features_that_were_switched(self):
        off = self.ask("iam", "disable_organizations_root_sessions")
        self.assertEqual(off["EnabledFeatures"], ["RootCredentialsManagement"])
        on = self.ask("iam", "enable_organizations_root_sessions")
        self.assertEqual(on["EnabledFeatures"], ["RootCredentialsManagement", "RootSessions"])
        self.assertEqual(on["EnabledFeatures"], self.ask("iam", "enable_organizations_root_credentials_management")["EnabledFeatures"])
        self.assertEqual(on["OrganizationId"], self.ask("iam", "list_organizations_features")["OrganizationId"])

    def test_reads_who_was_registered_and_trusted(self):
        packs = {"ServicePrincipal": "config-multiaccountsetup.amazonaws.com"}
        administrator = packs | {"AccountId": SECURITY}
        client = self.local_aws.client("organizations", MANAGEMENT)
        with self.assertRaises(client.exceptions.ConstraintViolationException):
            client.register_delegated_administrator(**administrator)
        client.enable_aws_service_access(**packs)
        client.register_delegated_administrator(**administrator)
        self.assertEqual([it["Id"] for it in self.ask("organizations", "list_delegated_administrators", **packs)["DelegatedAdministrators"]], [SECURITY])
        with self.assertRaises(client.exceptions.AccountAlreadyRegisteredException):
            client.register_delegated_administrator(**administrator)
        client.deregister_delegated_administrator(**administrator)
        with self.assertRaises(client.exceptions.AccountNotRegisteredException):
            client.deregister_delegated_administrator(**administrator)
        client.disable_aws_service_access(**packs)
        answer = self.ask("organizations", "list_aws_service_access_for_organization")
        self.assertNotIn(packs["ServicePrincipal"], [it["ServicePrincipal"] for it in answer["EnabledServicePrincipals"]])
        [root] = self.ask("organizations", "list_roots")["Roots"]
        self.assertEqual(root["Name"], "Root")

    def test_reads_compliance_by_resource(self):
        resource = {"ResourceType": "AWS::::Account"}
        for account, compliance, bad in (("222222222222", "NON_COMPLIANT", 1), ("333333333333", "COMPLIANT", 0)):
            answer = self.ask("config", "describe_compliance_by_resource", account, **resource)
            [described] = answer["ComplianceByResources"]
            self.assertEqual(described["ResourceId"], account)
            self.assertEqual(described["Compliance"]["ComplianceType"], compliance)
            counted = described["Compliance"].get("ComplianceContributorCount", {"CappedCount": 0})
            self.assertEqual(counted["CappedCount"], bad)
            chosen = resource | {"ResourceId": account}
            results = self.ask("config", "get_compliance_details_by_resource", account, **chosen)["EvaluationResults"]
            rules = [it["EvaluationResultIdentifier"]["EvaluationResultQualifier"]["ConfigRuleName"] for it in results]
            self.assertEqual(len(set(rules)), 2 if account == "333333333333" else 1)
            empty = self.ask("config", "describe_compliance_by_resource", account, ComplianceTypes=["NOT_APPLICABLE"])
            self.assertEqual(empty["ComplianceByResources"], [])
        client = self.local_aws.client("config", "222222222222")
        with self.assertRaises(client.exceptions.InvalidParameterValueException):
            client.describe_compliance_by_resource(ResourceId="222222222222")

    def test_reads_a_rule_s_runs(self):
        for account, evaluated in (("555555555555", True), ("888888888888", False)):
            [status] = self.ask("config", "describe_config_rule_evaluation_status", account)["ConfigRulesEvaluationStatus"]
            self.assertEqual(status["FirstEvaluationStarted"], evaluated)
            self.assertEqual("LastSuccessfulEvaluationTime" in status, evaluated)
            self.assertEqual("LastSuccessfulInvocationTime" in status, evaluated)
            self.assertTrue(status["ConfigRuleArn"].startswith(f"arn:aws:config:us-east-1:{account}:config-rule/"))

    def test_reads_the_recorder(self):
        asked = "describe_configuration_recorder_status"
        [status] = self.ask("config", asked, "111111111111")["ConfigurationRecordersStatus"]
        self.assertIs(status["recording"], True)
        self.assertEqual(self.ask("config", asked, "444444444444")["ConfigurationRecordersStatus"], [])
        [recorder] = self.ask("config", "describe_configuration_recorders", "111111111111")["ConfigurationRecorders"]
        client = self.local_aws.client("config", "111111111111")
        client.stop_configuration_recorder(ConfigurationRecorderName=recorder["name"])
        [status] = self.ask("config", asked, "111111111111")["ConfigurationRecordersStatus"]
        self.assertIs(status["recording"], False)
        client.start_configuration_recorder(ConfigurationRecorderName=recorder["name"])
        [status] = self.ask("config", asked, "111111111111")["ConfigurationRecordersStatus"]
        self.assertIs(status["recording"], True)
        with self.assertRaises(client.exceptions.NoSuchConfigurationRecorderException):
            client.describe_configuration_recorder_status(ConfigurationRecorderNames=["other"])

    def test_reads_an_operation_on_the_stack_set(self):
        targets = {"OrganizationalUnitIds": ["ou-a1b2-c3d4e5f6"], "Accounts": ["666666666666", "111111111111"]}
        asked = STACK_SET | {"DeploymentTargets": targets | {"AccountFilterType": "INTERSECTION"}, "Regions": ["us-east-1"]}
        started = self.ask("cloudformation", "update_stack_instances", **asked)
        by_id = STACK_SET | {"OperationId": started["OperationId"]}
        operation = self.ask("cloudformation", "describe_stack_set_operation", **by_id)["StackSetOperation"]
        self.assertEqual((operation["Action"], operation["Status"]), ("UPDATE", "SUCCEEDED"))
        client = self.local_aws.client("cloudformation", MANAGEMENT)
        with self.assertRaises(client.exceptions.OperationNotFoundException):
            client.describe_stack_set_operation(**STACK_SET, OperationId="none")
        alone = asked | {"DeploymentTargets": targets | {"Accounts": ["777777777777"], "AccountFilterType": "INTERSECTION"}}
        with self.assertRaises(client.exceptions.StackInstanceNotFoundException):
            client.update_stack_instances(**alone)
        client.activate_organizations_access()

    def test_reads_the_account_of_a_key(self):
        asked = {"AccessKeyId": "AKIA222222222222KEY1"}
        self.assertEqual(self.ask("sts", "get_access_key_info", "111111111111", **asked)["Account"], "222222222222")
        client = self.local_aws.client("sts", MANAGEMENT)
        with self.assertRaises(client.exceptions.ClientError):
            client.get_access_key_info(AccessKeyId="AKIAIOSFODNN7EXAMPLE")

    def test_knows_each_refusal(self):
        for service, account, operation, code, parameters in (
            ("organizations", "111111111111", "list_accounts", "AccessDeniedException", {}),
            (
                "organizations",
                SECURITY,
                "enable_aws_service_access",
                "AccessDeniedException",
                {"ServicePrincipal": "config.amazonaws.com"},
            ),
            (
                "organizations",
                MANAGEMENT,
                "enable_aws_service_access",
                "InvalidInputException",
                {"ServicePrincipal": "nobody.amazonaws.com"},
            ),
            ("iam", SECURITY, "enable_organizations_root_sessions", "CallerIsNotManagementAccountException", {}),
            ("cloudformation", SECURITY, "activate_organizations_access", "ClientError", {}),
            ("cloudformation", MANAGEMENT, "describe_stack_set", "StackSetNotFoundException", {"StackSetName": "x"}),
            (
                "config",
                MANAGEMENT,
                "get_aggregate_discovered_resource_counts",
                "NoSuchConfigurationAggregatorException",
                {"ConfigurationAggregatorName": "x"},
            ),
            (
                "config",
                MANAGEMENT,
                "get_organization_conformance_pack_detailed_status",
                "NoSuchOrganizationConformancePackException",
                {"OrganizationConformancePackName": "x"},
            ),
            (
                "config",
                "111111111111",
                "describe_organization_conformance_packs",
                "OrganizationAccessDeniedException",
                {},
            ),
        ):
            client = self.local_aws.client(service, account)
            with self.assertRaises(getattr(client.exceptions, code), msg=operation):
                getattr(client, operation)(**parameters)


def defects(body, operation):
    """What the service's model does not know of an answer."""
    if body.startswith("<"):
        known = {operation.name + "Response", operation.name + "Result", "ResponseMetadata", "RequestId"}
        return set(re.findall(r"<(\w+)", body)) - known - element_names(operation.output_shape)
    answer = json.loads(body)
    report = ParamValidator().validate(answer, operation.output_shape).generate_report()
    return [*([report] if report else []), *beyond(answer, operation.output_shape, "")]


def element_names(shape):
    if isinstance(shape, botocore.model.StructureShape):
        return set(shape.members).union(*map(element_names, shape.members.values()))
    if isinstance(shape, botocore.model.ListShape):
        return {"member"} | element_names(shape.member)
    return set()


class TheCheckItself(unittest.TestCase):
    """A check that finds nothing must be able to find something."""

    def test_finds_what_the_model_does_not_know(self):
        session = botocore.session.get_session()
        organizations = session.get_service_model("organizations").operation_model("ListAccounts")
        for answer in ({"Account": []}, {"Accounts": [{"Id": 1}]}, {"Accounts": [{"State": "GONE"}]}):
            self.assertNotEqual(list(defects(json.dumps(answer), organizations)), [], answer)
        cloudformation = session.get_service_model("cloudformation").operation_model("ListStackInstances")
        self.assertNotEqual(list(defects("<Summary/>", cloudformation)), [])


if __name__ == "__main__":
    unittest.main()
