"""The repository, and the account and region into which the tests deploy."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ACCOUNT = "123456789012"
REGION = "us-east-1"
