"""Memory stays bounded on PostgreSQL as well: rows come one by one. Runs without sanitizers: they need much more."""

import gzip
import unittest

import test_memory
from postgres_store import PostgresStore, start_server
from program import line
from test_memory import LARGE, LIMIT, MIB, SMALL

setUpModule = start_server


class Memory(PostgresStore, test_memory.Measured):
    def test_more_events_need_no_more_memory(self):
        peaks = {}
        for count in (SMALL, LARGE):
            self.write_events(count)
            self.psql("drop table if exists events, eventsource_schema")
            peaks[count] = self.peaks(count, ("--store", self.url))
        self.check(peaks)

    def test_large_events(self):
        with gzip.open(self.folder / "large.gz", "wt", compresslevel=1) as file:
            for number in range(1, 31):
                file.write(line(number, payload={"text": "x" * (4 * MIB)}))
        for words in (["import", "large.gz"], ["export"], ["read", "--json", "--limit", "3"], ["verify"]):
            with self.subTest(words=words):
                self.assertLess(self.peak(*words), LIMIT)


if __name__ == "__main__":
    unittest.main()
