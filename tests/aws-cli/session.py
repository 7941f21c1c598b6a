"""The AWS CLI kept in one process: a command's words as a JSON line in, its exit code and what it printed as one out.

Most of a command's time is Python reading the CLI; every command still gets a driver and a session of its own.
"""
import contextlib
import io
import json
import sys

from awscli.clidriver import create_clidriver


class Output(io.TextIOWrapper):
    """Text for commands that print, bytes for those that stream."""

    def __init__(self):
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    def text(self):
        return self.buffer.getvalue().decode("utf-8", "replace")


def run(words):
    out, error = Output(), Output()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        try:
            code = create_clidriver().main(words)
        except SystemExit as stop:
            code = stop.code
    return {"code": code, "out": out.text(), "error": error.text()}


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
