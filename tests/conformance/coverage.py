#!/usr/bin/env python3
"""Which rules the vectors cover: derived from what their steps do, and a failure where there is a hole.

Appends: every expected kind, holding and not, with every column of the decision table (append.h) and its outcome.
The ids and contents that a vector stored are followed step by step, so that a column is what the events are, not what
somebody says of them; and an outcome that the table does not have is an error of the vector. Other operations:
direction, bounds, filters, contents and pages, and each with every status that its header lists.
"""

import argparse
import collections
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent

KINDS = ("no_stream", "exact", "any", "exists")
COLUMNS = ("unknown", "first_result", "some_known", "other_order", "gap", "twice", "other_stream", "other_content")
# What cannot be: a stream that must not exist, and does not, holds nothing that could be known.
IMPOSSIBLE = {("no_stream", True, column) for column in ("first_result", "some_known", "other_order", "gap")}
IMPOSSIBLE |= {("any", False, column) for column in COLUMNS}

READ_STATUSES = ("ES_CLOSED", "ES_CANCELLED", "ES_INVALID_TOKEN")
WRITE_STATUSES = READ_STATUSES + ("ES_READ_ONLY",)
STREAM_STATUSES = ("ES_INVALID_NAME", "ES_INVALID_ID")
STATUSES = {
    "append": WRITE_STATUSES + STREAM_STATUSES + (
        "ES_INVALID_TIME", "ES_INVALID_ARGUMENT", "ES_INVALID_JSON", "ES_LIMIT_EXCEEDED", "ES_INVALID_BUFFER",
        "ES_VERSION_CONFLICT", "ES_DUPLICATE_EVENT", "ES_WRONG_TENANT"),
    "read_stream": READ_STATUSES + STREAM_STATUSES + ("ES_INVALID_ARGUMENT",),
    "read_log": READ_STATUSES + ("ES_INVALID_ARGUMENT", "ES_INVALID_NAME", "ES_LIMIT_EXCEEDED"),
    "read_event": READ_STATUSES + ("ES_EVENT_NOT_FOUND", "ES_INVALID_ID", "ES_INVALID_ARGUMENT"),
    "head": READ_STATUSES + ("ES_INVALID_ARGUMENT",),
    "stream_version": READ_STATUSES + STREAM_STATUSES,
    "count": READ_STATUSES + ("ES_INVALID_NAME", "ES_INVALID_ARGUMENT"),
    "save_snapshot": WRITE_STATUSES + STREAM_STATUSES + ("ES_INVALID_ARGUMENT", "ES_INVALID_JSON", "ES_LIMIT_EXCEEDED"),
    "load_snapshot": READ_STATUSES + STREAM_STATUSES + ("ES_SNAPSHOT_NOT_FOUND",),
    "delete_snapshot": WRITE_STATUSES + STREAM_STATUSES,
    "inspect": READ_STATUSES,
    "reopen": ("ES_UNKNOWN_OPTION", "ES_INVALID_ARGUMENT", "ES_LIMIT_EXCEEDED"),
}  # fmt: skip


def required():
    """Every cell that some vector has to be in."""
    cells = set()
    for kind in KINDS:
        for holds in (True, False):
            for column in COLUMNS:
                # A stream that was expected, or expected at n, and is empty holds nothing either; it has other cells.
                if (kind, holds, column) in IMPOSSIBLE:
                    continue
                if kind == "exists" and not holds and column in ("first_result", "some_known", "other_order", "gap"):
                    continue
                for mode in ("error", "skip"):
                    cells.add(("append", kind, "holds" if holds else "not", column, mode))
    cells |= {("append", "several streams", part) for part in ("stored", "first result", "refused", "interleaved")}
    cells |= {("append", "tenant", part) for part in ("same", "other", "none to some", "some to none")}
    for operation, statuses in STATUSES.items():
        cells |= {(operation, "status", status) for status in statuses}
        cells.add((operation, "status", "ES_OK"))
    for operation in ("read_stream", "read_log"):
        for direction in ("forward", "backward"):
            bounds = ("all", "versions") if operation == "read_stream" else ("all", "after", "end")
            cells |= {(operation, direction, bound) for bound in bounds}
            cells |= {(operation, direction, f"pages of {limit}") for limit in ("events", "bytes")}
            cells |= {(operation, direction, found) for found in ("nothing", "something")}
        cells |= {(operation, "content", content) for content in range(8)}
    cells.add(("read_log", "forward", "through"))
    for condition in ("event_types", "aggregate_types", "tenant", "occurred", "partition"):
        cells |= {(operation, "filter", condition) for operation in ("read_log", "count")}
    for old in ("lower", "equal", "higher"):
        for version in ("lower", "equal", "higher"):
            if (old, version) not in (("lower", "lower"), ("lower", "equal"), ("higher", "equal"), ("higher", "higher")):
                cells.add(("save_snapshot", f"schema {old}", f"version {version}"))
    return cells


class BadVector(Exception):
    pass


def inner(data):
    """What is inside the braces; texts that are made of parts stand for themselves."""
    if not isinstance(data, str):
        return json.dumps(data)
    text = data.strip(" \t\r\n")
    return text[1:-1].strip(" \t\r\n") and text[1:-1] if text.startswith("{") and text.endswith("}") else text


class Store:
    """What a vector has put into one store so far."""

    def __init__(self):
        self.events = {}  # id: (stream, type, members, version)
        self.versions = collections.Counter()
        self.tenants = {}
        self.snapshots = {}


class Walk:
    """One vector: the cells that its steps are in."""

    def __init__(self, theme, vector):
        self.where = f"{theme}.{vector['name']}"
        self.stores = collections.defaultdict(Store)
        self.cells = set()
        for step in vector["steps"]:
            self.step(step)

    def step(self, step):
        operation = step["do"]
        store = self.stores[step.get("store", "events")]
        status = step["error"]["status"] if "error" in step else "ES_OK"
        base = operation.replace("walk_", "read_")
        self.cells.add((base, "status", status))
        if operation == "append":
            self.append(store, step, status)
        elif status == "ES_OK":
            if base in ("read_stream", "read_log"):
                self.read(base, step)
            if base in ("read_log", "count"):
                self.cells |= {(base, "filter", condition) for condition in step.get("filter", {})}
            if base == "save_snapshot":
                self.snapshot(store, step)
            if base == "delete_snapshot":
                store.snapshots.pop((str(step["type"]), step["id"]), None)

    def read(self, operation, step):
        direction = step.get("direction", "forward")
        bounds = [bound for bound in ("versions", "after", "through") if bound in step]
        if step.get("after") == "end":
            bounds = ["end"]
        self.cells |= {(operation, direction, bound) for bound in bounds or ["all"]}
        for limit in ("events", "bytes"):
            if f"page_{limit}" in step:
                self.cells.add((operation, direction, f"pages of {limit}"))
        if "events" in step["expect"]:
            self.cells.add((operation, direction, "something" if step["expect"]["events"] else "nothing"))
        bits = {"document": 1, "envelope": 2, "data": 4}
        content = step.get("content", list(bits))
        self.cells.add((operation, "content", sum(bits[part] for part in content)))

    def snapshot(self, store, step):
        stream = (str(step["type"]), step["id"])
        new = (step["schema_version"], step["version"])
        if stream in store.snapshots:
            old = store.snapshots[stream]
            words = [("lower" if n < o else "equal" if n == o else "higher") for n, o in zip(new, old)]
            self.cells.add(("save_snapshot", f"schema {words[0]}", f"version {words[1]}"))
            if step["expect"] != (new > old):
                raise BadVector(f"{self.where}: a snapshot {new} over {old} can't be saved: {step['expect']}")
        if step["expect"]:
            store.snapshots[stream] = new

    # ---- appends ----

    def append(self, store, step, status):
        groups = collections.OrderedDict()
        order = []
        for part in step["to"]:
            stream = (json.dumps(part["type"]), part["id"])
            groups.setdefault(stream, (part["expected"], []))[1].extend(part["events"])
            order.append(stream)
        mode = "skip" if step.get("skip") else "error"
        if status in ("ES_OK", "ES_VERSION_CONFLICT", "ES_DUPLICATE_EVENT", "ES_WRONG_TENANT") and groups:
            if len(groups) == 1:
                self.single(store, groups, mode, status, step)
            else:
                self.several(store, groups, order, status)
        if status == "ES_OK":
            self.remember(store, step)

    def columns(self, store, stream, events):
        """The columns of the decision table that the events of one stream are in."""
        standings, versions, seen = [], [], {}
        for event in events:
            content = (json.dumps(event["type"]), inner(event["data"]))
            known = store.events.get(event.get("id")) if event.get("id") else None
            if known is None and event.get("id") in seen and event.get("id"):
                standings.append("twice" if seen[event["id"]] == content else "other_content")
                continue
            if event.get("id"):
                seen[event["id"]] = content
            if known is None:
                standings.append("new")
            elif known[0] != stream:
                standings.append("other_stream")
            elif known[1] != content:
                standings.append("other_content")
            else:
                standings.append("known")
                versions.append(known[2])
        for clash in ("other_stream", "other_content"):
            if clash in standings:
                return clash
        if "twice" in standings:
            return "twice"
        if "known" not in standings:
            return "unknown"
        if "new" in standings:
            return "some_known"
        steps = [b - a for a, b in zip(versions, versions[1:])]
        if all(step == 1 for step in steps):
            return "first_result"
        return "gap" if all(step > 0 for step in steps) else "other_order"

    def single(self, store, groups, mode, status, step):
        (stream, (expected, events)), = groups.items()
        at = store.versions[stream]
        kind = {"no_stream": "no_stream", 0: "no_stream", "any": "any", "exists": "exists"}.get(expected, "exact")
        holds = {"no_stream": at == 0, "any": True, "exists": at > 0}.get(kind, at == expected)
        column = self.columns(store, stream, events)
        self.cells.add(("append", kind, "holds" if holds else "not", column, mode))
        tenants = self.tenant(store, stream, events)
        wanted = self.table(column, holds, mode)
        if wanted == "ES_OK" and column not in ("first_result",) and tenants and status == "ES_WRONG_TENANT":
            return
        if status != wanted:
            raise BadVector(f"{self.where}: {kind}, {'holds' if holds else 'not'}, {column}, {mode}: "
                            f"the table says {wanted}, the vector {status}")

    @staticmethod
    def table(column, holds, mode):
        if column == "first_result":
            return "ES_OK"
        if column in ("other_order", "gap") and mode == "skip":
            return "ES_OK"
        if column in ("other_stream", "other_content"):
            return "ES_DUPLICATE_EVENT"
        if not holds:
            return "ES_VERSION_CONFLICT"
        return "ES_OK" if column == "unknown" or mode == "skip" else "ES_DUPLICATE_EVENT"

    def tenant(self, store, stream, events):
        """Whether a new event is of another tenant than its stream."""
        found = False
        owner = store.tenants.get(stream, events[0].get("tenant")) if store.versions[stream] else events[0].get("tenant")
        for event in events:
            if event.get("id") in store.events:
                continue
            tenant = event.get("tenant")
            if tenant == owner:
                if tenant:
                    self.cells.add(("append", "tenant", "same"))
                continue
            found = True
            kind = "none to some" if owner is None else "some to none" if tenant is None else "other"
            self.cells.add(("append", "tenant", kind))
        return found

    def several(self, store, groups, order, status):
        columns = {self.columns(store, stream, events) for stream, (_, events) in groups.items()}
        if len(order) > len(groups):
            self.cells.add(("append", "several streams", "interleaved"))
        if status != "ES_OK":
            self.cells.add(("append", "several streams", "refused"))
        elif columns == {"first_result"}:
            self.cells.add(("append", "several streams", "first result"))
        elif columns == {"unknown"}:
            self.cells.add(("append", "several streams", "stored"))

    def remember(self, store, step):
        for part in step["to"]:
            stream = (json.dumps(part["type"]), part["id"])
            for event in part["events"]:
                if event.get("id") in store.events:
                    continue
                store.versions[stream] += event.get("times", 1)
                if store.versions[stream] == 1:
                    store.tenants[stream] = event.get("tenant")
                if event.get("id"):
                    content = (json.dumps(event["type"]), inner(event["data"]))
                    store.events[event["id"]] = (stream, content, store.versions[stream])


def load():
    """(theme, vector) of every file."""
    vectors = []
    for file in sorted((HERE / "vectors").glob("*.json")):
        vectors += [(file.stem, vector) for vector in json.loads(file.read_text(encoding="utf-8"))]
    return vectors


def holes(vectors):
    """The cells that no vector is in, and how many vectors each of the others has."""
    counts = collections.Counter()
    for theme, vector in vectors:
        counts.update(Walk(theme, vector).cells)
    return sorted(required() - set(counts), key=str), counts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cells", action="store_true", help="print how many vectors each cell has")
    args = parser.parse_args()
    vectors = load()
    missing, counts = holes(vectors)
    if args.cells:
        for cell in sorted(required(), key=str):
            print(f"{counts[cell]:4}  {' / '.join(map(str, cell))}")
    for cell in missing:
        print(f"hole: {' / '.join(map(str, cell))}")
    print(f"{len(vectors)} vectors, {len(required())} cells, {len(missing)} holes")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
