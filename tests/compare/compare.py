"""Writes the table of docs/comparison.md: the verdict of other tools on the accounts of the local AWS emulator."""

import csv
import json
import os
import pathlib
import subprocess
import re
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
sys.path.insert(0, str(REPOSITORY / "tests/clients"))

from local_aws import RULE, LocalAws  # noqa: E402

DOCUMENT = REPOSITORY / "docs/comparison.md"
PEERS = REPOSITORY / ".tools/peers"
OTHER_SERVICES = ["ACCOUNT", "CLOUDTRAIL", "EC2", "RESOURCE_GROUPS_TAGGING_API", "S3", "SECURITYHUB"]
TIMEOUT = 180  # seconds
BEGIN, END = "<!-- from make compare -->\n", "<!-- end -->\n"


def run(words, environment, place):
    return subprocess.run(words, env=environment, cwd=place, capture_output=True, text=True, timeout=TIMEOUT)


def this_rule(local_aws, account, *_):
    config = local_aws.client("config", account)
    [rule] = config.describe_compliance_by_config_rule(ConfigRuleNames=[RULE])["ComplianceByConfigRules"]
    verdict = rule["Compliance"]["ComplianceType"]
    return "run failed, a notification is sent if an address is set" if verdict == "INSUFFICIENT_DATA" else verdict


def cloud_custodian(_, account, environment, place):
    """The documented filter `iam-summary` on `AccountAccessKeysPresent`."""
    custodian = PEERS / "c7n/bin/custodian"
    policy = HERE / "c7n-policy.yml"
    run([custodian, "run", "-s", "out", "--region", "us-east-1", policy], environment, place)
    resources = pathlib.Path(place, "out/root-keys/resources.json")
    if not resources.exists():
        return "error in the log"
    return "match" if json.loads(resources.read_text()) else "no match"


def prowler(_, account, environment, place):
    """Its check `iam_no_root_access_key`."""
    words = "aws --checks iam_no_root_access_key --region us-east-1 --no-banner -M csv -o out -F findings"
    ran = run([PEERS / "prowler/bin/prowler", *words.split()], environment, place)
    findings = pathlib.Path(place, "out/findings.csv")
    if not findings.exists():
        return f"no findings, exit code {ran.returncode}"
    rows = list(csv.DictReader(findings.open(), delimiter=";"))
    return ", ".join(row["STATUS"] for row in rows) or f"no findings, exit code {ran.returncode}"


COLUMNS = {"this rule": this_rule, "Cloud Custodian": cloud_custodian, "Prowler": prowler}


def fleet(local_aws):
    """Each account and its description in the table that the emulator prints."""
    for line in local_aws.printed.splitlines():
        if row := re.fullmatch(r"(\d{12})  (.{40}) (?:COMPLIANT|NON_COMPLIANT|run failed).*", line):
            yield row[1], row[2].rstrip()


def table():
    yield f"| account | {' | '.join(COLUMNS)} |"
    yield "|---" * (len(COLUMNS) + 1) + "|"
    with LocalAws() as local_aws:
        for account, what in fleet(local_aws):
            environment = local_aws.environment(account)
            # The emulator refuses what they ask of other services. Nothing reaches AWS.
            environment |= {f"AWS_ENDPOINT_URL_{name}": environment["AWS_ENDPOINT_URL_IAM"] for name in OTHER_SERVICES}
            environment |= {
                "AWS_CONFIG_FILE": os.devnull,
                "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
                "AWS_EC2_METADATA_DISABLED": "true",
                "PATH": os.environ["PATH"],
            }
            verdicts = []
            for ask in COLUMNS.values():
                with tempfile.TemporaryDirectory() as place:
                    try:
                        verdicts.append(ask(local_aws, account, environment | {"HOME": place}, place))
                    except subprocess.TimeoutExpired:
                        verdicts.append(f"no end within {TIMEOUT} s")
            yield f"| {what} | {' | '.join(verdicts)} |"


def main():
    lines = []
    for line in table():
        print(line, flush=True)
        lines.append(line + "\n")
    before, rest = DOCUMENT.read_text().split(BEGIN)
    shown, after = rest.split(END)
    if shown == "".join(lines):
        return 0
    if "--write" not in sys.argv:
        print(f"{DOCUMENT.name} shows another table. Update it with `make compare ARGS=--write`", file=sys.stderr)
        return 1
    DOCUMENT.write_text(before + BEGIN + "".join(lines) + END + after)
    return 0


if __name__ == "__main__":
    sys.exit(main())
