"""The template that each account gets, as `make member-template` writes it."""

import functools
import json
import os
import struct
import subprocess
import tempfile
import zipfile
from pathlib import Path

from adapters import REPOSITORY


@functools.cache
def member_template(**settings: str) -> dict:
    """Synthesizes the member template with these settings."""
    with tempfile.TemporaryDirectory() as folder:
        function = Path(folder) / "bootstrap.zip"
        with zipfile.ZipFile(function, "w") as archive:
            # The header of a 64-bit executable for x86-64, which is all that the app reads.
            archive.writestr("bootstrap", b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 3, 0x3E) + bytes(44))
        context = json.loads((REPOSITORY / "cdk/cdk.json").read_text())["context"]
        context |= {"mode": "member-template", "artifact": str(function), **settings}
        environment = {"PATH": os.environ["PATH"], "CDK_OUTDIR": folder, "CDK_CONTEXT_JSON": json.dumps(context)}
        subprocess.run(["node", "--import", "tsx", "bin/app.ts"], cwd=REPOSITORY / "cdk", env=environment, check=True)
        return json.loads((Path(folder) / "RootAccessKeyRuleMember.template.json").read_text())
