"""A browser that opens a file, paints it, and says how long that took.

It is Debian's Chromium without a window, driven over its DevTools protocol
(https://chromedevtools.github.io/devtools-protocol/) through pipes: no package beside it is needed.
"""

import base64
import json
import os
import shutil
import subprocess
import tempfile

OPTIONS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars --remote-debugging-pipe"
).split()
TIMES = """(() => {
  const [page] = performance.getEntriesByType("navigation");
  const [painted] = performance.getEntriesByName("first-contentful-paint");
  return { load: page.loadEventEnd, paint: painted ? painted.startTime : 0 };
})()"""


class Browser:
    """A browser with a profile of its own, which it forgets."""

    def __enter__(self):
        program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if not program:
            raise SystemExit("Chromium is not installed: on Debian or Ubuntu, run `apt-get install chromium`")
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_browser, self.ours = os.pipe()
        self.theirs, from_browser = os.pipe()
        # It reads commands from descriptor 3 and writes to descriptor 4. First out of the way of both:
        ends = [os.dup(end) for end in (to_browser, from_browser)]
        high = [os.dup2(end, 100 + number) for number, end in enumerate(ends)]
        self.process = subprocess.Popen(
            ["bash", "-c", 'exec "$@" 3<&100 4>&101', "bash", program, *OPTIONS, f"--user-data-dir={self.profile.name}"],
            pass_fds=high,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for end in (to_browser, from_browser, *ends, *high):
            os.close(end)
        self.unread, self.number, self.session, self.events = b"", 0, None, []
        return self

    def __exit__(self, *_):
        self.call("Browser.close", session=None)
        self.process.wait(timeout=60)
        os.close(self.ours)
        os.close(self.theirs)
        self.profile.cleanup()

    def message(self):
        while b"\0" not in self.unread:
            read = os.read(self.theirs, 1 << 20)
            assert read, "the browser ended"
            self.unread += read
        message, self.unread = self.unread.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=..., **parameters):
        self.number += 1
        call = {"id": self.number, "method": method, "params": parameters}
        session = self.session if session is ... else session
        if session:
            call["sessionId"] = session
        os.write(self.ours, json.dumps(call).encode() + b"\0")
        while (message := self.message()).get("id") != self.number:
            self.events.append(message.get("method"))
        assert "error" not in message, message
        return message["result"]

    def open(self, path, width=1280, height=900, scheme="light"):
        """Opens the file in a new tab. Returns the milliseconds until it was loaded and until it was painted first."""
        target = self.call("Target.createTarget", session=None, url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", session=None, targetId=target, flatten=True)["sessionId"]
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Page.enable")
        self.events.clear()
        self.call("Page.navigate", url=path.resolve().as_uri())
        while "Page.loadEventFired" not in self.events:
            self.events.append(self.message().get("method"))
        while True:
            found = self.call("Runtime.evaluate", expression=TIMES, returnByValue=True)["result"]["value"]
            if found["load"] and found["paint"]:
                return found["load"], found["paint"]

    def picture(self):
        """The visible part of the tab as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def close_tab(self):
        self.call("Page.close")
