// eventsource index: the optional indexes of a store in PostgreSQL.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <future>
#include <nlohmann/json.hpp>
#include <string>
#include <unistd.h>
#include <vector>

#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/interrupt.hpp"
#include "cli/open_store.hpp"
#include "cli/output.hpp"
#include "cli/suggest.hpp"
#include "cli/text_table.hpp"
#include "cli/values.hpp"

namespace eventsource::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLookEvery{50};

const char* state_name(IndexState state) {
  switch (state) {
    case IndexState::kAbsent:
      return "absent";
    case IndexState::kReady:
      return "ready";
    case IndexState::kBuilding:
      return "building";
    default:
      return "invalid";
  }
}

std::string seconds_since(Clock::time_point start) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f s", std::chrono::duration<double>(Clock::now() - start).count());
  return text;
}

int list(const Arguments& arguments) {
  if (arguments.positional(1) || arguments.has("all")) {
    throw Failure(kExitUsage, "index list takes no NAME and no --all; see eventsource index --help");
  }
  const Store store = open_store_to_read(arguments);
  const Indexes indexes = store.indexes().value();
  Output out(STDOUT_FILENO, "standard output");
  if (arguments.has("json")) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < indexes.size(); ++i) {
      json.push_back({{"name", indexes[i].name},
                      {"state", state_name(indexes[i].state)},
                      {"bytes", indexes[i].bytes},
                      {"purpose", indexes[i].purpose}});
    }
    out.line(nlohmann::ordered_json{{"indexes", json}}.dump());
  } else {
    TextTable table = standard_table(out, {{"NAME"}, {"STATE"}, {"SIZE", true}, {"PURPOSE"}});
    for (std::size_t i = 0; i < indexes.size(); ++i) {
      const OptionalIndex index = indexes[i];
      const bool is_there = index.state != IndexState::kAbsent;
      table.row({std::string(index.name), state_name(index.state), is_there ? with_unit(index.bytes) : "-",
                 std::string(index.purpose)});
    }
    table.finish();
  }
  out.flush();
  return kExitOk;
}

// Those that are asked for, each once, in the order of the command line.
std::vector<OptionalIndex> wanted(const Arguments& arguments, const Indexes& indexes) {
  std::vector<OptionalIndex> all;
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < indexes.size(); ++i) {
    all.push_back(indexes[i]);
    names.push_back(indexes[i].name);
  }
  if (arguments.has("all")) return all;
  std::vector<OptionalIndex> found;
  for (std::size_t i = 1; arguments.positional(i); ++i) {
    const std::string name = *arguments.positional(i);
    const auto index = std::ranges::find(all, name, &OptionalIndex::name);
    if (index == all.end()) {
      throw Failure(kExitUsage, "there is no optional index \"" + name + "\"" + suggestion(name, names, "") +
                                    "; see eventsource index list");
    }
    if (std::ranges::find(found, name, &OptionalIndex::name) == found.end()) found.push_back(*index);
  }
  return found;
}

// The call in a thread of its own: a signal handler may not cancel it, this thread may.
Result<bool> add_until_interrupted(const Store& store, const std::string& name) {
  const Cancel cancel = Cancel::create().value();
  std::future<Result<bool>> added =
      std::async(std::launch::async, [&] { return store.add_index(name, {.cancel = cancel}); });
  while (added.wait_for(kLookEvery) != std::future_status::ready) {
    if (Interrupt::signal() != 0) cancel.fire();
  }
  return added.get();
}

// Whether it was made now.
bool add_one(const Store& store, const OptionalIndex& index) {
  if (index.state == IndexState::kReady) return false;
  const std::string name(index.name);
  say("eventsource: " + name + ": making it while others read and append; Ctrl-C stops it");
  const Result<bool> made = add_until_interrupted(store, name);
  if (!made && made.error().code() == ES_CANCELLED) {
    throw Failure(128 + Interrupt::signal(), std::string(made.error().message()));
  }
  return made.value();
}

int add(const Arguments& arguments) {
  if (arguments.has("all") == arguments.positional(1).has_value()) {
    throw Failure(kExitUsage, "index add wants one NAME or more, or --all; see eventsource index list");
  }
  const Interrupt interrupt;
  const Store store = open_store_to_write(arguments);
  const Indexes indexes = store.indexes().value();
  Output out(STDOUT_FILENO, "standard output");
  for (const OptionalIndex& index : wanted(arguments, indexes)) {
    const Clock::time_point start = Clock::now();
    const bool made = add_one(store, index);
    const std::string name(index.name);
    if (arguments.has("json")) {
      out.line(nlohmann::ordered_json{{"name", name}, {"made", made}}.dump());
    } else {
      out.line(name + (made ? ": made in " + seconds_since(start) : ": there already"));
    }
    out.flush();
    if (Interrupt::signal() != 0) throw Failure(128 + Interrupt::signal(), "interrupted; what was made stays");
  }
  return kExitOk;
}

int run(const Arguments& arguments) {
  return *arguments.positional(0) == "list" ? list(arguments) : add(arguments);
}

}  // namespace

Command index_command() {
  return {
      .name = "index",
      .summary = "list the optional indexes of a store in PostgreSQL, or add some",
      .positionals = {{.name = "ACTION", .choices = {"list", "add"}},
                      {.name = "NAME", .required = false, .repeats = true}},
      .options = {store_option(),
                  {.name = "all", .value = "", .meaning = "add: every one that is not there"},
                  json_option("print the result as JSON: list one object, add one a line")},
      .text =
          "ACTION is list or add. Each index makes some reads faster and every append slower: add those whose\n"
          "purpose is a question of yours. They are made while others read and append, which can take long. One\n"
          "that is invalid, as an interrupted build leaves it, is dropped and made again. Only the owner of the\n"
          "table events can add one.",
      .examples =
          "eventsource index list\n"
          "eventsource index add idx_events_type_position",
      .run = run,
  };
}

}  // namespace eventsource::cli
