"""The function evaluates an account of moto. Only the Lambda Runtime API is ours: a few lines here."""

import http.server
import json
import logging
import queue
import subprocess
import threading
import time
import unittest

from moto.iam.models import iam_backends
from moto.server import ThreadedMotoServer

from local_aws import BINARIES, RULE

ACCOUNT = "123456789012"  # moto's own
EVENT = {
    "invokingEvent": json.dumps(
        {
            "awsAccountId": ACCOUNT,
            "notificationCreationTime": "2026-03-01T06:00:00.373Z",
            "messageType": "ScheduledNotification",
            "recordVersion": "1.0",
        }
    ),
    # moto knows only test runs of PutEvaluations.
    "resultToken": "TESTMODE",
    "configRuleName": RULE,
    "accountId": ACCOUNT,
}


class RuntimeApi(http.server.BaseHTTPRequestHandler):
    """Passes events to the function and keeps the outcomes."""

    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = json.dumps(self.server.events.get()).encode()
        self.send_response(200)
        self.send_header("lambda-runtime-aws-request-id", "1")
        self.send_header("lambda-runtime-deadline-ms", str(int(time.time() * 1000) + 30_000))
        arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{RULE}"
        self.send_header("lambda-runtime-invoked-function-arn", arn)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.outcomes.put((self.path.rsplit("/", 1)[-1], json.loads(body)))
        self.send_response(202)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), RuntimeApi)
        self.events = queue.Queue()
        self.outcomes = queue.Queue()

    def handle_error(self, *_):
        """The function is killed while it waits for the next event: nothing to report."""


class Moto(unittest.TestCase):
    def setUp(self):
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        moto.start()
        self.addCleanup(moto.stop)
        host, port = moto.get_host_and_port()
        self.runtime = Server()
        threading.Thread(target=self.runtime.serve_forever, daemon=True).start()
        self.addCleanup(self.runtime.server_close)
        self.addCleanup(self.runtime.shutdown)
        environment = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.runtime.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": RULE,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        }
        function = subprocess.Popen(
            [BINARIES / "bootstrap"], env=environment, stdout=subprocess.DEVNULL
        )
        self.addCleanup(function.wait)
        self.addCleanup(function.kill)

    def evaluated(self):
        self.runtime.events.put(EVENT)
        kind, outcome = self.runtime.outcomes.get(timeout=60)
        self.assertEqual(kind, "response", outcome)
        return outcome["complianceType"], outcome["annotation"]

    def test_reports_an_account_without_root_keys_as_compliant(self):
        self.assertEqual(self.evaluated(), ("COMPLIANT", "The root user has no access keys."))

    def test_reports_a_root_key_without_details(self):
        # moto has no call that makes one, and no root user in its credential report.
        summary = iam_backends[ACCOUNT]["aws"].account_summary
        summary._account_access_keys_present = 1
        self.addCleanup(setattr, summary, "_account_access_keys_present", 0)
        compliance_type, annotation = self.evaluated()
        self.assertEqual(compliance_type, "NON_COMPLIANT")
        self.assertTrue(annotation.startswith("The root user has access keys. No details: "))
