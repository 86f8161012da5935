"""Answers the calls that state machines make through the AWS SDK to services that ministack does not call.

A task then invokes a function in place of the call, and everything else of its state stays: parameters, results, retries
and handlers of errors. The function forwards the parameters to the test, which checks them with botocore's service model.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable

import boto3
from botocore.validate import ParamValidator

from adaptation import NO_PARAMETERS

# A custom runtime, because ministack keeps the error types of no other.
# https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
BOOTSTRAP = '''#!/usr/bin/env python3
import os, urllib.error, urllib.request
runtime = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
while True:
    with urllib.request.urlopen(f"{runtime}/next") as invocation:
        request, parameters = invocation.headers["Lambda-Runtime-Aws-Request-Id"], invocation.read()
    try:
        with urllib.request.urlopen(os.environ["TEST"], parameters) as it:
            kind, body = "response", it.read()
    except urllib.error.HTTPError as it:
        kind, body = "error", it.read()
    urllib.request.urlopen(f"{runtime}/{request}/{kind}", body).close()
'''


class Refused(Exception):
    """The service refuses the call. `code` is the error as Step Functions names it, for example
    `SecurityHub.InvalidAccessException`."""

    def __init__(self, code: str, message: str = "refused by the test"):
        super().__init__(message)
        self.code = code


class SdkCalls:
    """The services. `answers` are functions of the parameters, by call, such as `config:describeConfigRules`."""

    def __init__(self):
        self.answers: dict[str, Callable[[dict], dict]] = {}
        self.received: list[tuple[str, dict]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"calls": self}))
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "SdkCalls":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._server.shutdown()
        self._server.server_close()

    def clear(self) -> None:
        self.answers.clear()
        self.received.clear()

    def answer(self, call: str, parameters: dict) -> dict:
        parameters.pop(NO_PARAMETERS, None)
        self.received.append((call, parameters))
        if problem := invalid(call, parameters):
            raise Refused("States.Runtime", problem)
        return self.answers[call](parameters)


def invalid(call: str, parameters: dict) -> str:
    """Why the service's API does not take the parameters, or nothing. A function of ours, `function:NAME`, takes any."""
    service, operation = call.split(":")
    if service == "function":
        return ""
    client = boto3.client(service, region_name="us-east-1")
    shape = client.meta.service_model.operation_model(operation[0].upper() + operation[1:]).input_shape
    return ParamValidator().validate(parameters, shape).generate_report()


class _Handler(BaseHTTPRequestHandler):
    """`POST /SERVICE:OPERATION` with the parameters."""

    calls: SdkCalls

    def do_POST(self) -> None:
        parameters = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            status, body = 200, self.calls.answer(self.path[1:], parameters)
        except Refused as refused:
            status, body = 400, {"errorType": refused.code, "errorMessage": str(refused)}
        except Exception as error:  # The test did not expect this call: the execution shows it.
            status, body = 400, {"errorType": "States.Runtime", "errorMessage": f"the test has no answer: {error!r}"}
        encoded = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)

    def log_message(self, *_: Any) -> None:
        """Nothing: failures show in the executions."""
