// The engine doing one work a run, through its C++ API alone. Prints "name value" lines.
//
//   bench_engine STORE WORK [key=value]...
#include <exception>
#include <string_view>

#include "bench/common/arguments.hpp"
#include "bench/engine/append.hpp"
#include "bench/engine/append_queue.hpp"
#include "bench/engine/read.hpp"

namespace {

struct Work {
  std::string_view name;
  void (*run)(const Arguments&);
};

constexpr Work kWorks[] = {
    {"append_queue", append_queue},      // callers= events= seconds= samples=
    {"append_threads", append_threads},  // callers= events= seconds= samples= [first=]
    {"append_batches", append_batches},  // batch= events= seconds= samples=
    {"append_known", append_known},      // streams= events= samples=
    {"load", load},                      // streams=
    {"read_all", read_all},              // events=
};

}  // namespace

int main(int argc, char** argv) try {
  const Arguments arguments(argc, argv);
  for (const Work& work : kWorks) {
    if (work.name != arguments.work()) continue;
    work.run(arguments);
    return 0;
  }
  fail(arguments.work(), "no such work");
} catch (const std::exception& error) {
  fail("engine", error.what());
}
