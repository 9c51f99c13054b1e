// Importing NDJSON, plain or gzip.
#include "cli/failure.hpp"
#include "cli/import_source.hpp"
#include "cli/interrupt.hpp"
#include "cli/lines.hpp"

namespace eventsource::cli {
namespace {

// The clock is looked at once in so many lines.
constexpr std::int64_t kLinesPerLook = 256;

class LineImport {
 public:
  LineImport(Input& input, Importer& importer, Progress& progress)
      : input_(input), importer_(importer), progress_(progress), lines_(input) {}

  void run() {
    while (Interrupt::signal() == 0) {
      const std::optional<std::string_view> line = next_line();
      if (!line) break;
      if (line->find_first_not_of(" \t\r") != line->npos) add(*line);
      if (lines_.number() % kLinesPerLook == 0) look();
    }
    if (Interrupt::signal() == 0) store_rest();
  }

 private:
  [[nodiscard]] Failure bad_line(std::int64_t number, const std::string& what) const {
    return {kExitRefused, "line " + std::to_string(number) + " of " + input_.name() + ": " + what};
  }

  std::optional<std::string_view> next_line() {
    try {
      return lines_.next();
    } catch (const Failure& failure) {
      store_rest();
      const std::string after = "after line " + std::to_string(lines_.number()) + ": ";
      throw Failure(failure.status(), after + failure.what());
    }
  }

  void add(std::string_view line) {
    const std::int64_t number = lines_.number();
    const std::string_view kept = importer_.keep(line);
    std::optional<EventInput> event;
    try {
      event = parse(kept);
    } catch (const Failure& failure) {
      store_rest();
      throw bad_line(number, failure.what());
    }
    if (!event) return;
    try {
      if (importer_.add(*event, number)) look();
    } catch (const Rejected& rejected) {
      throw bad_line(rejected.place, rejected.what);
    }
  }

  // A line, or the object that goes on over several; nothing when a signal came in the middle.
  std::optional<EventInput> parse(std::string_view line) {
    try {
      return parse_event_line(line, importer_.texts());
    } catch (const Failure&) {
      ObjectScan scan;
      if (!scan.goes_on(line)) throw;
      return parse_on(scan, std::string(line));
    }
  }

  std::optional<EventInput> parse_on(ObjectScan& scan, std::string object) {
    for (bool on = true; on;) {
      const std::optional<std::string_view> more = lines_.next();
      if (!more && Interrupt::signal() != 0) return std::nullopt;
      if (!more || object.size() + more->size() > kLineBytesMax) {
        throw Failure(kExitRefused, "it is a JSON object without an end");
      }
      object.append("\n").append(*more);
      on = scan.goes_on(*more);
    }
    return parse_event_line(importer_.keep(object), importer_.texts());
  }

  void store_rest() {
    try {
      importer_.flush();
    } catch (const Rejected& rejected) {
      throw bad_line(rejected.place, rejected.what);
    }
  }

  void look() {
    const ImportCounts& counts = importer_.counts();
    progress_.update(counts.stored + counts.present, input_.bytes_read(), input_.size());
  }

  Input& input_;
  Importer& importer_;
  Progress& progress_;
  Lines lines_;
};

}  // namespace

void import_lines(Input& input, Importer& importer, Progress& progress) {
  LineImport(input, importer, progress).run();
}

}  // namespace eventsource::cli
