"""An e-mail subscription is pending, without an ARN, until the owner of the address confirms it.

moto's are confirmed at once. https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptions.html
"""

import copy
from typing import Any

from moto.sns.models import SNSBackend, sns_backends


def confirm(email: str) -> None:
    """Does what the link in the e-mail from AWS does, for every subscription of the address."""
    regions = [region for account in sns_backends.values() for region in account.values()]
    found = [it for region in regions for it in region.subscriptions.values() if it.endpoint == email]
    assert found, f"{email} is not subscribed to any topic"
    for subscription in found:
        subscription.confirmed = True


def extend(_: str) -> None:
    """Extends the moto that runs in this process."""
    original = SNSBackend.list_subscriptions

    def list_subscriptions(*arguments: Any, **named: Any) -> tuple[list, Any]:
        subscriptions, token = original(*arguments, **named)
        shown = [copy.copy(it) for it in subscriptions]
        for it in shown:
            if it.protocol == "email" and not it.confirmed:
                it.arn = "PendingConfirmation"
        return shown, token

    SNSBackend.list_subscriptions = list_subscriptions
