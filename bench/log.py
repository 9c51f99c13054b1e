"""A log that is there before it is read: streams of one length, grown together, with the documents of the samples.

Ids are drawn from numbers, so that whoever wants a stream knows its id.
"""

import datetime
import functools
import hashlib
import random
import typing

from samples import Sample

# So many streams grow at a time: their events come in between each other, as in a store that is used.
TOGETHER = 20
START_MS = 1_767_225_600_000  # 2026-01-01


class Part(typing.NamedTuple):
    """`events` events in streams of `length`; a multiple of TOGETHER * length."""

    length: int
    events: int


class Event(typing.NamedTuple):
    event_id: str
    stream: str
    event_type: str
    actor_id: str  # empty: none
    version: int
    occurred_ms: int  # since 1970
    document: str


def stream_id(length: int, number: int) -> str:
    return hashlib.md5(f"{length}/{number}".encode()).hexdigest()


def some_streams(part: Part, count: int) -> list[str]:
    """At most so many, the same in each run: streams that grew together, in groups spread over the log. So a list has the
    same number of pages to read, however large the log is."""
    chance = random.Random(1)
    groups = range(part.events // part.length // TOGETHER)
    chosen = chance.sample(groups, min(count // TOGETHER, len(groups)))
    numbers = [group * TOGETHER + i for group in chosen for i in range(TOGETHER)]
    chance.shuffle(numbers)
    return [stream_id(part.length, number) for number in numbers]


def events(parts: list[Part], samples: list[Sample]) -> typing.Iterator[Event]:
    """In the order of their positions, one each millisecond."""
    position = 0
    for part in parts:
        for first in range(0, part.events // part.length, TOGETHER):
            streams = [stream_id(part.length, number) for number in range(first, first + TOGETHER)]
            for version in range(1, part.length + 1):
                for stream in streams:
                    yield _event(stream, version, START_MS + position, samples[position % len(samples)])
                    position += 1


def _event(stream: str, version: int, ms: int, sample: Sample) -> Event:
    """UUIDv7; the document is as docs/format.md has it."""
    event_id = f"{ms:012x}7{stream[:3]}8{stream[17:]}"
    id_text = _dashed(event_id)
    actor = f'"{sample.actor_id}"' if sample.actor_id else "null"
    data = "}" if sample.data == "{}" else "," + sample.data[1:]
    document = (
        f'{{"event_id":"{id_text}","event_type":"{sample.event_type}","event_version":1,'
        f'"occurred_at":"{second(ms // 1000)}.{ms % 1000:03}000Z","aggregate_id":"{_dashed(stream)}",'
        f'"aggregate_type":"Order","aggregate_version":{version},"tenant_id":null,"actor_id":{actor},'
        f'"correlation_id":"{id_text}","causation_id":null,"metadata":{{}}{data}'
    )
    return Event(event_id, stream, sample.event_type, sample.actor_id, version, ms, document)


def _dashed(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


@functools.lru_cache(maxsize=4)
def second(seconds: int) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
