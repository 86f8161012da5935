"""An account that sends notifications, and what arrives at its topics.

ministack gives an event the present time, and events of tests have another source than those of AWS, so both are replaced
in what is returned.
"""

import json

from account import Account


class Sender:
    """An account whose bus starts the state machine of the notifications."""

    def __init__(self, account: Account, bus: str = "default"):
        self.account, self._bus = account, bus

    def send(self, event: dict) -> dict:
        """Puts the event on the bus. Returns the execution of the notification, once it has ended."""
        before = {it["executionArn"] for it in self.executions()}
        self.account.happens(event, self._bus)
        [new] = [it for it in self.executions() if it["executionArn"] not in before]
        return new

    def executions(self) -> list[dict]:
        return [it for it in self.account.executions() if it["stateMachineArn"].endswith("-notifications")]

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
