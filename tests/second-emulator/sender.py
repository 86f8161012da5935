"""An account that sends notifications, and what arrives at its topics.

ministack gives an event the present time, and events of tests have another source than those of AWS, so both are replaced
in what is returned.
"""

import json

from account import Account, is_notification


class Sender:
    """An account whose bus starts the state machine of the notifications."""

    def __init__(self, account: Account, bus: str = "default"):
        self.account, self._bus = account, bus

    def send(self, event: dict) -> dict:
        """Puts the event on the bus. Returns the execution of the notification, once it has ended."""
        [execution] = [it for it in self.account.started_by(event, self._bus) if is_notification(it)]
        return execution

    def notify(self, event: dict) -> tuple[str, str]:
        """The subject and the text of the only notification of an event, with its own time and source."""
        execution = self.send(event)
        assert execution["status"] == "SUCCEEDED", execution
        [message] = self.account.messages(1)
        present = json.loads(execution["input"])["time"]
        text = message["Message"].replace(f"When: {present}", f"When: {event['time']}").replace("test.aws.", "aws.")
        return message["Subject"], text

    def chat(self) -> dict:
        """The only message to the chat application since the last call."""
        [message] = self.account.messages(1, "chat")
        assert "Subject" not in message
        return json.loads(message["Message"])
