// eventsource import: events from a file or standard input into a store.
#include <csignal>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/import_source.hpp"
#include "cli/interrupt.hpp"
#include "cli/open_store.hpp"
#include "cli/output.hpp"
#include "cli/values.hpp"

namespace eventsource::cli {
namespace {

constexpr std::int64_t kBatchDefault = 1000;

// How an import ended.
struct Ending {
  int status = kExitOk;
  std::string error;  // empty when all is well
};

std::string stored_text(const ImportCounts& counts) {
  const std::int64_t present = counts.present;
  return std::to_string(counts.stored + present) + " (" + std::to_string(counts.stored) + " now, " +
         std::to_string(present) + " present before)";
}

// Without an input the path is another store.
Ending run_source(const std::string& path, std::optional<Input>& input, Importer& importer, Progress& progress) {
  const ImportCounts& counts = importer.counts();
  try {
    if (input) {
      import_lines(*input, importer, progress);
    } else {
      import_sqlite(path, importer, progress);
    }
  } catch (const Failure& failure) {
    return {failure.status(), failure.what() + std::string("\nstored before it: ") + stored_text(counts)};
  } catch (const Exception& failure) {
    std::string error = failure.what() + std::string("\nstored before it: ") + stored_text(counts);
    if (failure.error().outcome() != Outcome::kNotApplied) {
      error += "; the batch under way may be stored as well";
    }
    return {exit_status(failure.error()), error + "; the import can be run again"};
  }
  const int signal = Interrupt::signal();
  if (signal == 0) return {};
  return {128 + signal, "interrupted; stored: " + stored_text(counts) + "; the import can be run again"};
}

void print_json(const ImportCounts& counts, double seconds, const Ending& ending, bool lines) {
  nlohmann::ordered_json json;
  json[lines ? "lines" : "events"] = counts.stored + counts.present;
  json["stored"] = counts.stored;
  json["present"] = counts.present;
  json["new_streams"] = counts.new_streams;
  json["seconds"] = seconds;
  if (ending.status != kExitOk) json["error"] = ending.error;
  Output out(STDOUT_FILENO, "standard output");
  out.line(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  out.flush();
}

void print_text(const ImportCounts& counts, double seconds, bool lines) {
  const std::int64_t all = counts.stored + counts.present;
  char took[32];
  std::snprintf(took, sizeof(took), "%.1f s", seconds);
  Output out(STDOUT_FILENO, "standard output");
  out.line(std::to_string(all) + (lines ? " lines: " : " events: ") + std::to_string(counts.stored) + " stored, " +
           std::to_string(counts.present) + " present, " + std::to_string(counts.new_streams) + " new streams, " +
           took + " (" + rate_text(all, seconds, "events") + ")");
  out.flush();
}

int run(const Arguments& arguments) {
  const std::int64_t batch = whole_number("--batch", arguments.value("batch").value_or(std::to_string(kBatchDefault)),
                                          1, ES_APPEND_EVENTS_DEFAULT);
  const std::string path = *arguments.positional(0);
  const Interrupt interrupt;
  if (path.find("://") != std::string::npos && access(path.c_str(), F_OK) != 0) {
    throw Failure(kExitUsage,
                  "import takes a file, not the URL of a store; copy a store with `eventsource export --store FROM | "
                  "eventsource import - --store TO`, an SQLite one by its file name");
  }
  // The input comes first: a misspelled file name makes no store.
  std::optional<Input> input(path);
  const bool lines = !input->begins_with(kSqliteMagic);
  if (!lines) {
    if (path == "-") throw Failure(kExitUsage, "an SQLite store can't come from standard input; give its file name");
    // Closed before a store is open: closing any descriptor of a file drops the locks that SQLite has on it.
    input.reset();
  }
  const Store store = open_or_make_store(arguments);
  Importer importer(store, static_cast<std::size_t>(batch));
  Progress progress(lines ? "lines" : "events");
  Ending ending = run_source(path, input, importer, progress);
  const double seconds = progress.seconds();
  progress.clear();
  // Folds the write-ahead log into the file, so that one file is the store. What is stored is safe without it.
  const Result<void> closed = store.shutdown();
  if (!closed && ending.status == kExitOk) {
    ending = {exit_status(closed.error()), std::string(closed.error().message())};
  }
  if (arguments.has("json")) {
    print_json(importer.counts(), seconds, ending, lines);
  } else if (ending.status == kExitOk) {
    print_text(importer.counts(), seconds, lines);
  }
  if (ending.status != kExitOk) throw Failure(ending.status, ending.error);
  return kExitOk;
}

}  // namespace

Command import_command() {
  return {
      .name = "import",
      .summary = "store the events of a file: NDJSON, plain or gzip, or another SQLite store",
      .positionals = {{.name = "FILE|-", .is_file = true}},
      .options = {store_option(),
                  {.name = "batch", .value = "N", .meaning = "events a transaction, 1 to 10000 (default 1000)"},
                  json_option()},
      .text =
          "Each line is an event as `eventsource export` writes it. Versions are given in the order of the lines.\n"
          "Events that are stored already are counted as present, so an import can be run again. A bad line ends\n"
          "it: every line before it is stored, nothing after it. Ctrl-C leaves whole transactions. An SQLite file,\n"
          "also one of eventsource-py, is read in the order of its positions.",
      .examples =
          "eventsource import flights.ndjson.gz\n"
          "zstdcat events.ndjson.zst | eventsource import -\n"
          "eventsource import old.db --store postgresql://shop@db.example.org/orders",
      .run = run,
  };
}

}  // namespace eventsource::cli
