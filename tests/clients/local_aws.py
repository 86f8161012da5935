"""Starts the local AWS emulator for clients that are not ours."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import botocore.session

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BINARIES = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")) / "debug"
RULE = "root-access-key-rule"


# An option with which it keeps running, and the last line that it prints before it waits.
FLEET = ("--serve", "root-keys list --account 333333333333\n")
ORGANIZATION = ("--organization", "root-keys status\n")


class LocalAws:
    """`local --serve` or `local --organization`, as a user starts it, and what it prints."""

    def __init__(self, mode=FLEET):
        self.option, self.last_line = mode

    def __enter__(self):
        self.requests_file = tempfile.NamedTemporaryFile(suffix=".jsonl")
        self.process = subprocess.Popen(
            [BINARIES / "local", self.option, "--port", "0", "--requests", self.requests_file.name],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.printed = ""
        while not self.printed.endswith(self.last_line):
            line = self.process.stdout.readline()
            assert line, f"local ended early, having printed:\n{self.printed}"
            self.printed += line
        return self

    def __exit__(self, *_):
        self.stop()
        self.requests_file.close()

    def stop(self):
        """Ends it and returns its exit code. Then the requests are written."""
        self.process.terminate()
        code = self.process.wait(timeout=60)
        self.process.stdout.close()
        return code

    @property
    def requests(self):
        """The requests that were sent to the emulator. They are written when it ends."""
        lines = pathlib.Path(self.requests_file.name).read_text().splitlines()
        return [json.loads(line) for line in lines]

    @property
    def commands(self):
        return re.findall(r"^aws .*$", self.printed.replace("\\\n  ", ""), re.M)

    def environment(self, who):
        """The variables that the printed lines set for an account, or for `root user of …`."""
        lines = re.search(r"^export .*?^sign_in_as_root.*?^}$", self.printed, re.M | re.S)[0]
        account = re.search(r"\d{12}", who)[0]
        script = f"{lines}\nsign_in {account}"
        if who != account and who.startswith("root"):
            # The root user that the printed lines sign in as.
            script = f"{lines}\n" + re.search(rf"^sign_in_as_root {account} \d", self.printed, re.M)[0]
        bash = ["bash", "-c", f"{script}\nenv -0"]
        printed = subprocess.run(bash, env={"PATH": os.environ["PATH"]}, capture_output=True, check=True).stdout
        pairs = dict(pair.split("=", 1) for pair in printed.decode().split("\0") if pair)
        return {name: value for name, value in pairs.items() if name.startswith("AWS_")} | {
            # With the AWS CLI of this environment and the binaries of this build, and no configuration of the user's.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "PATH": os.pathsep.join([os.path.dirname(sys.executable), str(BINARIES), os.environ["PATH"]]),
        }

    def run(self, who, command, **options):
        """Runs a line of shell as an account or root user; returns the completed process."""
        environment = self.environment(who)
        return subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, **options)

    def client(self, service, account):
        """botocore's client of that service, signing for that account."""
        environment = self.environment(account)
        endpoint = {"config": "CONFIG_SERVICE"}.get(service, service.upper())
        return botocore.session.get_session().create_client(
            service,
            region_name=environment["AWS_DEFAULT_REGION"],
            endpoint_url=environment[f"AWS_ENDPOINT_URL_{endpoint}"],
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=environment.get("AWS_SESSION_TOKEN"),
            config=botocore.config.Config(retries={"max_attempts": 0}),
        )
