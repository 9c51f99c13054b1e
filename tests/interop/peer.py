"""eventsource-py as a program: runs in the environment of peer_venv.py, takes orders as line_process.py says.

Each order is a function below. An event is what `model_dump(mode="json")` makes of it.
"""

import asyncio
import dataclasses
import json
import sys
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsource import (
    DomainEvent,
    ExpectedVersion,
    OptimisticLockError,
    PostgreSQLCheckpointRepository,
    PostgreSQLDLQRepository,
    PostgreSQLEventStore,
    PostgreSQLOutboxRepository,
    ReadDirection,
    ReadOptions,
    register_event,
)
from eventsource.migrations import get_all_schemas, get_template_path
from eventsource.snapshots import Snapshot
from eventsource.snapshots.postgresql import PostgreSQLSnapshotStore
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine


@register_event
class OrderPlaced(DomainEvent):
    """With a field of each kind that JSON has, and those that its type converter guesses by name."""

    aggregate_type: str = "Order"
    number: int = 0
    total: float = 0.0
    text: str = ""
    paid: bool = False
    lines: list[dict[str, Any]] = []
    nested: dict[str, Any] = {}
    nothing: str | None = None
    customer_id: UUID | None = None
    issuer_id: str | None = None
    shipped_at: datetime | None = None


@register_event
class OrderPaid(OrderPlaced):
    pass


EVENTS = {"OrderPlaced": OrderPlaced, "OrderPaid": OrderPaid}


class Peer:
    async def connect(self, url: str, outbox: bool = False):
        await self.disconnect()
        self.engine = create_async_engine(url)
        sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self.store = PostgreSQLEventStore(sessions, outbox_enabled=outbox)
        self.snapshots = PostgreSQLSnapshotStore(sessions)
        self.checkpoints = PostgreSQLCheckpointRepository(self.engine)
        self.outbox = PostgreSQLOutboxRepository(self.engine)
        self.dlq = PostgreSQLDLQRepository(self.engine)

    async def disconnect(self):
        if hasattr(self, "engine"):
            await self.engine.dispose()

    async def schema(self):
        return get_all_schemas("postgresql")

    async def template(self, name: str):
        return get_template_path(name).read_text(encoding="utf-8")

    # ---- The event store ----

    async def append(self, aggregate_id: str, expected: int, events: list[dict[str, Any]]):
        made = [EVENTS[event["event_type"]].model_validate({"aggregate_id": aggregate_id, **event}) for event in events]
        result = await self.store.append_events(UUID(aggregate_id), "Order", made, expected)
        return {
            "version": result.new_version,
            "position": result.global_position,
            "events": [event.model_dump(mode="json") for event in made],
        }

    async def race(self, aggregate_id: str, count: int, first: int):
        """Appends `count` events, each at the version that it has just seen; the ids of those that were stored."""
        stored, conflicts = [], 0
        while len(stored) < count:
            version = await self.store.get_stream_version(UUID(aggregate_id), "Order")
            number = first + len(stored)
            event = OrderPaid(aggregate_id=UUID(aggregate_id), aggregate_version=version + 1, number=number)
            try:
                await self.store.append_events(UUID(aggregate_id), "Order", [event], version)
                stored.append(str(event.event_id))
            except OptimisticLockError:
                conflicts += 1
        return {"stored": stored, "conflicts": conflicts}

    async def get_events(self, aggregate_id: str, from_version: int = 0):
        stream = await self.store.get_events(UUID(aggregate_id), "Order", from_version)
        return {"version": stream.version, "events": [event.model_dump(mode="json") for event in stream.events]}

    async def get_events_by_type(self, tenant_id: str | None = None):
        events = await self.store.get_events_by_type("Order", UUID(tenant_id) if tenant_id else None)
        return [event.model_dump(mode="json") for event in events]

    async def read_stream(self, aggregate_id: str, backward: bool = False):
        options = ReadOptions(direction=ReadDirection.BACKWARD if backward else ReadDirection.FORWARD)
        return [stored(event) async for event in self.store.read_stream(f"{aggregate_id}:Order", options)]

    async def read_all(self, from_position: int = 0, limit: int | None = None, tenant_id: str | None = None):
        options = ReadOptions(
            from_position=from_position, limit=limit, tenant_id=UUID(tenant_id) if tenant_id else None
        )
        return [stored(event) async for event in self.store.read_all(options)]

    async def event_exists(self, event_id: str):
        return await self.store.event_exists(UUID(event_id))

    async def get_stream_version(self, aggregate_id: str):
        return await self.store.get_stream_version(UUID(aggregate_id), "Order")

    async def get_global_position(self):
        return await self.store.get_global_position()

    # ---- The stores beside it ----

    async def save_snapshot(self, aggregate_id: str, version: int, schema_version: int, state: dict[str, Any]):
        now = datetime.fromisoformat("2026-01-02T03:04:05.678901+00:00")
        await self.snapshots.save_snapshot(Snapshot(UUID(aggregate_id), "Order", version, state, schema_version, now))

    async def get_snapshot(self, aggregate_id: str):
        snapshot = await self.snapshots.get_snapshot(UUID(aggregate_id), "Order")
        return None if snapshot is None else plain(dataclasses.asdict(snapshot))

    async def delete_snapshot(self, aggregate_id: str):
        return await self.snapshots.delete_snapshot(UUID(aggregate_id), "Order")

    async def save_position(self, name: str, position: int, event_id: str):
        await self.checkpoints.save_position(name, position, UUID(event_id), "OrderPlaced")

    async def update_checkpoint(self, name: str, event_id: str):
        await self.checkpoints.update_checkpoint(name, UUID(event_id), "OrderPlaced")

    async def reset_checkpoint(self, name: str):
        await self.checkpoints.reset_checkpoint(name)

    async def get_checkpoint(self, name: str):
        lag = await self.checkpoints.get_lag_metrics(name, ["OrderPlaced"])
        return plain({
            "event_id": await self.checkpoints.get_checkpoint(name),
            "position": await self.checkpoints.get_position(name),
            "all": len(await self.checkpoints.get_all_checkpoints()),
            "lag": None if lag is None else dataclasses.asdict(lag),
        })

    async def add_failed_event(self, event: dict[str, Any], error: str):
        event_id = UUID(event["event_id"])
        await self.dlq.add_failed_event(event_id, "Orders", event["event_type"], event, ValueError(error))

    async def get_failed_events(self, status: str = "failed"):
        return [plain(dataclasses.asdict(entry)) for entry in await self.dlq.get_failed_events(status=status)]

    async def mark_resolved(self, entry: int):
        await self.dlq.mark_retrying(entry)
        await self.dlq.mark_resolved(entry, "ann")
        return plain(dataclasses.asdict(await self.dlq.get_failed_event_by_id(entry)))

    async def get_pending_events(self):
        return [plain(dataclasses.asdict(entry)) for entry in await self.outbox.get_pending_events()]

    async def publish_outbox(self, published: str, failed: str):
        await self.outbox.mark_published(UUID(published))
        await self.outbox.increment_retry(UUID(failed), "no broker")
        await self.outbox.mark_failed(UUID(failed), "no broker")
        return plain(dataclasses.asdict(await self.outbox.get_stats()))


def stored(event):
    return {
        **event.event.model_dump(mode="json"),
        "stream_position": event.stream_position,
        "global_position": event.global_position,
        "stored_at": event.stored_at.isoformat(),
    }


def plain(values: dict[str, Any]):
    return json.loads(json.dumps(values, default=str))


async def main():
    peer = Peer()
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        order = json.loads(line)
        try:
            answer = {"result": await getattr(peer, order.pop("do"))(**order)}
        except OptimisticLockError as error:
            answer = {"error": "OptimisticLockError", "message": str(error), "actual": error.actual_version}
        except Exception as error:
            answer = {"error": type(error).__name__, "message": str(error)}
        print(json.dumps(answer), flush=True)
    await peer.disconnect()


assert (ExpectedVersion.ANY, ExpectedVersion.NO_STREAM, ExpectedVersion.STREAM_EXISTS) == (-1, 0, -2)
asyncio.run(main())
