"""ConfigRules of an account, and how the tests have AWS answer about them."""

from typing import Any, Callable

from sdk_calls import Refused, SdkCalls

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:root-access-key-rule"
PLAIN = {"ConfigRuleName": "root-access-key-rule", "Source": {"Owner": "CUSTOM_LAMBDA", "SourceIdentifier": FUNCTION}}
OF_A_PACK = {**PLAIN, "ConfigRuleName": "root-access-key-rule-conformance-pack-a1b2c3d4e"}
OTHER = {"ConfigRuleName": "other", "Source": {"Owner": "CUSTOM_LAMBDA", "SourceIdentifier": f"{FUNCTION}-other"}}
# Its policy is in the rule, so it has no function.
GUARD = {"ConfigRuleName": "guard", "Source": {"Owner": "CUSTOM_POLICY"}}

HAS_KEY = {"ComplianceType": "NON_COMPLIANT", "Annotation": "The root user has 1 access key."}
NO_KEY = {"ComplianceType": "COMPLIANT", "Annotation": "The root user has no access keys."}


def two_pages(parameters: dict) -> dict:
    """Rules of the function on both pages, between others."""
    pages = {None: {"ConfigRules": [GUARD, OTHER, PLAIN], "NextToken": "2"}, "2": {"ConfigRules": [OF_A_PACK, OTHER]}}
    return pages[parameters.get("NextToken")]


def result(parameters: dict, verdict: dict) -> dict:
    """The result of a rule, as AWS Config shows it."""
    qualifier = {"ConfigRuleName": parameters["ConfigRuleName"], "ResourceType": "AWS::::Account"}
    return {"EvaluationResultIdentifier": {"EvaluationResultQualifier": qualifier}, **verdict}


def asked(sdk: SdkCalls, call: str) -> list[dict]:
    """The parameters of each such call."""
    return [parameters for name, parameters in sdk.received if name == call]


def refuse_first(times: int, code: str, then: Callable[[dict], dict] | None = None) -> Callable[[dict], Any]:
    """An answer that is refused so many times."""
    left = [Refused(code)] * times

    def answer(parameters: dict) -> dict:
        if left:
            raise left.pop()
        return then(parameters)

    return answer
