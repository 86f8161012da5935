"""Measures the commands over a whole organization, and the watch, on 100, 1,000 and 10,000 emulated members; `make bench-members` calls it.

The commands are the development build of the tests, and the watch is the packaged one. The emulator admits every call at once, so the
time is that of the commands and of the emulator, without AWS's limits and without distance. Arguments: other numbers of members.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
sys.path += [str(REPOSITORY / "tests/deployment"), str(REPOSITORY / "tests/second-emulator")]

from described import A_KEY, CURRENT, NO_KEYS, Emulator, result  # noqa: E402
from environment import REGION  # noqa: E402

BUILT = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")) / "debug"
WATCH = REPOSITORY / "target/lambda/watch/bootstrap"
MANAGEMENT, ADMINISTRATOR, UNIT = "999999999999", "888888888888", "ou-a1b2-accounts"
# Each with the account that runs it, and the exit code that it should have.
COMMANDS = {
    "root-keys status": (["status", "--all"], ADMINISTRATOR, 2),
    "root-keys list --all": (["list", "--all"], MANAGEMENT, 0),
}
# Every so many members, one has a root key.
EVERY = 100
# More calls a second than can be sent.
UNLIMITED = "1000000"


def description(members):
    """The organization as `local --describe` takes it."""
    good, bad = result("COMPLIANT", NO_KEYS, 3), result("NON_COMPLIANT", A_KEY, 3)

    def member(number):
        return {
            "id": ADMINISTRATOR if number == 1 else f"{number:012}", "name": f"account {number}", "unit": UNIT,
            "stack": CURRENT, "result": good if number % EVERY else bad,
        }

    return {
        "managementAccount": MANAGEMENT, "administrator": ADMINISTRATOR, "units": [UNIT], "managementResult": good,
        "members": [member(number) for number in range(1, members + 1)],
    }


def of_command(arguments, account, exit_code, members):
    """Seconds, seconds of processor time, KiB and calls of one run."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        emulator = Emulator(folder, description(members))
        environment = emulator.environment(account) | {"PATH": os.environ["PATH"], "AWS_REGION": REGION}
        begun = time.monotonic()
        with open(folder / "printed", "w") as printed:
            command = subprocess.Popen([BUILT / "root-keys", *arguments], env=environment, stdout=printed, stderr=printed)
            _, status, used = os.wait4(command.pid, 0)
        seconds = time.monotonic() - begun
        calls = len(emulator.stop())
        said = (folder / "printed").read_text()
        if os.waitstatus_to_exitcode(status) != exit_code or len(said.splitlines()) < members:
            sys.exit(f"{status}: {said[:1500]}")
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss, calls


def of_watch(members):
    """The same of a run of the watch, without its processor time."""
    accounts = str(members + 1)
    run = [BUILT / "examples/scale", WATCH, accounts, UNLIMITED, UNLIMITED]
    printed = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    seconds = float(re.search(r"^steps: \d+, total: ([\d.]+) s$", printed, re.M)[1])
    memory = int(re.search(r"^peak of resident memory: (\d+) KiB$", printed, re.M)[1])
    calls = sum(int(count) for count in re.findall(r"^[A-Z]\w+: (\d+)$", printed, re.M))
    return seconds, None, memory, calls


def main(sizes):
    print("| | members | time | processor time | peak memory | AWS calls |\n|---|--:|--:|--:|--:|--:|")
    for name in [*COMMANDS, "the watch"]:
        for members in sizes:
            measured = of_command(*COMMANDS[name], members) if name in COMMANDS else of_watch(members)
            seconds, processor, memory, calls = measured
            used = "" if processor is None else f"{processor:.1f} s"
            print(f"| {name} | {members:,} | {seconds:.1f} s | {used} | {memory / 1024:.0f} MiB | {calls:,} |", flush=True)


if __name__ == "__main__":
    main([int(it) for it in sys.argv[1:]] or [100, 1_000, 10_000])
