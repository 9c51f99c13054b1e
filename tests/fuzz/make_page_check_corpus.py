#!/usr/bin/env python3
"""Writes the saved inputs of page_check_fuzz: pages and packed appends, whole and damaged, by page.h's own offsets."""

import pathlib
import struct

FOLDER = pathlib.Path(__file__).resolve().parent / "corpus/page_check"
PAGE, PACK = 0x47505345, 0x4B505345
TENANT, CORRELATION, CAUSATION, ACTOR, EVENT_ID, OCCURRED_AT = 1, 2, 4, 8, 16, 32


def record(position=0, version=-1, presence=EVENT_ID, ids=(), spans=(), event_type=1, number=1, stored_at=0):
    """192 bytes. `ids`: event, aggregate, tenant, correlation, causation; `spans`: actor, metadata, document, data."""
    ids = (list(ids) + [bytes(16)] * 5)[:5]
    spans = (list(spans) + [(0, 0)] * 4)[:4]
    occurred_at = 1360317180000000 if presence & OCCURRED_AT else 0
    head = struct.pack("<qqqq", position, version, occurred_at, stored_at) + b"".join(ids)
    head += struct.pack("<IIIIiI", presence, 0, event_type, 0, number, 0)
    return head + b"".join(struct.pack("<II", *span) for span in spans) + bytes(24)


def buffer(magic, records, texts, names, flags=0, content=0, token=None, header_size=128, stride=192):
    """A buffer of `records`, a list of functions that take the offsets of the texts."""
    names_at = header_size + len(records) * stride
    heap = names_at + 8 * len(names)
    places, at = [], heap
    for text in texts:
        places.append((at, len(text)))
        at += len(text)
    body = b"".join(make(places).ljust(stride, b"\0") for make in records)
    table = b"".join(struct.pack("<II", *places[name]) for name in names)
    header = struct.pack("<IHHIIIIIIII", magic, 1, header_size, stride, len(records), flags, content, at, len(names),
                         names_at, 0)
    header += struct.pack("<qqq", 0, 0, 0) if magic == PACK else struct.pack("<qqq", 2, 2, 1360317180000000)
    header += struct.pack("<II", *(places[token] if token is not None else (0, 0)))
    return header.ljust(header_size, b"\0") + body + table + b"".join(texts)


def an_id(n):
    return bytes([n]) * 16


def packed(**more):
    everything = TENANT | CORRELATION | CAUSATION | ACTOR | EVENT_ID | OCCURRED_AT
    texts = [b"Order", b"Placed", b'{"a": 1.10}', b"ann", b'{"m": []}']
    records = [
        lambda p: record(presence=everything, ids=map(an_id, (1, 9, 3, 4, 5)), spans=(p[3], p[4], (0, 0), p[2])),
        lambda p: record(presence=TENANT | EVENT_ID, ids=map(an_id, (2, 9, 3)), spans=((0, 0), (0, 0), (0, 0), p[2])),
    ]
    return buffer(PACK, records, texts, (0, 1), **more)


def page(**more):
    presence = ACTOR | EVENT_ID | OCCURRED_AT | CORRELATION
    document = b'{"event_id":null,"metadata":{},"a":1}'
    texts = [b"Order", b"Placed", document, b"", b'{"a":1}', b"es1.token"]
    ids = list(map(an_id, (1, 9)))
    records = [
        lambda p: record(1, 1, presence, ids + [bytes(16), an_id(4)], (p[3], (p[2][0] + 28, 2), p[2], p[4]), stored_at=1),
        lambda p: record(2, 2, EVENT_ID | OCCURRED_AT, ids, ((0, 0), (0, 0), p[2], p[4]), stored_at=1),
    ]
    return buffer(PAGE, records, texts, (0, 1), flags=1, content=7, token=5, **more)


def patched(data, offset, layout, value):
    out = bytearray(data)
    struct.pack_into(layout, out, offset, value)
    return bytes(out)


def inputs():
    a_pack, a_page = packed(), page()
    yield "packed", a_pack
    yield "packed_skip", packed(flags=1)
    yield "packed_wide", packed(header_size=136, stride=200)
    yield "packed_empty", buffer(PACK, [], [], ())
    yield "page", a_page
    yield "page_wide", page(header_size=160, stride=256)
    yield "page_empty", buffer(PAGE, [], [], ())
    yield "nothing", b""
    for name, data in (("packed", a_pack), ("page", a_page)):
        yield f"{name}_header_only", data[:128]
        yield f"{name}_cut", data[:-1]
        yield f"{name}_count_huge", patched(data, 12, "<I", 0xFFFFFFFF)
        yield f"{name}_stride_huge", patched(data, 8, "<I", 0xFFFFFFF8)
        yield f"{name}_names_huge", patched(data, 28, "<I", 0x20000000)
        yield f"{name}_names_in_records", patched(data, 32, "<I", 128)
        yield f"{name}_type_beyond", patched(data, 128 + 120, "<I", 2)
        yield f"{name}_span_overflow", patched(data, 128 + 164, "<I", 0xFFFFFFFF)
        yield f"{name}_span_in_header", patched(data, 128 + 160, "<I", 8)


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, data in inputs():
        (FOLDER / f"{name}.bin").write_bytes(data)


if __name__ == "__main__":
    main()
