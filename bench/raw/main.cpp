// The ceiling: what the engine does, in plain libpq and sqlite3 calls on the engine's own tables, without anything of the
// engine. One work a run; prints "name value" lines.
//
//   bench_raw STORE WORK [key=value]...
//
// Appends check the version and give the position; their values are binary, their statements prepared, and an append that
// is told done is durable. What a program of its own would have to do before (ids, times, documents) is done before the
// clock starts.
#include <string_view>

#include "bench/common/arguments.hpp"
#include "bench/raw/postgres_append.hpp"
#include "bench/raw/postgres_read.hpp"
#include "bench/raw/sqlite_append.hpp"
#include "bench/raw/sqlite_read.hpp"

namespace {

struct Work {
  std::string_view name;
  void (*on_postgres)(const Arguments&);
  void (*on_sqlite)(const Arguments&);
};

constexpr Work kWorks[] = {
    {"append_callers", postgres_append_callers,
     sqlite_append_callers},  // callers= links= settings= events= seconds= samples= [first=]
    {"append_batches", postgres_append_batches, sqlite_append_batches},  // batch= settings= events= seconds= samples=
    {"load", postgres_load, sqlite_load},                                // streams=
    {"read_all", postgres_read_all, sqlite_read_all},                    // page= events=
};

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  const bool is_sqlite = arguments.store().starts_with("sqlite:");
  for (const Work& work : kWorks) {
    if (work.name != arguments.work()) continue;
    (is_sqlite ? work.on_sqlite : work.on_postgres)(arguments);
    return 0;
  }
  fail(arguments.work(), "no such work");
}
