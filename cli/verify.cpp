// eventsource verify: is the log what it should be?
#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/json_text.hpp"
#include "cli/open_store.hpp"
#include "cli/output.hpp"
#include "cli/terminal.hpp"
#include "cli/values.hpp"
#include "cli/verification.hpp"

namespace eventsource::cli {
namespace {

// Findings as they come, and the sum: text, or one JSON object.
class Report {
 public:
  Report(bool json, Progress& progress)
      : out_(STDOUT_FILENO, "standard output"),
        progress_(progress),
        json_(json),
        colour_(!json && wants_colour(STDOUT_FILENO)) {
    if (json_) out_.write("{\"findings\":[");
  }

  void add(const Finding& finding) {
    // The bar and the findings may share a terminal.
    progress_.clear();
    if (json_) {
      add_json(finding);
      return;
    }
    const std::string label = finding.is_problem ? "problem" : "note";
    out_.line(coloured(colour_, finding.is_problem ? Colour::kRed : Colour::kDim, label) + " at position " +
              std::to_string(finding.position) + ", event " + finding.event_id.to_string() + ": " +
              printable(finding.what));
    out_.flush();
  }

  void finish(const VerifyCounts& counts) {
    progress_.clear();
    if (json_) {
      out_.line("],\"events\":" + std::to_string(counts.events) + ",\"streams\":" + std::to_string(counts.streams) +
                ",\"head\":" + std::to_string(counts.head) + ",\"problems\":" + std::to_string(counts.problems) +
                ",\"notes\":" + std::to_string(counts.notes) + "}");
    } else {
      const std::string verdict = counts.problems == 0 ? "no problem found" : problems_text(counts.problems);
      std::string sum = with_commas(counts.events) + " events in " + with_commas(counts.streams) + " streams: ";
      sum += coloured(colour_, counts.problems == 0 ? Colour::kGreen : Colour::kRed, verdict);
      if (counts.notes > 0) sum += ", " + with_commas(counts.notes) + " to know of";
      out_.line(sum);
    }
    out_.flush();
  }

 private:
  static std::string problems_text(std::int64_t problems) {
    return problems == 1 ? "1 problem found" : with_commas(problems) + " problems found";
  }

  void add_json(const Finding& finding) {
    std::string& line = out_.buffer();
    line += first_ ? "" : ",";
    first_ = false;
    line += "{\"position\":" + std::to_string(finding.position) + ",\"event_id\":\"" + finding.event_id.to_string() +
            "\",\"kind\":\"" + finding.kind + "\",\"problem\":" + (finding.is_problem ? "true" : "false") +
            ",\"what\":";
    append_json_string(line, finding.what);
    line += '}';
    out_.poll();
  }

  Output out_;
  Progress& progress_;
  bool json_;
  bool colour_;
  bool first_ = true;
};

int run(const Arguments& arguments) {
  const Store store = open_store_to_read(arguments);
  Progress progress("events");
  Report report(arguments.has("json"), progress);
  Verification verification(store, [&](const Finding& finding) { report.add(finding); });
  const VerifyCounts counts = verification.run(progress);
  report.finish(counts);
  return counts.problems == 0 ? kExitOk : kExitRefused;
}

}  // namespace

Command verify_command() {
  return {
      .name = "verify",
      .summary = "check the whole log; exit status 1 when something is wrong",
      .positionals = {},
      .options = {store_option(), json_option()},
      .text =
          "Versions of each stream without holes, in the order of positions; ids unique; one tenant a stream;\n"
          "documents that are sound and agree with their columns. Rows that are not so are listed with their\n"
          "position and event id. Tenants that are no UUID (of other writers) are listed and are no problem.",
      .examples =
          "eventsource verify\n"
          "eventsource verify --json | jq .findings",
      .run = run,
  };
}

}  // namespace eventsource::cli
