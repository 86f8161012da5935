"""AWS's own list of what CloudFormation's resource handlers call, for the resource types that we use (`resource_handlers.json`).

The schemas of AWS's public registry name the permissions of each handler. cfn-lint publishes them whole (MIT-0);
`resource_handlers.json` is the extract, with the version that it was made from. To make it again, after an update of cfn-lint
or for a new resource type: `.tools/deployment/bin/python tests/deployment/policies/resource_handlers.py TYPE...` (without types: the same ones).
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

FILE = Path(__file__).with_name("resource_handlers.json")

# resource type: handler (create, read, update, delete, list): actions
HANDLERS: dict[str, dict[str, list[str]]] = json.loads(FILE.read_text())["handlers"] if FILE.exists() else {}


def published(resource_types: set[str]) -> dict[str, dict[str, list[str]]]:
    """The same from the schemas of the cfn-lint that is installed."""
    import cfnlint

    schemas = Path(cfnlint.__file__).parent / "data/schemas/resources"
    found = {}
    for schema in map(json.loads, (path.read_text() for path in schemas.glob("*.json"))):
        if schema["typeName"] in resource_types:
            found[schema["typeName"]] = {
                handler: sorted(it.get("permissions", [])) for handler, it in sorted(schema["handlers"].items())
            }
    return dict(sorted(found.items()))


def source() -> str:
    """Where `published` reads."""
    return f"CloudFormation's resource provider schemas as in cfn-lint {version('cfn-lint')} (PyPI, MIT-0)"


if __name__ == "__main__":
    FILE.write_text(json.dumps({"source": source(), "handlers": published(set(sys.argv[1:] or HANDLERS))}, indent=1) + "\n")
