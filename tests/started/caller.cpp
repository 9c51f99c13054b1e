#include "tests/started/caller.hpp"

#include <algorithm>
#include <cstdlib>
#include <sqlite3.h>
#include <stdexcept>
#include <string_view>
#include <unistd.h>

namespace started_test {
namespace {

constexpr std::uint32_t kSharedStreams = 4;

// Much longer than any call may take: one that has not ended by then never will.
constexpr std::int64_t kPatienceMs = 120'000;

Id id_of(std::uint8_t kind, std::uint32_t caller, std::uint32_t number, std::uint8_t part = 0) {
  Id id{kind, part};
  for (std::size_t i = 0; i < 4; ++i) {
    id[4 + i] = static_cast<std::uint8_t>(caller >> (8 * (3 - i)));
    id[12 + i] = static_cast<std::uint8_t>(number >> (8 * (3 - i)));
  }
  return id;
}

void check(es_status status) {
  if (status != ES_OK) throw std::runtime_error(std::string("a test cannot go on: ") + es_status_name(status));
}

}  // namespace

std::string text_of(const std::uint8_t* id) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kDigits[id[i] >> 4U];
    text += kDigits[id[i] & 15U];
  }
  return text;
}

Caller::Caller(es_store* store, std::uint32_t number, std::uint32_t seed)
    : store_(store), number_(number), random_(seed + number) {
  check(es_queue_new(&queue_, nullptr));
}

Caller::~Caller() {
  es_queue_close(&queue_);
  es_call_close(&call_);
}

void Caller::set_limits(std::int64_t timeout_ms, es_cancel* cancel) {
  es_call_close(&call_);
  check(es_call_new(&call_, nullptr));
  check(es_call_set_timeout(call_, timeout_ms, nullptr));
  check(es_call_set_cancel(call_, cancel, nullptr));
}

// The next append, added to the list.
std::size_t Caller::plan() {
  const auto number = static_cast<std::uint32_t>(appends_.size());
  Append append;
  const auto shared = [this](std::uint8_t kind) { return id_of(kind, 0, random_() % kSharedStreams); };
  const auto add = [&](const Id& stream) {
    append.events.push_back({id_of(0xE5, number_, number, static_cast<std::uint8_t>(append.events.size())), stream});
  };
  switch (random_() % 8) {
    case 0:
    case 1:  // to a stream that everybody writes
      add(shared(0xA0));
      break;
    case 2:  // the same with a version, that another one may take
      add(shared(0xA1));
      append.expected = versions_[append.events[0].stream];
      break;
    case 3: {  // to two streams
      const Id own = id_of(0xA2, number_, number);
      add(own);
      add(shared(0xA0));
      add(own);
      break;
    }
    default:
      add(id_of(0xA3, number_, number));
      append.expected = ES_NO_STREAM;
  }
  report("started", append);
  appends_.push_back(std::move(append));
  in_flight_of_.push_back(0);
  return number;
}

es_append* Caller::make(const Append& append) const {
  static constexpr std::string_view kData = R"({"amount":1.10})";
  es_append* made = nullptr;
  check(es_append_new(&made, nullptr));
  for (const Event& event : append.events) {
    check(es_append_stream(made, "Account", 7, event.stream.data(), append.expected, nullptr));
    check(es_append_event(made, "Moved", 5, kData.data(), kData.size(), nullptr));
    check(es_append_set_event_id(made, event.id.data(), nullptr));
  }
  return made;
}

void Caller::start(int appends) {
  for (int i = 0; i < appends; ++i) start(plan());
}

void Caller::start(std::size_t which) {
  es_append* made = make(appends_[which]);
  es_error* error = nullptr;
  const auto tag = static_cast<std::int64_t>(which);
  const es_status status = es_store_start_append(store_, made, call_, queue_, tag, &error);
  es_append_close(&made);
  if (status == ES_OK) {
    ++in_flight_;
    ++in_flight_of_[which];
  } else {
    end(which, status, nullptr, error);
  }
  es_error_close(&error);
}

void Caller::append() {
  append(plan());
}

void Caller::append(std::size_t which) {
  es_append* made = make(appends_[which]);
  es_append_result* result = nullptr;
  es_error* error = nullptr;
  const es_status status = es_store_append(store_, made, call_, &result, &error);
  end(which, status, result, error);
  es_append_close(&made);
  es_append_result_close(&result);
  es_error_close(&error);
}

void Caller::take(int left) {
  while (in_flight_ > left) {
    check(es_queue_wait(queue_, kPatienceMs, nullptr));
    std::array<es_completion*, 64> done{};
    std::size_t count = 0;
    check(es_queue_take(queue_, done.data(), done.size(), &count, nullptr));
    for (std::size_t i = 0; i < count; ++i) {
      const auto which = static_cast<std::size_t>(es_completion_tag(done[i]));
      --in_flight_;
      if (which >= appends_.size() || --in_flight_of_[which] < 0) {
        complaints_.push_back("call " + std::to_string(es_completion_tag(done[i])) + " ended a second time");
      } else {
        es_append_result* result = es_completion_take_append_result(done[i]);
        end(which, es_completion_status(done[i]), result, es_completion_error(done[i]));
        es_append_result_close(&result);
      }
      es_completion_close(&done[i]);
    }
  }
  // Nothing comes that was not started.
  if (left == 0 && es_queue_wait(queue_, 0, nullptr) != ES_TIMEOUT)
    complaints_.emplace_back("a call ended that was none");
}

void Caller::take_until(es_status status) {
  while (count(status) == 0 && in_flight_ > 0) take(in_flight_ - 1);
}

void Caller::end(std::size_t which, es_status status, const es_append_result* result, const es_error* error) {
  Append& append = appends_[which];
  ++statuses_[status];
  if (status == ES_OK) {
    append.rows.clear();
    for (std::size_t i = 0; i < append.events.size(); ++i) {
      const test_support::Row row{es_append_result_positions(result)[i], es_append_result_versions(result)[i]};
      append.rows.push_back(row);
      std::int64_t& version = versions_[append.events[i].stream];
      version = std::max(version, row.version);
    }
    if (es_append_result_count(result) != append.events.size()) complain(which, "has another result");
    append.fate = Fate::kStored;
    report("stored", append);
    ++stored_;
    return;
  }
  messages_.emplace(status, es_error_message(error));
  if (es_error_code(error) != status) complain(which, "has another code than its error");
  const std::int32_t outcome = es_error_outcome(error);
  if (outcome == ES_OUTCOME_APPLIED) complain(which, std::string("is applied and failed: ") + es_error_message(error));
  append.fate = outcome == ES_OUTCOME_UNKNOWN ? Fate::kUnknown : Fate::kRefused;
  if (status != ES_VERSION_CONFLICT) return;
  if (outcome != ES_OUTCOME_NOT_APPLIED) complain(which, "is a conflict of which nothing is known");
  const char* const actual = es_error_detail(error, "actual_version");
  append.actual = actual == nullptr ? -1 : std::atoll(actual);
  append.fate = Fate::kConflict;
  versions_[append.events[0].stream] = append.actual;
}

void Caller::learn() {
  for (std::size_t which = 0; which < appends_.size(); ++which) {
    while (appends_[which].fate == Fate::kUnknown) append(which);
  }
}

int Caller::unknown() const {
  return static_cast<int>(
      std::ranges::count_if(appends_, [](const Append& append) { return append.fate == Fate::kUnknown; }));
}

int Caller::count(es_status status) const {
  const auto found = statuses_.find(status);
  return found == statuses_.end() ? 0 : found->second;
}

std::string Caller::first_message(es_status status) const {
  const auto found = messages_.find(status);
  return found == messages_.end() ? "" : found->second;
}

void Caller::complain(std::size_t which, const std::string& what) {
  complaints_.push_back("append " + std::to_string(which) + " " + what);
}

void Caller::report(const char* what, const Append& append) const {
  if (report_ < 0) return;
  std::string line = what;
  const std::vector<std::string> ids = ids_of(append);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    line += " " + ids[i];
    if (append.rows.empty()) continue;
    line += " " + std::to_string(append.rows[i].version) + " " + std::to_string(append.rows[i].position);
  }
  line += "\n";
  // In one piece, whenever the process is killed.
  if (write(report_, line.data(), line.size()) != std::ssize(line)) throw std::runtime_error("nobody reads the report");
}

std::vector<std::string> Caller::ids_of(const Append& append) {
  std::vector<std::string> ids;
  for (const Event& event : append.events) ids.push_back(text_of(event.id.data()));
  return ids;
}

void Caller::tell(test_support::Comparison& comparison) const {
  for (const Append& append : appends_) {
    const std::vector<std::string> ids = ids_of(append);
    switch (append.fate) {
      case Fate::kStored:
        for (std::size_t i = 0; i < ids.size(); ++i) comparison.see_stored(ids[i], append.rows[i]);
        break;
      case Fate::kConflict:
        comparison.see_conflict(ids, "Account " + text_of(append.events[0].stream.data()), append.expected,
                                append.actual);
        break;
      case Fate::kRefused:
        comparison.see_refused(ids);
        break;
      case Fate::kUnknown:
      case Fate::kUnderWay:
        comparison.see_unknown(ids);
        break;
    }
  }
}

std::string see_file(test_support::Comparison& comparison, const std::string& file) {
  sqlite3* database = nullptr;
  if (sqlite3_open(file.c_str(), &database) != SQLITE_OK) throw std::runtime_error("no file " + file);
  sqlite3_busy_timeout(database, 60'000);
  sqlite3_stmt* rows = nullptr;
  sqlite3_prepare_v2(database,
                     "SELECT event_id, aggregate_id, aggregate_type, global_position, version, "
                     "payload ->> '$.aggregate_version' FROM events "
                     "ORDER BY aggregate_type, aggregate_id, version, global_position",
                     -1, &rows, nullptr);
  const auto id = [&](int column) {
    return text_of(static_cast<const std::uint8_t*>(sqlite3_column_blob(rows, column)));
  };
  int code = 0;
  while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
    comparison.see_row(id(0), reinterpret_cast<const char*>(sqlite3_column_text(rows, 2)) + (" " + id(1)),
                       {sqlite3_column_int64(rows, 3), sqlite3_column_int64(rows, 4)}, sqlite3_column_int64(rows, 5));
  }
  sqlite3_finalize(rows);
  std::string wrong = code == SQLITE_DONE ? "" : sqlite3_errmsg(database);
  sqlite3_prepare_v2(database, "PRAGMA integrity_check", -1, &rows, nullptr);
  if (sqlite3_step(rows) == SQLITE_ROW) {
    const std::string said = reinterpret_cast<const char*>(sqlite3_column_text(rows, 0));
    if (said != "ok") wrong = said;
  }
  sqlite3_finalize(rows);
  sqlite3_close(database);
  return wrong;
}

std::string defects(const std::string& url, const std::vector<const Caller*>& callers) {
  static constexpr std::string_view kFile = "sqlite:///";
  test_support::Comparison comparison;
  std::vector<std::string> found;
  if (url.starts_with(kFile)) {
    if (const std::string wrong = see_file(comparison, url.substr(kFile.size())); !wrong.empty())
      found.push_back(wrong);
  } else {
    comparison.see_table(url);
  }
  for (const Caller* caller : callers) {
    found.insert(found.end(), caller->complaints().begin(), caller->complaints().end());
    caller->tell(comparison);
  }
  for (const std::string& defect : comparison.finish()) found.push_back(defect);
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(found.size(), 5); ++i) text += found[i] + "\n";
  return text;
}

}  // namespace started_test
