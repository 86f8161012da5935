"""AWS's own list of the calls that CloudFormation's resource handlers make, for the resource types that we use.

The schemas of AWS's public registry name the permissions of each handler, and cfn-lint publishes them (MIT-0).
`resource_handlers.json` is an extract that names the version it comes from. It leaves out the list handlers: they run
for Cloud Control API's ListResources, never for a stack. After an update of cfn-lint, or for a new resource type, run
`.tools/deployment/bin/python tests/deployment/policies/resource_handlers.py TYPE...` (without types: the same ones).
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

FILE = Path(__file__).with_name("resource_handlers.json")

# resource type: handler (create, read, update, delete): actions
HANDLERS: dict[str, dict[str, str]] = json.loads(FILE.read_text())["handlers"] if FILE.exists() else {}


def published(resource_types: set[str]) -> dict[str, dict[str, str]]:
    """The same from the schemas of the cfn-lint that is installed."""
    import cfnlint

    schemas = Path(cfnlint.__file__).parent / "data/schemas/resources"
    found = {}
    for schema in map(json.loads, (path.read_text() for path in schemas.glob("*.json"))):
        if schema["typeName"] in resource_types:
            found[schema["typeName"]] = {
                handler: " ".join(sorted(it.get("permissions", [])))
                for handler, it in sorted(schema["handlers"].items())
                if handler != "list"
            }
    return dict(sorted(found.items()))


def source() -> str:
    """Where `published` reads."""
    return f"CloudFormation's resource provider schemas as in cfn-lint {version('cfn-lint')} (PyPI, MIT-0)"


if __name__ == "__main__":
    FILE.write_text(json.dumps({"source": source(), "handlers": published(set(sys.argv[1:] or HANDLERS))}, indent=1) + "\n")
