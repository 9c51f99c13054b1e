"""cmake/EmbedSql.cmake keeps every byte of the SQL, whatever CMake makes of such text elsewhere."""

import pathlib
import re
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "cmake/EmbedSql.cmake"


class EmbedSql(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def embed(self, **texts):
        files = []
        for name, text in texts.items():
            files.append(self.folder / f"{name}.sql")
            files[-1].write_bytes(text)
        names = ",".join(map(str, files))
        out = self.folder / "out"
        command = ["cmake", "-D", "dir=sqlite", "-D", f"files={names}", "-D", f"out={out}"]
        done = subprocess.run([*command, "-P", SCRIPT], capture_output=True, text=True)
        return done, out

    def test_bytes_are_kept(self):
        nasty = b'CREATE TABLE t (a TEXT DEFAULT \'[x;y]\'); -- ${v} @v@ $ENV{HOME} "\\n\\" #[[ ]] \xc3\xbc\n\n'
        done, out = self.embed(events=nasty, head=b"SELECT 1;")
        self.assertEqual(done.returncode, 0, done.stderr)
        source = (out / "sqlite.cpp").read_bytes()
        self.assertEqual(re.findall(rb'R"sql\((.*?)\)sql"', source, re.S), [nasty, b"SELECT 1;"])

    def test_files_are_one_constant_in_the_given_order(self):
        _, out = self.embed(events=b"SELECT 1;", head=b"SELECT 2;")
        self.assertIn("extern const std::string_view sqlite_schema;", (out / "sqlite.hpp").read_text())
        self.assertIn(
            'sqlite_schema =\n    R"sql(SELECT 1;)sql" "\\n"\n    R"sql(SELECT 2;)sql";',
            (out / "sqlite.cpp").read_text(),
        )

    def test_text_that_ends_the_literal_is_refused(self):
        done, _ = self.embed(events=b'SELECT ")sql";')
        self.assertNotEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main()
