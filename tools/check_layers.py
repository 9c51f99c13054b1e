#!/usr/bin/env python3
"""Fails when an #include points upward or sideways, or at a library that its folder may not see.

A source may include its own folder, the C and C++ standard headers, and what LAYERS grants the
longest folder name that fits it. `posix` stands for the system's headers. A folder of sources without
a line in LAYERS is an error, so that a new folder gets its place first.
"""

import pathlib
import re
import sys

PUBLIC_C = ["eventsource/*.h"]
PUBLIC_CPP = ["eventsource/*.hpp", "eventsource/cpp/*"]
PUBLIC = PUBLIC_C + PUBLIC_CPP
# The log without its ring, which shows spdlog.
CORE_LOG = ["core/log/log.hpp", "core/log/logger.hpp", "core/log/telemetry.hpp"]
CORE_VALUES = ["core/base/*", "core/event/*", *CORE_LOG]
CORE_BACKEND = CORE_VALUES + ["core/backend/*"]

# folder: what it may include besides itself and the standard library.
LAYERS = {
    # The public headers see nothing but each other; the C ones not even the C++ ones.
    "include/eventsource": PUBLIC_C,
    "include/eventsource/cpp": PUBLIC,
    "include/eventsource/eventsource.hpp": PUBLIC,
    # The core shares the public vocabulary (status codes, limits, layouts), never the C++ API.
    "core/base": PUBLIC_C + ["posix"],
    "core/event": PUBLIC_C + ["core/base/*"],
    "core/log": PUBLIC_C + ["core/base/*", "spdlog/*", "posix"],
    "core/backend": PUBLIC_C + CORE_VALUES,
    "core/memory": PUBLIC_C + CORE_BACKEND,
    "core/sqlite": PUBLIC_C + CORE_BACKEND + ["core/sql/sqlite.hpp", "sqlite3.h", "posix"],
    "core/postgres": PUBLIC_C + CORE_BACKEND + ["core/sql/postgres.hpp", "libpq-fe.h", "posix"],
    "core/runtime": PUBLIC_C + CORE_BACKEND + ["posix"],
    "core/store": PUBLIC_C + CORE_BACKEND + ["core/runtime/*", "core/memory/*", "core/sqlite/*", "core/postgres/*"],
    "capi": PUBLIC_C + CORE_BACKEND + ["core/runtime/*", "core/store/*"],
    "cli": PUBLIC_CPP + ["nlohmann/*", "zlib.h", "posix"],
    "examples": PUBLIC + ["demo_text.hpp", "zlib.h", "posix"],
    # The raw program has nothing of the engine, the other nothing but its C++ API.
    "bench/common": [],
    "bench/engine": PUBLIC_CPP + ["bench/common/*"],
    "bench/raw": ["bench/common/*", "libpq-fe.h", "sqlite3.h", "posix"],
    # Tests of the inside see the inside; the others see what a user sees.
    "tests/core": PUBLIC_C + ["core/*", "tests/support/*", "gtest/*", "nlohmann/*", "sqlite3.h", "libpq-fe.h", "posix"],
    "tests/backend": PUBLIC_C + ["core/*", "tests/support/*", "tests/runtime/*", "gtest/*", "nlohmann/*", "sqlite3.h", "libpq-fe.h", "posix"],
    "tests/runtime": PUBLIC_C + ["core/*", "tests/core/*", "gtest/*", "posix"],
    "tests/postgres": PUBLIC_C + ["core/*", "tests/support/*", "tests/runtime/*", "gtest/*", "nlohmann/*", "libpq-fe.h", "posix"],
    "tests/started": PUBLIC_C + ["tests/support/*", "gtest/*", "sqlite3.h", "libpq-fe.h", "posix"],
    "tests/fuzz": PUBLIC_C + ["core/*", "nlohmann/*", "posix"],
    "tests/failing_new": [],
    "tests/capi": PUBLIC_C + ["tests/support/*", "tests/failing_new/*", "gtest/*", "sqlite3.h", "posix"],
    "tests/postgres_memory": PUBLIC_C + ["tests/support/*", "tests/failing_new/*", "gtest/*", "posix"],
    "tests/capi_error": PUBLIC_C + ["capi/*", "core/base/*", "gtest/*", "posix"],
    "tests/cpp": PUBLIC + ["gtest/*", "posix"],
    "tests/conformance": PUBLIC + ["tests/support/*", "jansson.h", "libpq-fe.h", "gtest/*", "nlohmann/*", "posix"],
    "tests/postgres_errors": PUBLIC + ["tests/support/*", "gtest/*", "libpq-fe.h", "posix"],
    "tests/fork": PUBLIC + ["tests/support/*", "gtest/*", "sqlite3.h", "libpq-fe.h", "posix"],
    "tests/exit": PUBLIC_C + ["posix"],
    "tests/fork_gate": ["core/base/*", "gtest/*", "posix"],
    "tests/support": ["cmocka.h", "libpq-fe.h", "sqlite3.h", "nlohmann/*", "posix"],
    "tests/support_tests": ["tests/support/*", "libpq-fe.h", "gtest/*", "posix"],
    "tests/interop": PUBLIC + ["nlohmann/*"],
    "tests/packaging": PUBLIC,
}

STANDARD = set("""
assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign
stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar
wchar wctype
""".split())
STANDARD_CPP = set("""
algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono
cinttypes climits clocale cmath codecvt compare complex concepts condition_variable coroutine csetjmp
csignal cstdarg cstddef cstdint cstdio cstdlib cstring ctime cuchar cwchar cwctype deque exception
execution filesystem forward_list fstream functional future initializer_list iomanip ios iosfwd
iostream istream iterator latch limits list locale map memory memory_resource mutex new numbers
numeric optional ostream queue random ranges ratio regex scoped_allocator semaphore set shared_mutex
source_location span sstream stack stdexcept stop_token streambuf string string_view syncstream
system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility valarray
variant vector version
""".split())
POSIX = re.compile(
    r"^(sys/[a-z0-9_]+|linux/[a-z0-9_]+|arpa/inet|netinet/in|dirent|dlfcn|endian|fcntl|ftw|getopt|glob|libgen|poll|pthread|regex"
    r"|netdb|pwd|sched|spawn|strings|termios|unistd)\.h$"
)

SOURCE = {".h", ".hpp", ".c", ".cpp"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def layer_of(path):
    """The longest name in LAYERS that is the path or a folder above it."""
    for name in [path, *path.parents]:
        if str(name) in LAYERS:
            return str(name)
    return None


def is_standard(name):
    return name in STANDARD_CPP or name.removesuffix(".h") in STANDARD and name.endswith(".h")


def may_include(layer, quote, name):
    if quote == "<" and is_standard(name):
        return True
    if name.startswith(layer + "/"):
        return True
    granted = LAYERS[layer]
    if "posix" in granted and POSIX.match(name):
        return True
    # eventsource/x.h in a pattern is not eventsource/cpp/x.h: `*` stops at the end, not at `/`.
    return any(matches(pattern, name) for pattern in granted)


def matches(pattern, name):
    if pattern.endswith("/*"):
        return name.startswith(pattern[:-1])
    head, star, tail = pattern.partition("*")
    if not star:
        return name == pattern
    middle = name[len(head) : len(name) - len(tail)]
    return name.startswith(head) and name.endswith(tail) and "/" not in middle


def check(root):
    """One line for each include that is not allowed."""
    problems, count = [], 0
    for top in ("include", "core", "capi", "cli", "examples", "bench", "tests"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in SOURCE or not file.is_file():
                continue
            count += 1
            problems += check_file(root, file)
    if count == 0:
        problems.append(f"{root}: no source found")
    return problems


def check_file(root, file):
    path = file.relative_to(root)
    layer = layer_of(path)
    if layer is None:
        return [f"{path}: its folder has no line in LAYERS of tools/check_layers.py"]
    problems = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        found = INCLUDE.match(line)
        if found and not may_include(layer, *found.groups()):
            problems.append(f"{path}:{number}: {layer} may not include {found.group(2)}")
    return problems


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    problems = check(root)
    print("\n".join(problems) if problems else "every include points downward")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
