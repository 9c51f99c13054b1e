"""The vectors leave no hole, and coverage.py sees one that is made."""

import copy
import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import coverage  # noqa: E402


class Coverage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.vectors = coverage.load()

    def without(self, *names):
        return [(theme, vector) for theme, vector in self.vectors if vector["name"] not in names]

    def vector(self, theme, name):
        (found,) = [v for t, v in self.vectors if t == theme and v["name"] == name]
        return copy.deepcopy(found)

    def test_there_is_no_hole(self):
        missing, _ = coverage.holes(self.vectors)
        self.assertEqual(missing, [])

    def test_a_removed_vector_leaves_a_hole(self):
        missing, _ = coverage.holes(self.without("exact_ahead_id_twice_conflicts", "exact_behind_id_twice_conflicts",
                                                 "exact_of_an_empty_stream_id_twice_conflicts"))
        self.assertEqual(missing, [("append", "exact", "not", "twice", "error"),
                                   ("append", "exact", "not", "twice", "skip")])

    def test_a_removed_theme_leaves_holes(self):
        missing, _ = coverage.holes([(theme, vector) for theme, vector in self.vectors if theme != "snapshots"])
        self.assertIn(("load_snapshot", "status", "ES_SNAPSHOT_NOT_FOUND"), missing)

    def test_a_removed_step_leaves_a_hole(self):
        vectors = copy.deepcopy(self.vectors)
        for _, vector in vectors:
            vector["steps"] = [step for step in vector["steps"] if "through" not in step]
        self.assertIn(("read_log", "forward", "through"), coverage.holes(vectors)[0])

    def test_an_outcome_that_the_table_does_not_have_is_refused(self):
        vector = self.vector("decision", "any_some_known_is_a_duplicate")
        for step in vector["steps"]:
            if "error" in step:
                step["error"]["status"] = "ES_VERSION_CONFLICT"
        with self.assertRaisesRegex(coverage.BadVector, "some_known"):
            coverage.Walk("decision", vector)

    def test_a_snapshot_that_the_rule_does_not_have_is_refused(self):
        vector = self.vector("snapshots", "a_higher_version_replaces")
        for step in vector["steps"]:
            if step["do"] == "save_snapshot" and step["version"] == 4:
                step["expect"] = False
        with self.assertRaisesRegex(coverage.BadVector, "snapshot"):
            coverage.Walk("snapshots", vector)

    def test_every_vector_says_why_and_has_its_own_name(self):
        names = [(theme, vector["name"]) for theme, vector in self.vectors]
        self.assertEqual(len(names), len(set(names)))
        for theme, vector in self.vectors:
            self.assertRegex(vector["why"], r"^\w+\.(h|md)", f"{theme}.{vector['name']}: why has no source")

    def test_the_program_says_how_many(self):
        done = subprocess.run([sys.executable, HERE / "coverage.py"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn(f"{len(self.vectors)} vectors", done.stdout)


if __name__ == "__main__":
    unittest.main()
