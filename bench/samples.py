"""What the events of the bench say: type, actor and data, drawn from a seed or taken from a file of events.

Both programs and the logs that are read take their events from one file of samples (bench/common/workload.hpp).
"""

import gzip
import json
import pathlib
import random
import typing

COUNT = 2_000
SEED = 20
# No event of a file takes more: the sizes of the bench are those of common events.
MOST_BYTES = 4_096


class Sample(typing.NamedTuple):
    event_type: str
    actor_id: str  # empty: none
    data: str  # a JSON object


def generated() -> list[Sample]:
    """Orders of a shop: documents of 500 to 900 bytes."""
    chance = random.Random(SEED)
    return [_order(chance) for _ in range(COUNT)]


def _order(chance: random.Random) -> Sample:
    event_type = chance.choice(["OrderPlaced", "OrderPaid", "OrderPacked", "OrderShipped", "OrderDelivered"])
    lines = [
        {
            "sku": f"A-{chance.randrange(100_000):05}",
            "quantity": chance.randint(1, 9),
            "price": f"{chance.randint(99, 99_999) / 100:.2f}",
        }
        for _ in range(chance.randint(1, 8))
    ]
    data = {"order": chance.randrange(10**9), "currency": "EUR", "note": "büro, 2. Stock", "lines": lines}
    return Sample(event_type, f"user-{chance.randrange(500)}", json.dumps(data, ensure_ascii=False))


def of_file(path: pathlib.Path) -> list[Sample]:
    """The first events of a file as `eventsource export` writes it, also gzipped."""
    samples: list[Sample] = []
    with gzip.open(path, "rt") if path.suffix == ".gz" else open(path) as lines:
        for line in lines:
            event = json.loads(line)
            sample = Sample(
                event["event_type"],
                event.get("actor_id") or "",
                json.dumps(event["payload"], ensure_ascii=False, separators=(",", ":")),
            )
            if _is_usable(sample):
                samples.append(sample)
            if len(samples) == COUNT:
                break
    if not samples:
        raise SystemExit(f"bench: {path} has no event that can be used")
    return samples


def _is_usable(sample: Sample) -> bool:
    """The raw program writes names into documents as they are."""
    names = all(json.dumps(name, ensure_ascii=False) == f'"{name}"' for name in sample[:2])
    return names and len(sample.data.encode()) <= MOST_BYTES


def write(samples: list[Sample], path: pathlib.Path) -> None:
    path.write_text("".join("\t".join(sample) + "\n" for sample in samples), encoding="utf-8")
