"""E-mail subscriptions as SNS has them: pending until the owner of the address confirms. moto's never are."""

import copy
from typing import Callable

from moto.sns.models import SNSBackend, Subscription, sns_backends


def confirm(email: str) -> None:
    """Does what the link in the e-mail from AWS does, for every subscription of the address."""
    regions = [region for account in sns_backends.values() for region in account.values()]
    found = [it for region in regions for it in region.subscriptions.values() if it.endpoint == email]
    assert found, f"{email} is not subscribed to any topic"
    for subscription in found:
        subscription.confirmed = True


def _shown(subscription: Subscription) -> Subscription:
    """Without an ARN while it is pending, as ListSubscriptions documents it."""
    if subscription.protocol != "email" or subscription.confirmed:
        return subscription
    shown = copy.copy(subscription)
    shown.arn = "PendingConfirmation"
    return shown


def _listing(original: Callable) -> Callable:
    def listing(*arguments, **named):
        subscriptions, token = original(*arguments, **named)
        return [_shown(it) for it in subscriptions], token

    return listing


def extend(_: str) -> None:
    """Extends the moto that runs in this process."""
    for name in ("list_subscriptions", "list_subscriptions_by_topic"):
        setattr(SNSBackend, name, _listing(getattr(SNSBackend, name)))
