"""Prints what parliament finds in policies. Runs in the environment of tests/second-emulator/requirements.txt.

Reads an object of policies by name from the standard input, and prints an object of findings by name.
https://github.com/duo-labs/parliament
"""

import json
import sys

import parliament


def findings(policy: dict) -> list[list[str]]:
    found = parliament.analyze_policy_string(json.dumps(policy)).findings
    return sorted([it.issue, it.detail if isinstance(it.detail, str) else json.dumps(it.detail)] for it in found)


if __name__ == "__main__":
    print(json.dumps({name: findings(policy) for name, policy in json.load(sys.stdin).items()}))
