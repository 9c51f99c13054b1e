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

    def write(self, texts, folder="."):
        (self.folder / folder).mkdir(exist_ok=True)
        files = [self.folder / folder / f"{name}.sql" for name in texts]
        for file, text in zip(files, texts.values(), strict=True):
            file.write_bytes(text)
        return ",".join(map(str, files))

    def embed(self, schema, constants=None, table=None):
        out = self.folder / "out"
        command = ["cmake", "-D", "dir=sqlite", "-D", f"out={out}", "-D", f"schema={self.write(schema)}"]
        command += ["-D", f"constants={self.write(constants or {})}"]
        command += ["-D", f"tables={self.write(table or {}, 'more')}"]
        done = subprocess.run([*command, "-P", SCRIPT], capture_output=True, text=True)
        return done, out

    def compile(self, out, use):
        """Whether the generated files are C++ in which `use` holds."""
        program = out / "use.cpp"
        program.write_text(f'#include "sqlite.hpp"\nusing namespace eventsource::core::sql;\n'
                           f"int main() {{ return {use} ? 0 : 1; }}\n")
        (out / "core").mkdir()
        (out / "core/sql").symlink_to(out)
        binary = out / "use"
        command = ["c++", "-std=c++20", f"-I{out}", program, out / "sqlite.cpp", "-o", binary]
        done = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return subprocess.run([binary]).returncode == 0

    def test_bytes_are_kept(self):
        nasty = b'CREATE TABLE t (a TEXT DEFAULT \'[x;y]\'); -- ${v} @v@ $ENV{HOME} "\\n\\" #[[ ]] \xc3\xbc\n\n'
        done, out = self.embed({"events": nasty, "head": b"SELECT 1;"}, {"c": nasty}, {"t": nasty})
        self.assertEqual(done.returncode, 0, done.stderr)
        source = (out / "sqlite.cpp").read_bytes()
        self.assertEqual(re.findall(rb'R"sql\((.*?)\)sql"', source, re.S), [nasty, b"SELECT 1;", nasty, nasty])

    def test_files_of_the_schema_are_one_constant_in_the_given_order(self):
        _, out = self.embed({"events": b"SELECT 1;", "head": b"SELECT 2;"})
        self.assertIn("extern const std::string_view sqlite_schema;", (out / "sqlite.hpp").read_text())
        self.assertIn(
            'sqlite_schema =\n    R"sql(SELECT 1;)sql" "\\n"\n    R"sql(SELECT 2;)sql";',
            (out / "sqlite.cpp").read_text(),
        )

    def test_constants_and_tables_have_the_names_of_their_files(self):
        _, out = self.embed({"all": b"SELECT 1;"}, {"roles": b"SELECT 2;"}, {"a": b"SELECT 3;", "b": b"SELECT 4;"})
        use = (
            'sqlite_schema == "SELECT 1;" && sqlite_roles == "SELECT 2;" && sqlite_more.size() == 2'
            ' && sqlite_more[0].first == "a" && sqlite_more[1].second == "SELECT 4;"'
        )
        self.assertTrue(self.compile(out, use))

    def test_text_that_ends_the_literal_is_refused(self):
        for kind in ("schema", "constants", "table"):
            with self.subTest(kind):
                texts = {"schema": {"events": b"SELECT 1;"}, kind: {"x": b'SELECT ")sql";'}}
                done, _ = self.embed(**texts)
                self.assertNotEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main()
