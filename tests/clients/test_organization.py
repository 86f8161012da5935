"""botocore's own parsers and models understand what the local AWS emulator answers about an organization."""

import json
import re
import unittest

import botocore.model
from botocore.validate import ParamValidator

from local_aws import ORGANIZATION, LocalAws
from service_model import beyond

MANAGEMENT, SECURITY, MEMBER = "123456789012", "999999999999", "222222222222"
STACK_SET = {"StackSetName": "root-access-key-rule-org"}
OF_SECURITY = {**STACK_SET, "account": SECURITY, "CallAs": "DELEGATED_ADMIN"}
AGGREGATOR = {"ConfigurationAggregatorName": "organization"}
IN_REGION = {"GroupByKey": "ACCOUNT_ID", "Filters": {"Region": "us-east-1"}}
DETAILS = {"AccountId": MEMBER, "AwsRegion": "us-east-1"}
DETAILS |= {"ConfigRuleName": "root-access-key-rule-conformance-pack-222222222"}
RECORDER = {"ConfigurationRecorderName": "default"}
PACKS = {"ServicePrincipal": "config-multiaccountsetup.amazonaws.com"}
ADMINISTRATOR = PACKS | {"AccountId": SECURITY}
NOBODY = {"ServicePrincipal": "nobody.amazonaws.com"}
TARGETS = {"OrganizationalUnitIds": ["ou-a1b2-c3d4e5f6"], "AccountFilterType": "INTERSECTION"}

# service, operation, parameters, and what the parsed response contains; in this order, since some change a state.
RESPONSES = (
    ("organizations", "describe_organization", {}, "'MasterAccountId': '123456789012'"),
    ("organizations", "list_accounts", {}, "'State': 'SUSPENDED'"),
    ("organizations", "list_roots", {}, "'Name': 'Root'"),
    ("organizations", "list_aws_service_access_for_organization", {}, "config.amazonaws.com"),
    ("organizations", "list_delegated_administrators", {"ServicePrincipal": "config.amazonaws.com"}, SECURITY),
    ("organizations", "enable_aws_service_access", PACKS, ""),
    ("organizations", "register_delegated_administrator", ADMINISTRATOR, ""),
    ("organizations", "list_delegated_administrators", PACKS, SECURITY),
    ("organizations", "deregister_delegated_administrator", ADMINISTRATOR, ""),
    ("organizations", "disable_aws_service_access", PACKS, ""),
    ("cloudformation", "describe_organizations_access", {"account": SECURITY, "CallAs": "DELEGATED_ADMIN"}, "ENABLED"),
    ("cloudformation", "describe_stack_set", STACK_SET, "ou-a1b2-c3d4e5f6"),
    ("cloudformation", "describe_stack_set", OF_SECURITY, "ConformancePack"),
    ("cloudformation", "list_stack_instances", OF_SECURITY, "'DetailedStatus': 'FAILED'"),
    ("config", "describe_configuration_aggregators", {}, "'AllAwsRegions': True"),
    ("config", "describe_configuration_aggregator_sources_status", AGGREGATOR, "SUCCEEDED"),
    ("config", "describe_aggregate_compliance_by_config_rules", AGGREGATOR, "NON_COMPLIANT"),
    ("config", "get_aggregate_compliance_details_by_config_rule", AGGREGATOR | DETAILS, "Key 1: active"),
    ("config", "get_aggregate_discovered_resource_counts", AGGREGATOR | IN_REGION, MEMBER),
    ("config", "describe_config_rule_evaluation_status", {"account": "555555555555"}, "LastSuccessfulEvaluationTime"),
    ("config", "describe_config_rule_evaluation_status", {"account": "888888888888"}, "'FirstEvaluationStarted': False"),
    ("config", "stop_configuration_recorder", {"account": "111111111111"} | RECORDER, ""),
    ("config", "describe_configuration_recorder_status", {"account": "111111111111"}, "'recording': False"),
    ("config", "start_configuration_recorder", {"account": "111111111111"} | RECORDER, ""),
    ("config", "describe_configuration_recorder_status", {"account": "111111111111"}, "'recording': True"),
    ("config", "describe_configuration_recorder_status", {"account": "444444444444"}, "[]"),
    ("iam", "disable_organizations_root_sessions", {}, "['RootCredentialsManagement']"),
    ("iam", "enable_organizations_root_sessions", {}, "['RootCredentialsManagement', 'RootSessions']"),
    ("iam", "enable_organizations_root_credentials_management", {}, "RootSessions"),
    ("iam", "list_organizations_features", {}, "'OrganizationId': 'o-"),
    ("sts", "get_access_key_info", {"AccessKeyId": "AKIA222222222222KEY1"}, MEMBER),
)
# account, service, operation, parameters, and the exception that botocore raises for it.
REFUSALS = (
    ("111111111111", "organizations", "list_accounts", {}, "AccessDeniedException"),
    (SECURITY, "organizations", "enable_aws_service_access", PACKS, "AccessDeniedException"),
    (MANAGEMENT, "organizations", "enable_aws_service_access", NOBODY, "InvalidInputException"),
    (MANAGEMENT, "organizations", "register_delegated_administrator", ADMINISTRATOR, "ConstraintViolationException"),
    (MANAGEMENT, "organizations", "deregister_delegated_administrator", ADMINISTRATOR, "AccountNotRegisteredException"),
    (SECURITY, "iam", "enable_organizations_root_sessions", {}, "CallerIsNotManagementAccountException"),
    (SECURITY, "cloudformation", "activate_organizations_access", {}, "ClientError"),
    (MANAGEMENT, "cloudformation", "describe_stack_set", {"StackSetName": "x"}, "StackSetNotFoundException"),
    (MANAGEMENT, "cloudformation", "describe_stack_set_operation", STACK_SET | {"OperationId": "x"},
     "OperationNotFoundException"),
    (MANAGEMENT, "cloudformation", "update_stack_instances",
     STACK_SET | {"DeploymentTargets": TARGETS | {"Accounts": ["777777777777"]}, "Regions": ["us-east-1"]},
     "StackInstanceNotFoundException"),
    (MANAGEMENT, "config", "get_aggregate_discovered_resource_counts", {"ConfigurationAggregatorName": "x"},
     "NoSuchConfigurationAggregatorException"),
    (MANAGEMENT, "config", "get_organization_conformance_pack_detailed_status", {"OrganizationConformancePackName": "x"},
     "NoSuchOrganizationConformancePackException"),
    ("111111111111", "config", "describe_organization_conformance_packs", {}, "OrganizationAccessDeniedException"),
    ("111111111111", "config", "describe_configuration_recorder_status", {"ConfigurationRecorderNames": ["other"]},
     "NoSuchConfigurationRecorderException"),
    (MANAGEMENT, "sts", "get_access_key_info", {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE"}, "ClientError"),
)


class Organization(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.local_aws = cls.enterClassContext(LocalAws(ORGANIZATION))

    def response(self, service, operation, account=MANAGEMENT, **parameters):
        """The response as botocore parses it. It must contain nothing that botocore's model does not know."""
        client = self.local_aws.client(service, account)
        bodies = []
        client.meta.events.register(
            "before-parse", lambda response_dict, **_: bodies.append(response_dict["body"])
        )
        response = getattr(client, operation)(**parameters)
        model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation])
        self.assertEqual(list(defects(bodies[0].decode(), model)), [])
        return response

    def test_botocore_understands_every_response(self):
        for service, operation, parameters, expected in RESPONSES:
            with self.subTest(operation=operation, parameters=parameters):
                self.assertIn(expected, str(self.response(service, operation, **parameters)))

    def test_botocore_follows_an_operation_on_the_stack_set(self):
        targets = TARGETS | {"Accounts": ["666666666666", "111111111111"]}
        requested = STACK_SET | {"DeploymentTargets": targets, "Regions": ["us-east-1"]}
        started = self.response("cloudformation", "update_stack_instances", **requested)
        by_id = STACK_SET | {"OperationId": started["OperationId"]}
        operation = self.response("cloudformation", "describe_stack_set_operation", **by_id)["StackSetOperation"]
        self.assertEqual((operation["Action"], operation["Status"]), ("UPDATE", "SUCCEEDED"))

    def test_botocore_raises_the_exception_of_every_refusal(self):
        for account, service, operation, parameters, code in REFUSALS:
            client = self.local_aws.client(service, account)
            with self.subTest(operation=operation), self.assertRaises(getattr(client.exceptions, code)):
                getattr(client, operation)(**parameters)


def defects(body, operation):
    """The parts of a response that the model of the service does not know."""
    if body.startswith("<"):
        known = {operation.name + "Response", operation.name + "Result", "ResponseMetadata", "RequestId"}
        return set(re.findall(r"<(\w+)", body)) - known - element_names(operation.output_shape)
    if not operation.output_shape:
        return []
    response = json.loads(body)
    report = ParamValidator().validate(response, operation.output_shape).generate_report()
    return [*([report] if report else []), *beyond(response, operation.output_shape, "")]


def element_names(shape):
    if isinstance(shape, botocore.model.StructureShape):
        return set(shape.members).union(*map(element_names, shape.members.values()))
    if isinstance(shape, botocore.model.ListShape):
        return {"member"} | element_names(shape.member)
    return set()


class TheCheckItself(unittest.TestCase):
    def test_finds_what_the_model_does_not_know(self):
        session = botocore.session.get_session()
        organizations = session.get_service_model("organizations").operation_model("ListAccounts")
        for response in ({"Account": []}, {"Accounts": [{"Id": 1}]}, {"Accounts": [{"State": "GONE"}]}):
            self.assertNotEqual(list(defects(json.dumps(response), organizations)), [], response)
        cloudformation = session.get_service_model("cloudformation").operation_model("ListStackInstances")
        self.assertNotEqual(list(defects("<Summary/>", cloudformation)), [])
