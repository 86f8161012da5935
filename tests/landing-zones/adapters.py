"""Reads the adapters in landing-zone/ with the parser or schema of their ecosystem."""

import importlib.util
import json
import logging
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import jsonschema
from pykwalify.core import Core
from pykwalify.errors import SchemaError
from ruamel.yaml import YAML

REPOSITORY = Path(__file__).resolve().parents[2]
_HERE = Path(__file__).parent

# It would print what the exception says.
logging.getLogger("pykwalify.core").setLevel(logging.CRITICAL)


class InvalidAdapter(Exception):
    """The file does not match the format of its ecosystem."""


@dataclass
class StackSet:
    """What an adapter asks of StackSets."""

    name: str
    region: str
    capabilities: list[str]
    parameters: dict[str, str]


def terraform(folder: Path) -> StackSet:
    """The Terraform module: parsed by HashiCorp's own parser, each resource held against the provider's schema."""
    module = _parse_hcl(folder)
    schema = json.loads((_HERE / "terraform-aws-provider.json").read_text())["resources"]
    for kind, resources in module["resource"].items():
        if kind not in schema:
            raise InvalidAdapter(f"{kind}: no schema; add it to terraform-aws-provider.json")
        for name, (body,) in resources.items():
            _check_block(f"{kind}.{name}", body, schema[kind])
    _check_variables(module)
    (stack_set,) = module["resource"]["aws_cloudformation_stack_set"].values()
    (instance,) = module["resource"]["aws_cloudformation_stack_set_instance"].values()
    return StackSet(
        name=stack_set[0]["name"],
        region=_value(instance[0]["stack_set_instance_region"], module),
        capabilities=stack_set[0]["capabilities"],
        parameters={name: _value(it, module) for name, it in stack_set[0]["parameters"].items()},
    )


def control_tower(folder: Path) -> tuple[StackSet, dict[str, Path]]:
    """The manifest for Control Tower: its StackSet, and its policies by name."""
    package = importlib.util.find_spec("aws_control_tower_manifest_builder")
    schema = Path(package.origin).with_name("manifest-v2.schema.yaml")
    manifest = YAML(typ="safe").load(folder / "manifest.yaml")
    try:
        Core(source_data=manifest, schema_files=[str(schema)]).validate(raise_exception=True)
    except SchemaError as error:
        raise InvalidAdapter(str(error)) from error
    (stack_set,) = [it for it in manifest["resources"] if it["deploy_method"] == "stack_set"]
    (region,) = stack_set["regions"]
    policies = {it["name"]: folder / it["resource_file"] for it in manifest["resources"] if it["deploy_method"] == "scp"}
    return (
        # Customizations for Control Tower always give CAPABILITY_IAM and CAPABILITY_NAMED_IAM.
        StackSet(
            name=stack_set["name"],
            region=region,
            capabilities=["CAPABILITY_IAM"],
            parameters={it["parameter_key"]: it["parameter_value"] for it in stack_set["parameters"]},
        ),
        policies,
    )


def landing_zone_accelerator(folder: Path) -> StackSet:
    """The entry for the Landing Zone Accelerator."""
    config = YAML(typ="safe").load(folder / "customizations-config.yaml")
    schema = json.loads((_HERE / "landing-zone-accelerator.schema.json").read_text())
    try:
        jsonschema.validate(config, schema)
    except jsonschema.ValidationError as error:
        raise InvalidAdapter(error.message) from error
    (stack_set,) = config["customizations"]["cloudFormationStackSets"]
    (region,) = stack_set["regions"]
    return StackSet(
        name=stack_set["name"],
        region=region,
        capabilities=stack_set["capabilities"],
        parameters={it["name"]: it["value"] for it in stack_set["parameters"]},
    )


def _parse_hcl(folder: Path) -> dict:
    """All files of a module as one object."""
    script = """
      const { parse } = require('@cdktf/hcl2json');
      const { readFileSync } = require('node:fs');
      Promise.all(process.argv.slice(1).map((file) => parse(file, readFileSync(file, 'utf8'))))
        .then((files) => console.log(JSON.stringify(files)))
        .catch((error) => { console.error(String(error)); process.exit(1); });"""
    files = sorted(folder.glob("*.tf"))
    done = subprocess.run(
        ["node", "--eval", script, *map(str, files)], cwd=REPOSITORY / "cdk", capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise InvalidAdapter(done.stderr)
    module: dict = {}
    for file in json.loads(done.stdout):
        for kind, blocks in file.items():
            module.setdefault(kind, {} if isinstance(blocks, dict) else [])
            if isinstance(blocks, dict):
                module[kind] |= blocks
            else:
                module[kind] += blocks
    return module


# Arguments that Terraform itself knows in every resource.
_META_ARGUMENTS = {"count", "depends_on", "for_each", "lifecycle", "provider"}


def _check_block(where: str, body: dict, schema: dict) -> None:
    for name in body.keys() - schema.keys() - _META_ARGUMENTS:
        raise InvalidAdapter(f"{where} has no argument {name}")
    for name, argument in schema.items():
        if argument["required"] and name not in body:
            raise InvalidAdapter(f"{where} needs the argument {name}")
        is_block = isinstance(argument["type"], dict)
        if is_block:
            for block in body.get(name, []):
                _check_block(f"{where}.{name}", block, argument["type"])
        elif name in body and not _fits(body[name], argument["type"]):
            raise InvalidAdapter(f"{where}: {name} must be a {argument['type']}")


def _fits(value: object, kind: str) -> bool:
    if isinstance(value, str) and value.startswith("${"):
        return True  # an expression: its type is known only to Terraform
    return isinstance(value, {"string": str, "number": (int, float), "bool": bool, "list": list, "map": dict}[kind])


def _check_variables(module: dict) -> None:
    """Every variable is declared, and every declared one is used."""
    body = json.dumps({kind: module[kind] for kind in ("locals", "resource", "output")})
    declared = set(module["variable"])
    used = set(re.findall(r"\bvar\.(\w+)", body))
    if declared != used:
        raise InvalidAdapter(f"variables declared or used, but not both: {sorted(declared ^ used)}")


def _value(expression: str, module: dict) -> str:
    """The default of the only variable in an expression, or the expression itself."""
    names = re.findall(r"\bvar\.(\w+)", expression)
    variable = module["variable"].get(names[0]) if len(names) == 1 else None
    return str(variable[0].get("default", expression)) if variable else expression
