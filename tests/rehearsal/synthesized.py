"""The template as the app synthesizes it, with the values that CloudFormation would put in."""

import json
import os
import struct
import subprocess
import zipfile
from pathlib import Path
from typing import Any

from conftest import ACCOUNT, REGION, REPOSITORY

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:root-access-key-rule"


def synthesize(folder: Path, **context: str) -> Path:
    """Runs the app into the folder; a tiny function in place of the built one, and no AWS."""
    environment = {"PATH": os.environ["PATH"], "CDK_OUTDIR": str(folder)}
    environment["CDK_CONTEXT_JSON"] = json.dumps({"artifact": str(_tiny_function(folder)), **context})
    subprocess.run(
        ["node", "--import", "tsx", "bin/app.ts"], cwd=REPOSITORY / "cdk", env=environment, check=True
    )
    return folder / "RootAccessKeyRule.template.json"


def resources(template: Path, kind: str) -> list[dict]:
    """The properties of the resources of a type, resolved for the account and region of the rehearsal."""
    found = json.loads(template.read_text())["Resources"].values()
    return [_resolved(it["Properties"]) for it in found if it["Type"] == kind]


def _resolved(value: Any) -> Any:
    pseudo = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT}
    match value:
        case {"Ref": name}:
            return pseudo.get(name, name)
        case {"Fn::GetAtt": [name, "Arn"]}:
            return FUNCTION if name.startswith("Function") else f"arn of {name}"
        case {"Fn::Join": [separator, parts]}:
            return separator.join(_resolved(part) for part in parts)
        case dict():
            return {key: _resolved(it) for key, it in value.items()}
        case list():
            return [_resolved(it) for it in value]
    return value


def _tiny_function(folder: Path) -> Path:
    """A zip with the header of a 64-bit executable for x86-64, which is all that synthesis looks at."""
    path = folder / "bootstrap.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bootstrap", b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 3, 0x3E) + bytes(44))
    return path
