"""tools/assemble_sql.py: what it writes, and that sql/postgres/all.sql is what it would write."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SQL = ROOT / "sql/postgres"


def assemble(*args):
    return subprocess.run([sys.executable, ROOT / "tools/assemble_sql.py", *args], capture_output=True, text=True)


class Assemble(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.target = self.folder / "all.sql"
        (self.folder / "all.sql.in").write_text("BEGIN\n  --include a.sql\nEND;\n")
        (self.folder / "a.sql").write_text("CREATE TABLE a (\n  n INT\n);\n")

    def test_an_included_file_takes_the_indent_of_its_line(self):
        self.assertEqual(assemble(self.folder).returncode, 0)
        note, _, text = self.target.read_text().partition("\n")
        self.assertTrue(note.startswith("-- "))
        self.assertEqual(text, "BEGIN\n  CREATE TABLE a (\n    n INT\n  );\nEND;\n")

    def test_check_fails_and_writes_nothing_until_the_file_is_current(self):
        self.assertEqual(assemble("--check", self.folder).returncode, 1)
        self.assertFalse(self.target.exists())
        assemble(self.folder)
        self.assertEqual(assemble("--check", self.folder).returncode, 0)
        (self.folder / "a.sql").write_text("CREATE TABLE b (n INT);\n")
        done = assemble("--check", self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("all.sql is not current", done.stderr)

    def test_a_file_that_is_missing_is_an_error(self):
        (self.folder / "a.sql").unlink()
        self.assertNotEqual(assemble(self.folder).returncode, 0)
        self.assertFalse(self.target.exists())


class AllSql(unittest.TestCase):
    def test_it_is_current(self):
        done = assemble("--check")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_it_holds_every_object_once(self):
        template = (SQL / "all.sql.in").read_text()
        for folder in ("tables", "indexes", "functions", "triggers", "rows"):
            files = sorted((SQL / folder).glob("*.sql"))
            self.assertTrue(files, folder)
            for file in files:
                name = f"--include {file.relative_to(SQL)}\n"
                self.assertEqual(template.count(name), 1, name)

    def test_each_file_opens_with_its_reason(self):
        for file in sorted(SQL.rglob("*.sql")):
            self.assertTrue(file.read_text().startswith("-- "), file)


if __name__ == "__main__":
    unittest.main()
