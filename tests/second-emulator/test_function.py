"""The packaged function runs as a custom runtime of Lambda, deployed as the template says, in an emulator whose code is not
changed. The local AWS emulator answers as IAM and AWS Config.
"""

import json
from contextlib import ExitStack
from copy import deepcopy
from functools import lru_cache
from pathlib import Path

import pytest

from account import Account, wait_for
from credentials import Exchange
from environment import REPOSITORY
from events import SECRET
from local_aws import LocalAws

NAME = "root-access-key-rule"
# Accounts of the local AWS emulator: without a root key, with one, and with an IAM that denies every call.
WITHOUT_KEY, WITH_KEY, DENIED = "111111111111", "333333333333", "888888888888"

IAM, CONFIG = "AWS_ENDPOINT_URL_IAM", "AWS_ENDPOINT_URL_CONFIG_SERVICE"


@pytest.fixture(scope="module")
def artifact(request) -> Path:
    path = request.config.getoption("--artifact").resolve()
    assert path.is_file(), f"there is no built function at {path}: build it with `make package`"
    return path


@pytest.fixture(scope="module")
def local_aws():
    with LocalAws() as it:
        yield it


@pytest.fixture(scope="module")
def endpoints(local_aws):
    """IAM and AWS Config, by the variable that names the endpoint to a function."""
    with ExitStack() as stack:
        environment = lru_cache(local_aws.environment)
        yield {it: stack.enter_context(Exchange(it, environment)) for it in (IAM, CONFIG)}


@pytest.fixture(scope="module")
def accounts(ministack, sdk, templates, artifact, endpoints) -> dict[str, Account]:
    """The accounts, each with the deployed function, by their IDs."""
    ministack.reset()
    return {
        it: deployed(Account(ministack, sdk, it), templates["RootAccessKeyRule"], artifact, endpoints)
        for it in (WITHOUT_KEY, WITH_KEY, DENIED)
    }


def deployed(account: Account, template: dict, artifact: Path, endpoints: dict[str, Exchange]) -> Account:
    template = deepcopy(template)
    [function] = [it["Properties"] for it in template["Resources"].values() if it["Type"] == "AWS::Lambda::Function"]
    # Only the endpoints differ from a deployment.
    bucket = function["Code"]["S3Bucket"]["Fn::Sub"].replace("${AWS::AccountId}", account.id)
    account.client("s3").create_bucket(Bucket=bucket)
    account.client("s3").put_object(Bucket=bucket, Key=function["Code"]["S3Key"], Body=artifact.read_bytes())
    function["Environment"]["Variables"] |= {name: it.address for name, it in endpoints.items()}
    account.deploy("RootAccessKeyRule", template)
    account.listen()
    functions = account.client("lambda")
    wait_for(lambda: functions.get_function_configuration(FunctionName=NAME)["State"] == "Active")
    return account


def scheduled_event(account: str) -> dict:
    """The event of AWS Config for an account. AWS Config takes its result token, that of a test, from any caller."""
    text = (REPOSITORY / "tests/fixtures/events/valid/documented.json").read_text().replace("111122223333", account)
    event = json.loads(text)
    assert event["resultToken"] == "TESTMODE"
    return event


def invoke(account: Account, event: dict) -> tuple[str | None, dict | None]:
    answer = account.client("lambda").invoke(FunctionName=NAME, Payload=json.dumps(event).encode())
    return answer.get("FunctionError"), json.loads(answer["Payload"].read())


def test_it_reads_the_keys_and_reports_the_verdict(accounts):
    for account in (WITHOUT_KEY, WITH_KEY):
        failed, answer = invoke(accounts[account], scheduled_event(account))
        assert failed is None, answer


def test_a_failed_evaluation_names_its_error(accounts):
    failed, error = invoke(accounts[DENIED], scheduled_event(DENIED))
    assert (failed, error["errorType"]) == ("Unhandled", "EvidenceUnavailable")
    failed, error = invoke(accounts[WITH_KEY], scheduled_event(WITHOUT_KEY))
    assert (failed, error["errorType"]) == ("Unhandled", "WrongAccount")
    assert "nothing was read or reported" in error["errorMessage"]


def test_a_failed_run_is_retried_twice_and_its_record_becomes_a_message(accounts, endpoints):
    """ministack sends the record of a failure to a queue, but to no bus: the test puts it there, with the version that AWS
    adds to the function (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html).
    """
    account = accounts[DENIED]
    assert destination(account) == f"arn:aws:events:us-east-1:{DENIED}:event-bus/default"
    queue = account.client("sqs").create_queue(QueueName="failures")["QueueUrl"]
    functions = account.client("lambda")
    functions.put_function_event_invoke_config(
        FunctionName=NAME, Qualifier="$LATEST", DestinationConfig={"OnFailure": {"Destination": f"arn:aws:sqs:us-east-1:{DENIED}:failures"}}
    )
    before = endpoints[IAM].callers.count(DENIED)
    event = scheduled_event(DENIED) | {"resultToken": SECRET}
    functions.invoke(FunctionName=NAME, InvocationType="Event", Payload=json.dumps(event).encode())
    [record] = [json.loads(it) for it in wait_for(lambda: account.received(queue))]
    assert endpoints[IAM].callers.count(DENIED) == before + 3
    assert record["requestPayload"] == event
    context = record["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == ("RetriesExhausted", 3)
    context["functionArn"] += ":$LATEST"
    assert record["responsePayload"]["errorType"] == "EvidenceUnavailable"
    account.happens({
        "source": "lambda", "detail-type": "Lambda Function Invocation Result - Failure", "detail": record,
        "resources": [context["functionArn"]],
    })
    [message] = account.messages(1)
    assert "Why: EvidenceUnavailable: cannot tell whether the root user" in message["Message"]
    assert "RetriesExhausted, attempts: 3" in message["Message"]
    assert SECRET not in message["Message"]


def destination(account: Account) -> str:
    """Where failures go, as deployed, with the number of retries and the age that the template sets."""
    deployed = account.client("lambda").get_function_event_invoke_config(FunctionName=NAME, Qualifier="$LATEST")
    assert (deployed["MaximumRetryAttempts"], deployed["MaximumEventAgeInSeconds"]) == (2, 3600)
    return deployed["DestinationConfig"]["OnFailure"]["Destination"]


def test_what_it_sent_to_aws(accounts, local_aws):
    """The last test: the requests are written when the local AWS emulator ends."""
    local_aws.stop()
    sent = [it for it in local_aws.requests if it["parameters"].get("TestMode")]
    assert [it["operation"] for it in sent] == ["PutEvaluations"] * 2
    [without, with_key] = [it["parameters"]["Evaluations"][0] for it in sent]
    assert (without["ComplianceResourceId"], without["ComplianceType"]) == (WITHOUT_KEY, "COMPLIANT")
    assert (with_key["ComplianceResourceId"], with_key["ComplianceType"]) == (WITH_KEY, "NON_COMPLIANT")
    assert with_key["Annotation"].startswith("The root user has access keys. Key 1: active")
