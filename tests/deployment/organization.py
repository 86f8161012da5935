"""A simulated organization in moto: a management account, a delegated administrator, units and members."""

import json
from collections import Counter
from types import SimpleNamespace

from moto.organizations.models import FakeAccount, organizations_backends

from strict_moto.cloudformation import acting_for, client_of
from environment import ACCOUNT, REGION
from strict_moto.published_code import organization_of

MANAGEMENT = "999999999999"
NAME = "root-access-key-rule-org"


class Organization:
    """The account that deploys is its delegated administrator, and one of its members."""

    def __init__(self, endpoint: str):
        self.endpoint = endpoint
        with acting_for(MANAGEMENT):
            organizations = self.client("organizations")
            self.id = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
            self.root = organizations.list_roots()["Roots"][0]["Id"]
        self._join_as(ACCOUNT)
        self.aggregate()

    def client(self, service: str):
        """A client of the account that the thread is acting for."""
        return client_of(service, REGION, self.endpoint)

    def unit(self, name: str) -> str:
        with acting_for(MANAGEMENT):
            made = self.client("organizations").create_organizational_unit(ParentId=self.root, Name=name)
        return made["OrganizationalUnit"]["Id"]

    def join(self, count: int, unit: str | None = None, recorder: bool = True) -> list[str]:
        """Creates accounts. Without a recorder AWS Config does nothing for them."""
        accounts = [self._create() for _ in range(count)]
        for account in accounts:
            if unit:
                self.move(account, unit)
            if recorder:
                self.record(account)
        return accounts

    def move(self, account: str, unit: str) -> None:
        self._known(account).parent_id = unit

    def record(self, account: str) -> None:
        with acting_for(account):
            role = f"arn:aws:iam::{account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
            self.client("config").put_configuration_recorder(
                ConfigurationRecorder={"name": "default", "roleARN": role}
            )

    def suspend(self, account: str) -> None:
        self._known(account).close()

    def deploy_to_new_accounts(self, units: list[str]) -> None:
        """Does what the auto-deployment of StackSets does when accounts have joined the units."""
        with acting_for(ACCOUNT):
            self.client("cloudformation").create_stack_instances(
                StackSetName=NAME, DeploymentTargets={"OrganizationalUnitIds": units}, Regions=[REGION]
            )

    def instances(self) -> dict[str, SimpleNamespace]:
        """The StackSet's instances by account."""
        with acting_for(ACCOUNT):
            found = self.client("cloudformation").list_stack_instances(StackSetName=NAME)["Summaries"]
        return {
            it["Account"]: SimpleNamespace(
                status=it["Status"],
                detailed_status=it["StackInstanceStatus"]["DetailedStatus"],
                reason=it.get("StatusReason", ""),
                unit=it["OrganizationalUnitId"],
            )
            for it in found
        }

    def unit_of(self, account: str) -> str:
        return self._known(account).parent_id

    def rules(self, account: str) -> list[dict]:
        with acting_for(account):
            return self.client("config").describe_config_rules()["ConfigRules"]

    def function(self, account: str) -> dict | None:
        """The configuration of the rule's function in the account, if it is there."""
        with acting_for(account):
            aws_lambda = self.client("lambda")
            found = [it for it in aws_lambda.list_functions()["Functions"] if it["FunctionName"] == NAME]
        return found[0] if found else None

    def inventory(self, account: str) -> dict:
        """The resources in a member, and the size of the policy of its function."""
        with acting_for(account):
            policy = self.client("lambda").get_policy(FunctionName=NAME)["Policy"]
            roles = self.client("iam").list_roles()["Roles"]
            return {
                "bytes of the policy of the function": len(policy),
                "roles": len(roles),
                "rules": len(self.rules(account)),
            }

    def _create(self) -> str:
        backend = organization_of(MANAGEMENT)
        number = len(backend.accounts)
        made = backend.create_account(AccountName=f"member-{number:04}", Email=f"{number}@example.com")
        return made["CreateAccountStatus"]["AccountId"]

    def _join_as(self, account: str) -> None:
        backend = organization_of(MANAGEMENT)
        self._create()
        backend.accounts[-1].id = account
        organizations_backends.master_accounts[account] = (MANAGEMENT, "aws")
        self.record(account)

    def aggregate(self) -> None:
        """Gives the administrator the aggregator that the watch reads."""
        source = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/config-aggregator", "AwsRegions": [REGION]}
        with acting_for(ACCOUNT):
            self.client("config").put_configuration_aggregator(
                ConfigurationAggregatorName="organization", OrganizationAggregationSource=source
            )

    def _known(self, account: str) -> FakeAccount:
        return next(it for it in organization_of(MANAGEMENT).accounts if it.id == account)


def stacks(aws) -> list[str]:
    return sorted(it["StackName"] for it in aws.client("cloudformation").describe_stacks()["Stacks"])


def published(aws) -> tuple[str, list[str]]:
    """The newest of the buckets that a rollout has made, and the builds in it."""
    found = aws.client("s3").list_buckets()["Buckets"]
    buckets = [it for it in found if it["Name"].startswith("rootaccesskeyruleorganizationart")]
    bucket = max(buckets, key=lambda it: it["CreationDate"])["Name"]
    return bucket, [it["Key"] for it in aws.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])]


def central(aws) -> dict:
    """What the administrator has for all members: resources by type, and the sizes of what could list accounts."""
    cloudformation, s3 = aws.client("cloudformation"), aws.client("s3")
    ours = [it for it in stacks(aws) if it.startswith("RootAccessKeyRuleOrganization")]
    found = [it for stack in ours for it in cloudformation.list_stack_resources(StackName=stack)["StackResourceSummaries"]]
    buses = aws.client("events").list_event_buses()["EventBuses"]
    return {
        "resources": Counter(it["ResourceType"] for it in found),
        "templates": {it: len(json.dumps(cloudformation.get_template(StackName=it)["TemplateBody"])) for it in ours},
        "policy of the bucket": len(s3.get_bucket_policy(Bucket=published(aws)[0])["Policy"]),
        "policies of the buses": {it["Name"]: len(it.get("Policy", "")) for it in buses},
    }
