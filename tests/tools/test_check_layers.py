"""tools/check_layers.py finds what it is for, and the tree is free of it."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def check(root):
    command = [sys.executable, ROOT / "tools/check_layers.py", root]
    return subprocess.run(command, capture_output=True, text=True)


class Tree(unittest.TestCase):
    def test_every_include_points_downward(self):
        done = check(ROOT)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Planted(unittest.TestCase):
    def judge(self, path, include):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, path)
            file.parent.mkdir(parents=True)
            file.write_text(f"#include {include}\n")
            return check(folder)

    def assert_refused(self, path, include):
        done = self.judge(path, include)
        self.assertEqual(done.returncode, 1, f"{path} includes {include}")
        self.assertIn(path, done.stdout)

    def assert_allowed(self, path, include):
        done = self.judge(path, include)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_upward(self):
        self.assert_refused("core/base/x.cpp", '"core/event/event.hpp"')
        self.assert_refused("core/event/x.hpp", '"core/store/store.hpp"')
        self.assert_refused("core/store/x.cpp", '"capi/guard.hpp"')
        self.assert_refused("core/store/x.cpp", '"eventsource/eventsource.hpp"')
        self.assert_refused("capi/x.cpp", '"cli/main.hpp"')

    def test_sideways(self):
        self.assert_refused("core/memory/x.cpp", '"core/sqlite/store.hpp"')
        self.assert_refused("core/sqlite/x.cpp", '"core/memory/store.hpp"')

    def test_past_a_layer(self):
        self.assert_refused("capi/x.cpp", '"core/sqlite/store.hpp"')
        self.assert_refused("cli/x.cpp", '"core/base/result.hpp"')
        self.assert_refused("cli/x.cpp", '"eventsource/append.h"')
        self.assert_refused("examples/x.cpp", '"core/base/result.hpp"')
        self.assert_refused("tests/conformance/x.cpp", '"core/base/result.hpp"')

    def test_third_party(self):
        self.assert_refused("core/store/x.cpp", "<spdlog/spdlog.h>")
        self.assert_refused("core/store/x.cpp", '"core/log/ring.hpp"')
        self.assert_allowed("core/log/x.cpp", "<spdlog/details/log_msg.h>")
        self.assert_refused("include/eventsource/x.h", "<sqlite3.h>")
        self.assert_refused("include/eventsource/x.hpp", "<nlohmann/json.hpp>")
        self.assert_refused("include/eventsource/cpp/x.hpp", "<unistd.h>")
        self.assert_refused("core/store/x.cpp", "<sqlite3.h>")
        self.assert_refused("core/memory/x.cpp", "<nlohmann/json.hpp>")
        self.assert_refused("cli/x.cpp", "<sqlite3.h>")

    def test_c_header_over_cpp(self):
        self.assert_refused("include/eventsource/x.h", '"eventsource/cpp/store.hpp"')

    def test_odd_spelling(self):
        self.assert_refused("core/base/x.cpp", '  "core/store/store.hpp"')
        self.assert_refused("core/base/x.cpp", '"../store/store.hpp"')

    def test_unknown_folder(self):
        self.assert_refused("core/surprise/x.cpp", "<vector>")

    def test_tree_without_sources(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(check(folder).returncode, 1)

    def test_downward(self):
        self.assert_allowed("core/sqlite/x.cpp", "<sqlite3.h>")
        self.assert_allowed("core/store/x.cpp", '"core/sqlite/store.hpp"')
        self.assert_allowed("core/base/x.cpp", '"core/base/result.hpp"')
        self.assert_allowed("core/base/x.cpp", "<string_view>")
        self.assert_allowed("core/base/x.cpp", '"eventsource/status.h"')
        self.assert_allowed("capi/x.cpp", '"core/store/store.hpp"')
        self.assert_allowed("cli/x.cpp", '"eventsource/eventsource.hpp"')
        self.assert_allowed("cli/x.cpp", "<zlib.h>")


if __name__ == "__main__":
    unittest.main()
