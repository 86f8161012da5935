"""Templates whose state machines run at once and without the rest of their stack, for tests that run them."""

import json
import re

from environment import ACCOUNT, REGION
from synthesis import FUNCTION

RULE = f"arn:aws:config:{REGION}:{ACCOUNT}:config-rule/config-rule-a1b2c3"


def at_once(template: dict) -> dict:
    """The template with a function and a rule of another stack, without waits, and with two short retries."""
    text = json.dumps(template)
    for name, it in template["Resources"].items():
        if arn := {"AWS::Lambda::Function": FUNCTION, "AWS::Config::ConfigRule": RULE}.get(it["Type"]):
            text = text.replace(json.dumps({"Fn::GetAtt": [name, "Arn"]}), json.dumps(arn))
    for name, value in {"Seconds": 0, "IntervalSeconds": 1, "MaxAttempts": 2}.items():
        text = re.sub(rf'(\\"{name}\\"):\d+', rf"\g<1>:{value}", text)
    return json.loads(text)
