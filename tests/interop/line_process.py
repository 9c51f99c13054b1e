"""A program that answers each line of JSON on its standard input with one on its standard output."""

import json
import subprocess


class Refused(Exception):
    """What the program answered instead of a result."""

    def __init__(self, name: str, message: str, answer: dict):
        super().__init__(f"{name}: {message}")
        self.name = name
        self.answer = answer


class LineProcess:
    """Used by one thread."""

    def __init__(self, command: list[str]):
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def send(self, do: str, **arguments):
        """Without waiting for the answer: receive() has it."""
        self._process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self._process.stdin.flush()

    def receive(self):
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args} ended with status {self._process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise Refused(answer["error"], answer["message"], answer)
        return answer["result"]

    def ask(self, do: str, **arguments):
        self.send(do, **arguments)
        return self.receive()
