"""The figures of the bench mean what they say, and those of docs/performance.md are from a run."""

import io
import json
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))

import beside  # noqa: E402
import figures  # noqa: E402
import log  # noqa: E402
import machine  # noqa: E402
import programs  # noqa: E402
import rounds  # noqa: E402
import samples  # noqa: E402
import works  # noqa: E402

RESULT = figures.Result("append", "events/s", [300.0, 100.0, 250.0], [100.0, 100.0, 50.0], 2.5)


class Ratio(unittest.TestCase):
    def test_is_that_of_each_round_and_above_one_where_the_engine_is_better(self):
        self.assertEqual(RESULT.ratios, [3.0, 1.0, 5.0])
        self.assertEqual(RESULT.summary()["ratio"], 3.0)

    def test_of_a_time_is_above_one_where_the_engine_is_quicker(self):
        wait = figures.Result("wait", "ms", [20.0], [60.0], None, less_is_better=True)
        self.assertEqual(wait.ratios, [3.0])
        self.assertIn("| wait | 20 (20–20) ms | 60 (60–60) | 3.00", figures.tables(figures.Run({}, [wait], {})))

    def test_is_bold_below_the_target(self):
        short = figures.Result("append", "events/s", [100.0], [100.0], 2.5)
        run = figures.Run({}, [RESULT, short], {})
        rows = figures.tables(run).splitlines()[-2:]
        self.assertIn("| 3.00 (1.00–5.00) | 2.5 |", rows[0])
        self.assertIn("| **1.00** (1.00–1.00) | 2.5 |", rows[1])

    def test_is_held_against_the_best_of_the_others(self):
        row = works.Row("append", "events/s", "mine", ("slow", "fast"), 1)
        found = {"mine": 10.0, "slow": 5.0, "fast": 20.0}
        result = rounds._result(row, [{name: programs.Figures(rate, None, None) for name, rate in found.items()}])
        self.assertEqual((result.engine, result.baseline), ([10.0], [20.0]))


class Idle(unittest.TestCase):
    def told(self, average: float) -> tuple[str, str]:
        """What the table has, and what is printed."""
        with mock.patch.object(machine.sys, "stderr", io.StringIO()) as err:
            return machine.load(average), err.getvalue()

    def test_a_busy_machine_is_told_in_the_table_and_at_once(self):
        table, printed = self.told(2.18)
        self.assertIn("2.18: **the machine was not idle**", table)
        self.assertIn("THE MACHINE IS NOT IDLE: its load average is 2.18", printed)

    def test_of_an_idle_one_nothing_is_said(self):
        self.assertEqual(self.told(0.12), ("0.12", ""))

    def test_the_facts_have_it(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(machine.os, "getloadavg", lambda: (3.0, 1, 1)):
            with mock.patch.object(machine.sys, "stderr", io.StringIO()):
                self.assertIn("not idle", machine.facts(pathlib.Path(folder))["load at the start"])


class Beside(unittest.TestCase):
    def test_the_longest_wait_is_that_of_the_unluckiest_process(self):
        asked = []

        def run_together(_build, _store, together):
            asked.append([work.arguments["first"] for work in together])
            wait = 10.0 if together[0].side == "engine" else 300.0
            return [programs.Figures(100.0, 1.0, 2.0, wait + number) for number in range(len(together))]

        store = mock.Mock()
        store.empty.return_value = "store"
        with mock.patch.object(beside, "run_together", run_together):
            wait, rate = beside.measure("SQLite", store, works.QUICK, pathlib.Path("build"), pathlib.Path("folder"))
        self.assertEqual((wait.engine[0], wait.baseline[0], wait.unit), (12.0, 302.0, "ms"))
        self.assertGreater(wait.ratios[0], 25)
        self.assertEqual((rate.engine[0], rate.baseline[0]), (300.0, 300.0))
        self.assertEqual(asked[0], [0, 1, 2], "numbers of their own: streams that nobody else has")


class Files(unittest.TestCase):
    def test_hold_the_run_and_the_summary_for_others(self):
        curve = {"SQLite": {"engine, threads": {1: (10.0, 0.1, 0.2), 64: (20.0, 0.3, 0.4)}}}
        run = figures.Run({"cores": "2"}, [RESULT], curve)
        with tempfile.TemporaryDirectory() as folder:
            run.write(pathlib.Path(folder))
            self.assertEqual(figures.read(pathlib.Path(folder, "run.json")), run)
            brief = json.loads(pathlib.Path(folder, "engine.json").read_text())
        self.assertEqual(brief["machine"], {"cores": "2"})
        self.assertEqual(list(brief["results"][0]), ["name", "unit", "engine", "baseline", "ratio", "target"])


class Page(unittest.TestCase):
    def test_shows_the_run_that_is_kept_beside_it(self):
        page = (ROOT / "docs/performance.md").read_text()
        self.assertEqual(page, figures.put_into(page, figures.read(ROOT / "docs/performance.json")))


class Validity(unittest.TestCase):
    def bench(self, gains: list[float]):
        """Runs of which the raw batcher is so many times as fast as one connection, round by round."""
        rates = iter(gains)

        def run(_build, _store, work):
            is_batcher = work.arguments["callers"] == 1000
            return programs.Figures(next(rates) if is_batcher else 1.0, None, None)

        store = mock.Mock()
        store.empty.return_value = "store"
        named = works.works(works.QUICK, pathlib.Path("folder"))
        bench = rounds.Bench("PostgreSQL", store, "log", named, pathlib.Path("build"))
        row = works.Row("append", "events/s", "one caller", ("raw one",), 0.9)
        with mock.patch.object(rounds, "run", run), mock.patch.object(rounds.sys, "stderr"):
            return bench.measure([row], 1)

    def test_a_round_below_the_ceiling_is_run_again(self):
        self.assertEqual(len(self.bench([4.9, 5.0])[0].engine), 1)

    def test_none_counts_where_the_ceiling_is_never_reached(self):
        with self.assertRaisesRegex(programs.Failed, "nothing else to do"):
            self.bench([4.9] * rounds.TRIES)


class Works(unittest.TestCase):
    def test_every_row_has_its_works(self):
        named = works.works(works.FULL, pathlib.Path("folder"))
        for row in works.POSTGRESQL + works.SQLITE:
            for name in (row.engine, *row.baseline):
                self.assertIn(name, named)
            self.assertEqual(named[row.engine].side, "engine", row.name)
            self.assertEqual({named[name].side for name in row.baseline}, {"raw"}, row.name)

    def test_names_are_unique(self):
        names = [row.name for row in works.POSTGRESQL + works.SQLITE]
        self.assertEqual(len(names), len(set(names)))


class Log(unittest.TestCase):
    def test_has_whole_streams_and_their_ids_are_known(self):
        parts = [log.Part(10, 400), log.Part(100, 2000)]
        events = list(log.events(parts, samples.generated()[:7]))
        self.assertEqual(len(events), 2400)
        self.assertEqual(len({event.event_id for event in events}), 2400)
        self.assertEqual(sorted(event.event_id for event in events), [event.event_id for event in events])
        for part in parts:
            for stream in log.some_streams(part, 5):
                versions = [event.version for event in events if event.stream == stream]
                self.assertEqual(versions, list(range(1, part.length + 1)))

    def test_has_documents_of_the_format(self):
        event = next(log.events([log.Part(10, 200)], [samples.Sample("OrderPaid", "ann", '{"total": 1.10}')]))
        document = json.loads(event.document)
        self.assertEqual(document["event_id"].replace("-", ""), event.event_id)
        self.assertEqual(document["aggregate_id"].replace("-", ""), event.stream)
        self.assertEqual(document["occurred_at"], "2026-01-01T00:00:00.000000Z")
        self.assertEqual((document["actor_id"], document["aggregate_version"], document["total"]), ("ann", 1, 1.1))


class Samples(unittest.TestCase):
    def test_are_the_same_in_each_run(self):
        self.assertEqual(samples.generated(), samples.generated())

    def test_of_a_file_are_its_types_actors_and_data(self):
        found = samples.of_file(ROOT / "examples/data/flights.ndjson.gz")
        self.assertEqual(len(found), samples.COUNT)
        self.assertEqual(found[0].event_type, "FlightDeparted")
        self.assertIn('"flight":"US1117"', found[0].data)


if __name__ == "__main__":
    unittest.main()
