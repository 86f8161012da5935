"""Each adapter in landing-zone/ is valid in its ecosystem and fits the template that each account gets."""

import fnmatch
import json
import shutil
import tempfile
import unittest
from pathlib import Path

import adapters
from adapters import REPOSITORY, InvalidAdapter, StackSet
from generated_names import generated_name
from member_template import member_template

FOLDER = REPOSITORY / "landing-zone"

READERS = {
    "terraform": adapters.terraform,
    "control-tower": lambda folder: adapters.control_tower(folder)[0],
    "landing-zone-accelerator": adapters.landing_zone_accelerator,
}

# In a copy of an adapter, the first text is replaced by the second one.
DRIFTS = [
    ("terraform", "main.tf", "root-access-key-rule-org", "root-access-key-rule-organization"),
    ("terraform", "main.tf", "ArtifactBucket  ", "Bucket"),
    ("terraform", "main.tf", "    Frequency        = var.frequency\n", ""),
    ("terraform", "main.tf", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"),
    ("terraform", "main.tf", "stack_set_instance_region", "stack_set_region"),
    ("terraform", "main.tf", "permission_model", "permissions_model"),
    ("terraform", "main.tf", "active = true", 'active = "yes"'),
    ("terraform", "main.tf", "sse_algorithm = \"AES256\"", ""),
    ("terraform", "main.tf", "auto_deployment {", "auto_deployment"),
    ("terraform", "main.tf", "var.log_retention_days", "var.retention"),
    ("terraform", "variables.tf", "us-east-1", "eu-central-1"),
    ("terraform", "variables.tf", "default     = 365", "default     = 364"),
    ("control-tower", "manifest.yaml", "  - name: root-access-key-rule-org", "  - name: root-access-key-rule"),
    ("control-tower", "manifest.yaml", "      - us-east-1", "      - eu-central-1"),
    ("control-tower", "manifest.yaml", "parameter_key: ArtifactKey", "parameter_key: Key"),
    ("control-tower", "manifest.yaml", "TwentyFour_Hours", "Daily"),
    ("control-tower", "manifest.yaml", "deploy_method: stack_set", "deploy_method: stack-set"),
    ("control-tower", "manifest.yaml", "resource_file: templates", "template_file: templates"),
    ("control-tower", "manifest.yaml", "2021-03-15", "2020-01-01"),
    ("landing-zone-accelerator", "customizations-config.yaml", "root-access-key-rule-org", "root-access-key-rule"),
    ("landing-zone-accelerator", "customizations-config.yaml", "us-east-1", "eu-central-1"),
    ("landing-zone-accelerator", "customizations-config.yaml", "name: LogRetentionDays", "name: Retention"),
    ("landing-zone-accelerator", "customizations-config.yaml", '"365"', "365"),
    ("landing-zone-accelerator", "customizations-config.yaml", "- CAPABILITY_IAM", "- CAPABILITY_ROLES"),
    ("landing-zone-accelerator", "customizations-config.yaml", "excludedAccounts", "exclude"),
]


def misfits(stack_set: StackSet) -> list[str]:
    """Where a StackSet does not fit the template that it deploys."""
    template = member_template()
    parameters = template["Parameters"]
    (function,) = of_type(template, "AWS::Lambda::Function").values()
    found = []
    if stack_set.name != function["Properties"]["FunctionName"]:
        found.append(f"the policies for accounts and root-keys know no StackSet {stack_set.name}")
    if member_template(homeRegion=stack_set.region) != template:
        found.append(f"in {stack_set.region} accounts need another template")
    if "CAPABILITY_IAM" not in stack_set.capabilities:
        found.append("the template creates roles")
    required = {name for name, it in parameters.items() if "Default" not in it}
    found += [f"the template has no parameter {name}" for name in stack_set.parameters.keys() - parameters.keys()]
    found += [f"the parameter {name} is missing" for name in required - stack_set.parameters.keys()]
    for name, value in stack_set.parameters.items():
        allowed = parameters.get(name, {}).get("AllowedValues")
        if allowed and not value.startswith("${") and value not in allowed:
            found.append(f"{name} must be one of {allowed}")
    return found


def of_type(template: dict, kind: str) -> dict[str, dict]:
    return {name: it for name, it in template["Resources"].items() if it["Type"] == kind}


class Adapters(unittest.TestCase):
    def test_there_is_one_for_each_folder(self):
        self.assertEqual(set(READERS), {it.name for it in FOLDER.iterdir() if it.is_dir()})

    def test_each_is_valid_and_fits_the_template(self):
        for name, read in READERS.items():
            with self.subTest(name):
                self.assertEqual(misfits(read(FOLDER / name)), [])

    def test_each_drift_is_found(self):
        for name, file, before, after in DRIFTS:
            with self.subTest(name, before=before, after=after), tempfile.TemporaryDirectory() as copy:
                folder = shutil.copytree(FOLDER / name, Path(copy) / name)
                text = (folder / file).read_text()
                self.assertIn(before, text)
                (folder / file).write_text(text.replace(before, after))
                self.assertTrue(self.is_refused(name, folder))

    def is_refused(self, name: str, folder: Path) -> bool:
        try:
            return misfits(READERS[name](folder)) != []
        except InvalidAdapter:
            return True

    def test_terraform_sets_every_parameter(self):
        # The provider reports a parameter that only has its default as a change, at every plan.
        self.assertEqual(adapters.terraform(FOLDER / "terraform").parameters.keys(), member_template()["Parameters"].keys())


class ControlTowerPolicies(unittest.TestCase):
    def setUp(self):
        _, files = adapters.control_tower(FOLDER / "control-tower")
        self.policies = {name: json.loads(file.read_text()) for name, file in files.items()}

    def test_they_are_those_of_a_rollout_by_this_app(self):
        ours = {name: json.loads((REPOSITORY / f"cdk/policies/{name}.json").read_text()) for name in self.policies}
        self.assertEqual(self.policies["deny-root-access-keys"], ours["deny-root-access-keys"])
        (keep,), ours_keep = self.policies["keep-root-access-key-rule"]["Statement"], ours["keep-root-access-key-rule"]
        self.assertEqual(keep["Action"], ours_keep["Statement"][0]["Action"])

    def test_each_resource_of_an_account_is_protected(self):
        (keep,) = self.policies["keep-root-access-key-rule"]["Statement"]
        for kind, arn in arns(member_template(), "CustomControlTower-root-access-key-rule-org"):
            with self.subTest(kind, arn=arn):
                self.assertTrue(any(fnmatch.fnmatchcase(arn, pattern) for pattern in keep["Resource"]))

    def test_no_resource_of_another_customization_is_protected(self):
        (keep,) = self.policies["keep-root-access-key-rule"]["Statement"]
        other = {"Resources": {"Log": {"Type": "AWS::Logs::LogGroup"}, "Rule": {"Type": "AWS::Events::Rule"}}}
        for kind, arn in arns(other, "CustomControlTower-baseline"):
            with self.subTest(kind, arn=arn):
                self.assertFalse(any(fnmatch.fnmatchcase(arn, pattern) for pattern in keep["Resource"]))

    def test_each_is_short_enough_for_a_service_control_policy(self):
        for name, policy in self.policies.items():
            with self.subTest(name):
                self.assertLessEqual(len(json.dumps(policy, separators=(",", ":"))), 5120)


def arns(template: dict, stack_set: str) -> list[tuple[str, str]]:
    """The ARNs of an account's stack and of its resources, by type."""
    stack = f"StackSet-{stack_set}-1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d"
    account = "us-east-1:111122223333"
    found = [("the stack", f"arn:aws:cloudformation:{account}:stack/{stack}/3c4d")]
    for name, it in template["Resources"].items():
        properties = it.get("Properties", {})
        found.append((it["Type"], {
            "AWS::Lambda::Function": lambda: f"arn:aws:lambda:{account}:function:{properties['FunctionName']}",
            "AWS::Config::ConformancePack":
                lambda: f"arn:aws:config:{account}:conformance-pack/{properties['ConformancePackName']}/abc",
            "AWS::StepFunctions::StateMachine":
                lambda: f"arn:aws:states:{account}:stateMachine:{properties['StateMachineName']}",
            "AWS::Events::Rule": lambda: f"arn:aws:events:{account}:rule/{generated_name(stack, name, 64)}",
            "AWS::IAM::Role":
                lambda: f"arn:aws:iam::111122223333:role{properties['Path']}{generated_name(stack, name, 64)}",
            "AWS::Logs::LogGroup": lambda: f"arn:aws:logs:{account}:log-group:{generated_name(stack, name, 512)}",
        }.get(it["Type"], lambda: None)()))
    # Permissions and invoke configurations are part of the function.
    return [(kind, arn) for kind, arn in found if arn is not None]


if __name__ == "__main__":
    unittest.main()
