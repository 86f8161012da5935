"""Makes moto's interpreter of state machines evaluate JSONata, which moto 5.2 parses and cannot run.

The evaluator is jsonata-python, a port of the reference implementation that Step Functions documents to use.
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

import json
from typing import Any

from jsonata import Jsonata
from moto.stepfunctions.parser.asl.eval import states, variable_store
from moto.stepfunctions.parser.asl.jsonata import jsonata


def extend(_: str) -> None:
    """Extends the moto that runs in this process."""
    jsonata._eval_jsonata = lambda expression: Jsonata(expression).evaluate(None)
    for module in (states, variable_store):
        module.encode_jsonata_variable_declarations = declarations


def declarations(bindings: dict[str, Any]) -> str:
    """The declarations of variables. moto's own write a text with a quotation mark or a line break as it is."""
    return "".join(f"{name}:={json.dumps(value, default=str, ensure_ascii=False)};" for name, value in bindings.items())
