// Comparing a document's envelope with the columns beside it.
#include "cli/event_check.hpp"

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "cli/json_text.hpp"
#include "cli/terminal.hpp"
#include "cli/values.hpp"

namespace eventsource::cli {
namespace {

constexpr std::string_view kCompared[] = {"event_id",       "event_type",        "occurred_at", "aggregate_id",
                                          "aggregate_type", "aggregate_version", "tenant_id",   "actor_id"};

// An absent member and null mean the same. Texts are compared without their escapes, ids and times by their value:
// documents of other writers have other letter cases and offsets.
class DocumentCheck {
 public:
  explicit DocumentCheck(const Event& event) : event_(event) {}

  std::vector<std::string> run() {
    if ((event_.flags() & ES_RECORD_BROKEN_DOCUMENT) != 0) return {"its document is broken"};
    std::optional<std::string_view> values[std::size(kCompared)];
    for (const Member& member : members(event_.document())) {
      for (std::size_t i = 0; i < std::size(kCompared); ++i) {
        if (member.key == kCompared[i]) values[i] = member.value;
      }
    }
    id("event_id", values[0], &event_.id());
    text("event_type", values[1], event_.type());
    time(values[2]);
    id("aggregate_id", values[3], &event_.aggregate_id());
    text("aggregate_type", values[4], event_.aggregate_type());
    version(values[5]);
    const bool foreign_tenant = (event_.flags() & ES_RECORD_FOREIGN_TENANT) != 0;
    if (!foreign_tenant) id("tenant_id", values[6], event_.tenant_id());
    text("actor_id", values[7], event_.actor());
    for (std::string& problem : check_json(event_)) problems_.push_back(std::move(problem));
    return std::move(problems_);
  }

 private:
  void differs(std::string_view name, std::optional<std::string_view> raw, const std::string& column) {
    constexpr std::size_t kShown = 80;
    const std::string said = raw ? printable(first_columns(*raw, kShown)) : "nothing";
    problems_.push_back("its document has " + said + " for " + std::string(name) + ", its columns have " +
                        (column.empty() ? "nothing" : printable(column)));
  }

  void text(std::string_view name, std::optional<std::string_view> raw, std::optional<std::string_view> column) {
    std::string store;
    const bool is_null = !raw || *raw == "null";
    const std::optional<std::string_view> said = is_null ? std::nullopt : json_string(*raw, store);
    // A member that is there and no text is as wrong as one with another text.
    if (said != column || (!said && !is_null)) differs(name, raw, std::string(column.value_or("")));
  }

  static bool same_id(std::optional<std::string_view> raw, const Uuid* column) {
    if (!raw || *raw == "null" || raw->size() < 2) return (!raw || *raw == "null") && column == nullptr;
    const Result<Uuid> said = Uuid::parse(raw->substr(1, raw->size() - 2));
    return said.ok() && column != nullptr && *said == *column;
  }

  void id(std::string_view name, std::optional<std::string_view> raw, const Uuid* column) {
    if (!same_id(raw, column)) differs(name, raw, column == nullptr ? "" : column->to_string());
  }

  void time(std::optional<std::string_view> raw) {
    const std::string_view quoted = !raw || raw->size() < 2 ? std::string_view() : raw->substr(1, raw->size() - 2);
    const Result<Time> said = parse_time(quoted);
    // What is out of range in the column may be written in many ways.
    const bool out_of_range = event_.occurred_at() == Time::max() || event_.occurred_at() == Time::min();
    const bool same = said.ok() ? *said == event_.occurred_at() : out_of_range;
    if (!same) differs("occurred_at", raw, time_text(event_.occurred_at()));
  }

  void version(std::optional<std::string_view> raw) {
    std::int64_t said = 0;
    if (raw) std::from_chars(raw->data(), raw->data() + raw->size(), said);
    if (said != event_.version()) differs("aggregate_version", raw, std::to_string(event_.version()));
  }

  const Event& event_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> check_document(const Event& event) {
  return DocumentCheck(event).run();
}

std::vector<std::string> check_json(const Event& event) {
  std::vector<std::string> problems;
  if (const Result<void> data = check_data(event.data()); !data) {
    problems.push_back("its data is not what a store accepts: " + std::string(data.error().message()));
  }
  const std::string_view metadata = event.metadata();
  if (!metadata.empty() && metadata != "{}" && !nlohmann::json::accept(metadata)) {
    problems.emplace_back("its metadata is no JSON");
  }
  return problems;
}

}  // namespace eventsource::cli
