"""The repository, the account and region into which the tests deploy, and the command that deploys.

They deploy without change sets: moto 5.2 keeps only one change set of each name, for all stacks.
"""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ACCOUNT = "123456789012"
REGION = "us-east-1"
DEPLOY = ("deploy", "--require-approval", "never", "--method", "direct")
