"""Passes requests of ministack's functions to the local AWS emulator.

ministack gives a function an access key ID that is the ID of its account. The local AWS emulator knows only those that it
prints, so they are exchanged on the way. It does not verify signatures.
"""

import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable


class Exchange:
    """A proxy of one endpoint. `environment(account)` has the endpoint by the name `variable`, and the credentials.

    `callers` are the accounts of the requests so far.
    """

    def __init__(self, variable: str, environment: Callable[[str], dict[str, str]]):
        self.callers: list[str] = []
        known = {"variable": variable, "environment": staticmethod(environment), "callers": self.callers}
        handler = type("Handler", (_Handler,), known)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Exchange":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    variable: str
    environment: Callable[[str], dict[str, str]]
    callers: list[str]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        before, _, scope = self.headers["Authorization"].partition("Credential=")
        account, _, rest = scope.partition("/")
        self.callers.append(account)
        known = self.environment(account)
        headers = {name: it for name, it in self.headers.items() if name.lower() not in ("host", "content-length")}
        headers |= {"Authorization": f"{before}Credential={known['AWS_ACCESS_KEY_ID']}/{rest}"}
        headers |= {"X-Amz-Security-Token": known["AWS_SESSION_TOKEN"]}
        try:
            answer = urllib.request.urlopen(urllib.request.Request(known[self.variable] + self.path, body, headers))
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                    self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Nothing: failures show in what the function returns."""
