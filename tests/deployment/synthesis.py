"""The template as the app synthesizes it, with the values that CloudFormation would put in."""

import json
import os
import re
import struct
import subprocess
import zipfile
from pathlib import Path
from typing import Any

from environment import ACCOUNT, REGION, REPOSITORY

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:root-access-key-rule"


def synthesize(folder: Path, **context: str) -> Path:
    """Runs the app into the folder; a tiny function in place of the built one, and no AWS."""
    environment = {"PATH": os.environ["PATH"], "CDK_OUTDIR": str(folder)}
    flags = json.loads((REPOSITORY / "cdk/cdk.json").read_text())["context"]
    environment["CDK_CONTEXT_JSON"] = json.dumps({**flags, **_artifacts(folder, context), **context})
    subprocess.run(
        ["node", "--import", "tsx", "bin/app.ts"], cwd=REPOSITORY / "cdk", env=environment, check=True
    )
    return folder / "RootAccessKeyRule.template.json"


# The home region of each partition that the app knows.
REGIONS = {
    "aws": "us-east-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-cn": "cn-north-1",
    "aws-eusc": "eusc-de-east-1",
}

# Settings of an organization, and everything that can be switched on.
_ORGANIZATION = {
    "organizationId": "o-a1b2c3d4e5",
    "organizationalUnits": "r-a1b2",
    "administrator": "management-account",
    "managementAccount": "deploy",
}
_EVERYTHING = {
    "alertEmail": "security@example.com", "dashboard": "true", "tags": '{"team":"security"}', "securityHub": "true",
}
# These are the operator's of the StackSet.
_NOT_IN_MEMBER_TEMPLATE = {"alertEmail", "dashboard", "tags"}
MODES = {
    "account": {"mode": "account"},
    "template": {"mode": "template"},
    "member-template": {"mode": "member-template"},
    "stack-set": {"mode": "stack-set", **_ORGANIZATION},
    "organization-pack": {
        "mode": "organization-pack",
        **_ORGANIZATION,
        "deliveryBucket": "awsconfigconforms-example",
    },
}
# A region to which the app forwards IAM's events, where that is done.
_OTHER_REGIONS = {"aws": "eu-central-1", "aws-us-gov": "us-gov-east-1", "aws-cn": "cn-northwest-1"}


def home_region(mode: str, partition: str) -> str:
    """The home region of the templates of a mode in `synthesize_all`."""
    return _OTHER_REGIONS[partition] if mode == "elsewhere" else REGIONS[partition]


def synthesize_all(folder: Path) -> dict[tuple[str, str], list[Path]]:
    """Every template of every mode with everything switched on, by mode and partition; in one run of Node.js.

    The mode `elsewhere` is a rollout with another home region than the one where IAM's events arrive.
    """
    apps = {
        (mode, partition): {**settings, "homeRegion": region}
        for partition, region in REGIONS.items()
        for mode, settings in MODES.items()
    }
    apps |= {("elsewhere", partition): {**MODES["stack-set"], "homeRegion": region} for partition, region in _OTHER_REGIONS.items()}
    runs = []
    for (mode, partition), settings in apps.items():
        boundary = f"arn:{partition}:iam::{ACCOUNT}:policy/Boundary"
        context = {**_artifacts(folder, settings), **_EVERYTHING, "permissionsBoundary": boundary, **settings}
        if mode == "member-template":
            context = {name: it for name, it in context.items() if name not in _NOT_IN_MEMBER_TEMPLATE}
        runs.append(
            {"CDK_OUTDIR": str(folder / partition / mode), "CDK_CONTEXT_JSON": json.dumps(context)}
        )
    script = """
      process.setMaxListeners(0);  // Each app adds one.
      for (const [number, environment] of JSON.parse(process.argv.at(-1)).entries()) {
        Object.assign(process.env, environment);
        await import(`./bin/app.ts?${number}`);
      }"""
    subprocess.run(
        ["node", "--import", "tsx", "--input-type=module", "--eval", script, json.dumps(runs)],
        cwd=REPOSITORY / "cdk", env={"PATH": os.environ["PATH"]}, check=True,
    )
    return {
        (mode, partition): sorted((folder / partition / mode).rglob("*.template.json")) for mode, partition in apps
    }


def load(template: Path) -> dict:
    return json.loads(template.read_text())


def resources(template: Path, kind: str) -> list[dict]:
    """The properties of the resources of a type, resolved for the account and region of the deployment tests."""
    found = load(template)["Resources"]
    functions = {f"{name}.Arn": FUNCTION for name in found if name.startswith("Function")}
    return [resolve(it["Properties"], functions) for it in found.values() if it["Type"] == kind]


def resolve(value: Any, known: dict[str, str]) -> Any:
    """The value with its references resolved: `known` by `NAME` or `NAME.ATTRIBUTE`, else a placeholder."""
    known = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT} | known
    match value:
        case {"Ref": name}:
            return known.get(name, name)
        case {"Fn::GetAtt": [name, attribute]}:
            return known.get(f"{name}.{attribute}", f"{attribute} of {name}")
        case {"Fn::Join": [separator, parts]}:
            return separator.join(str(resolve(part, known)) for part in parts)
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([\w:.]+)\}", lambda it: known.get(it[1], it[1]), text)
        case {"Fn::If": [_, then, _]}:
            return resolve(then, known)
        case {"Fn::ImportValue": name}:
            return resolve(name, known)
        case dict():
            return {key: resolve(it, known) for key, it in value.items()}
        case list():
            return [resolve(it, known) for it in value]
    return value


def _artifacts(folder: Path, settings: dict[str, Any]) -> dict[str, str]:
    """The settings for what was built: the function of the rule, and in an organization also that of the watch."""
    names = ["artifact", *(["watchArtifact"] if "organizationId" in settings else [])]
    return dict.fromkeys(names, str(_tiny_function(folder)))


def _tiny_function(folder: Path) -> Path:
    """A zip with the header of a 64-bit executable for x86-64, which is all that synthesis looks at."""
    path = folder / "bootstrap.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bootstrap", b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 3, 0x3E) + bytes(44))
    return path
