// A week of real flights in an event store: what such a store is for, in a minute of reading.
//
//     demo_flights FLIGHTS.ndjson.gz FILE.db
//     demo_flights FLIGHTS.ndjson.gz postgresql://USER@HOST/DATABASE
//
// Stores the events in an SQLite file or in PostgreSQL, builds what we want to know by reading them once, looks at one flight, and lets
// two dispatchers collide. Running it again on the same store stores nothing twice.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>
#include <zlib.h>

#include "eventsource/eventsource.hpp"

#include "demo_text.hpp"

namespace es = eventsource;
using namespace std::chrono_literals;
using demo::bar;
using demo::clock_time;
using demo::day_name;
using demo::grouped;
using demo::heading;
using demo::kPaint;
using demo::lateness;
using demo::LocalTime;
using demo::new_york;

namespace {

// ---- JSON: the engine hands out the bytes of each member; these flights need no more of a parser. ----

std::string_view member(std::string_view object, std::string_view key) {
  for (const es::Member& each : es::members(object))
    if (each.key == key) return each.value;
  return {};
}

// The text of a JSON string. Nothing that we read this way has escapes.
std::string_view text(std::string_view value) {
  return value.size() < 2 ? value : value.substr(1, value.size() - 2);
}

int number(std::string_view value) {
  int parsed = 0;
  std::from_chars(value.data(), value.data() + value.size(), parsed);
  return parsed;
}

// ---- The file: gzip, one event a line. ----

class Lines {
 public:
  explicit Lines(const char* path) : path_(path), file_(gzopen(path, "rb"), &gzclose) {
    if (file_ == nullptr) throw std::runtime_error("Cannot open " + path_ + ".");
  }

  bool next(std::string& line) {
    line.clear();
    char piece[4096];
    while (gzgets(file_.get(), piece, sizeof(piece)) != nullptr) {
      line += piece;
      if (line.back() != '\n') continue;
      line.pop_back();
      return true;
    }
    int code = Z_OK;
    const char* reason = gzerror(file_.get(), &code);
    if (code != Z_OK) throw std::runtime_error("Cannot read " + path_ + ": " + reason);
    return !line.empty();
  }

 private:
  std::string path_;
  std::unique_ptr<gzFile_s, int (*)(gzFile)> file_;
};

// ---- Storing ----

struct Stored {
  std::int64_t added = 0;
  std::int64_t known = 0;
  std::chrono::duration<double> time{};
};

void add_line(es::Append& append, std::string_view line) {
  append
      .stream(text(member(line, "aggregate_type")), es::Uuid::parse(text(member(line, "aggregate_id"))).value(),
              es::ExpectedVersion::any())
      .event(text(member(line, "event_type")), member(line, "payload"))
      .event_id(es::Uuid::parse(text(member(line, "event_id"))).value())
      .occurred_at(es::parse_time(text(member(line, "occurred_at"))).value())
      .actor(text(member(line, "actor_id")));
}

// A thousand events a transaction: a commit waits for the disk, so it should be worth it. The ids come with the events,
// which is what lets the store know them when they come again.
Stored store_flights(const es::Store& store, const char* path) {
  constexpr std::size_t kBatch = 1000;
  const auto start = std::chrono::steady_clock::now();
  Stored stored;
  es::Append append;
  const auto flush = [&] {
    const es::AppendResult result = store.append(append.on_duplicate(es::OnDuplicate::kSkip)).value();
    stored.known += static_cast<std::int64_t>(result.known_count());
    stored.added += static_cast<std::int64_t>(result.size() - result.known_count());
    append.clear();
  };
  Lines lines(path);
  for (std::string line; lines.next(line);) {
    add_line(append, line);
    if (append.size() == kBatch) flush();
  }
  flush();
  stored.time = std::chrono::steady_clock::now() - start;
  return stored;
}

// ---- What we want to know: built from the events alone, in one pass over the log. ----

enum Kind { kDeparted, kArrived, kCancelled, kDiverted, kKinds };

struct Flown {
  LocalTime time;
  Kind kind;
  int delay;
  es::Uuid flight;
};

struct Week {
  std::map<std::chrono::local_days, std::array<int, kKinds>> days;
  std::map<std::chrono::local_time<std::chrono::hours>, std::array<int, kKinds>> hours;
  std::vector<int> delays;
  std::map<std::string, std::vector<Flown>> flights;  // by flight number
  int events = 0;

  void apply(const es::Event& event) {
    const Kind kind = kind_of(event.type());
    if (kind == kKinds) return;
    const LocalTime time = new_york(event.occurred_at());
    const int delay = number(member(event.data(), "delay_minutes"));
    ++events;
    ++days[std::chrono::floor<std::chrono::days>(time)][kind];
    ++hours[std::chrono::floor<std::chrono::hours>(time)][kind];
    if (kind == kDeparted) delays.push_back(delay);
    flights[std::string(text(member(event.data(), "flight")))].push_back({time, kind, delay, event.aggregate_id()});
  }

  static Kind kind_of(std::string_view type) {
    if (type == "FlightDeparted") return kDeparted;
    if (type == "FlightArrived") return kArrived;
    if (type == "FlightCancelled") return kCancelled;
    if (type == "FlightDiverted") return kDiverted;
    return kKinds;
  }
};

Week read_week(const es::Store& store) {
  Week week;
  for (const es::Event& event : store.log({.content = es::Content::kData, .filter = {.aggregate_types = {"Flight"}}})) {
    week.apply(event);
  }
  return week;
}

// ---- Showing it ----

void print_days(const Week& week) {
  heading("What happened, day by day", "Every event, counted by its day and type.");
  std::printf("  February  departed  arrived  diverted  cancelled\n");
  for (const auto& [day, counts] : week.days) {
    const int flights = counts[kDeparted] + counts[kCancelled];
    const int share = flights == 0 ? 0 : (counts[kCancelled] * 100 + flights / 2) / flights;
    char cancelled[32];
    std::snprintf(cancelled, sizeof(cancelled), "%11d  %3d %%", counts[kCancelled], share);
    std::printf("  %-8s%10d%9d%10d%s\n", day_name(day).c_str(), counts[kDeparted], counts[kArrived], counts[kDiverted],
                share >= 25 ? kPaint.red(cancelled).c_str() : cancelled);
  }
}

void print_delays(const Week& week) {
  struct Bin {
    const char* name;
    int below;
    int count;
  };
  Bin bins[] = {{"early or on time", 1, 0},     {"up to 14 min late", 15, 0}, {"15 to 29 min", 30, 0},
                {"30 to 59 min", 60, 0},        {"1 to 2 hours", 120, 0},     {"2 to 4 hours", 240, 0},
                {"4 hours and more", 100000, 0}};
  for (const int delay : week.delays) {
    ++std::find_if(std::begin(bins), std::end(bins), [&](const Bin& bin) { return delay < bin.below; })->count;
  }
  heading("How late they left", "The same events asked another question: " + grouped(std::ssize(week.delays)) +
                                    " departures by their delay. A block is up to 75 flights.");
  for (const Bin& bin : bins)
    std::printf("  %-19s%6s  %s\n", bin.name, grouped(bin.count).c_str(), bar(bin.count, 75).c_str());
}

// Friday and Saturday in steps of three hours.
void print_blizzard(const Week& week) {
  constexpr int kBlock = 8;
  heading("The blizzard of 8 February",
          "The same events by the hour: flights that left, and flights that were to leave then and were cancelled.\n"
          "A line is three hours, a block up to 8 flights.");
  std::printf("  February         left                          cancelled\n");
  const auto friday = std::chrono::local_days(std::chrono::year(2013) / 2 / 8);
  for (auto from = friday + 3h; from < friday + 48h; from += 3h) {
    int left = 0;
    int cancelled = 0;
    for (auto hour = from; hour < from + 3h; hour += 1h) {
      const auto found = week.hours.find(hour);
      if (found == week.hours.end()) continue;
      left += found->second[kDeparted];
      cancelled += found->second[kCancelled];
    }
    std::printf("  %s %s  %4d %s  %4d %s\n", day_name(from).c_str(), clock_time(from).c_str(), left,
                kPaint.green(bar(left, kBlock, 23)).c_str(), cancelled, kPaint.red(bar(cancelled, kBlock)).c_str());
  }
}

// One flight number over the week: a view that no table was designed for, out of events that were there anyway.
void print_flight_number(const Week& week, const std::string& name, const char* route) {
  heading("One flight number through the week: " + name + ", " + route,
          "Each line is a flight, and each flight a stream of its own.");
  const auto found = week.flights.find(name);
  if (found == week.flights.end()) throw std::runtime_error("There is no flight " + name + " in this store.");
  std::string departure;
  for (const Flown& flown : found->second) {
    switch (flown.kind) {
      case kDeparted:
        departure = day_name(flown.time) + "  left at " + clock_time(flown.time) + ", " + lateness(flown.delay);
        break;
      case kArrived:
        std::printf("  %s; landed %s\n", departure.c_str(), lateness(flown.delay).c_str());
        break;
      case kCancelled:
        std::printf("  %s  %s\n", day_name(flown.time).c_str(), kPaint.red("cancelled").c_str());
        break;
      default:
        std::printf("  %s; diverted\n", departure.c_str());
    }
  }
}

// The members of an object in lines of a bearable length.
void print_members(std::string_view object) {
  std::string line;
  const auto flush = [&line] {
    if (!line.empty()) std::printf("             %s\n", kPaint.dim(line).c_str());
    line.clear();
  };
  for (const es::Member& each : es::members(object)) {
    if (line.size() + each.key.size() + each.value.size() > 74) flush();
    line.append(line.empty() ? "" : "  ").append(each.key).append(" ").append(each.value);
  }
  flush();
}

// One flight, read from its stream: versions from 1, without holes.
void print_history(const es::Store& store, const es::Uuid& flight) {
  heading("The history of the last of them",
          "Stream Flight " + flight.to_string() + ", in the order of its versions. Times are stored in UTC.");
  for (const es::Event& event : store.stream("Flight", flight, {.content = es::Content::kData})) {
    std::printf("  version %lld  %s at %.16sZ, position %s in the log\n", static_cast<long long>(event.version()),
                kPaint.bold(std::string(event.type())).c_str(), es::format_time(event.occurred_at()).value().c_str(),
                grouped(event.position()).c_str());
    print_members(event.data());
  }
}

// ---- Writing at the same time ----

es::Result<es::AppendResult> assign_crew(const es::Store& store, const es::Uuid& flight, std::int64_t version,
                                         const std::string& who, int crew) {
  es::Append append;
  append.stream("Standby", flight, es::ExpectedVersion::exact(version))
      .event("CrewAssigned", R"({"crew":)" + std::to_string(crew) + "}")
      .actor(who);
  return store.append(append);
}

// Both look, both decide on what they saw, both write. The store takes the first and refuses the second, who looks
// again before he decides anew. That is all of optimistic concurrency, and nobody waited for a lock.
void two_dispatchers(const es::Store& store, const es::Uuid& flight) {
  heading(
      "Two dispatchers, one flight",
      "Ann and Ben both look for a crew for the flight that was cancelled on Friday. (These events are made up: they\n"
      "go into a stream of their own, Standby, and the flights stay as they were.)");
  const std::int64_t seen = store.stream_version("Standby", flight).value();
  const std::string at = std::to_string(seen);
  assign_crew(store, flight, seen, "Ann", 12).value();
  std::printf("  Ann: crew 12, if the stream is at version %s   %s\n", at.c_str(),
              kPaint.green("stored as version " + std::to_string(seen + 1)).c_str());

  const auto refused = assign_crew(store, flight, seen, "Ben", 7);
  if (refused || refused.error().code() != ES_VERSION_CONFLICT) {
    throw std::runtime_error("The store took two appends at the same version. Please report this.");
  }
  std::printf("  Ben: crew  7, if the stream is at version %s   %s\n", at.c_str(), kPaint.red("refused").c_str());
  std::printf("       %s\n", kPaint.dim(std::string(refused.error().message())).c_str());

  std::int64_t version = seen;
  for (const es::Event& event :
       store.stream("Standby", flight, {.content = es::Content::kData, .from_version = seen + 1})) {
    version = event.version();
    std::printf("  Ben looks again: %s has assigned crew %s. He leaves it at that, and notes it.\n",
                std::string(event.actor().value_or("Somebody")).c_str(),
                std::string(member(event.data(), "crew")).c_str());
  }
  es::Append note;
  note.stream("Standby", flight, es::ExpectedVersion::exact(version)).event("CrewConfirmed", "{}").actor("Ben");
  const es::AppendResult result = store.append(note).value();
  std::printf("  Ben: confirmed                                %s\n",
              kPaint.green("stored as version " + std::to_string(result.versions()[0])).c_str());
}

// ---- The story ----

void print_next(const char* self, const std::string& url, const es::Uuid& flight) {
  // The program lies beside this one when both were built together.
  const auto beside = std::filesystem::path(self).replace_filename("eventsource");
  const std::string program = std::filesystem::exists(beside) ? beside.string() : "eventsource";
  std::printf("\n%s\n\n", kPaint.bold("Try next").c_str());
  std::printf("  export EVENTSOURCE_URL='%s'\n", url.c_str());
  for (const std::string& command : {std::string("stats"), "stream Flight " + flight.to_string(),
                                     std::string("read --type FlightCancelled --since 2013-02-08T20:00:00Z --limit 5"),
                                     std::string("verify"), std::string("export | head -n 1")}) {
    std::printf("  %s %s\n", program.c_str(), command.c_str());
  }
  std::printf(
      "\n  How this page was made: examples/demo_flights.cpp. How to write your own: docs/cpp.md, docs/c.md.\n");
}

void print_stored(const Stored& stored, const std::string& where) {
  if (stored.added == 0) {
    std::printf("All %s events are in %s already: their ids are known, and nothing is stored twice.\n",
                grouped(stored.known).c_str(), where.c_str());
    return;
  }
  std::printf("%s events stored in %s in %.2f s (%s a second), a thousand in a transaction.\n",
              grouped(stored.added).c_str(), where.c_str(), stored.time.count(),
              grouped(static_cast<std::int64_t>(static_cast<double>(stored.added) / stored.time.count())).c_str());
  if (stored.known != 0) std::printf("%s were there already.\n", grouped(stored.known).c_str());
}

void run(const char* self, const char* data, const std::string& place) {
  const bool is_url = place.find("://") != std::string::npos;
  const es::Store store = es::Store::open(is_url ? place : "sqlite:///" + place).value();
  // Without a password, should there be one.
  const std::string url(store.url());

  std::printf("%s\n", kPaint.bold("A week of flights in an event store").c_str());
  std::printf("%s\n\n",
              kPaint
                  .dim("All flights that were to leave New York from 4 to 10 February 2013. Real data, shown in "
                       "New York's time.")
                  .c_str());
  print_stored(store_flights(store, data), is_url ? "PostgreSQL" : place);

  const auto start = std::chrono::steady_clock::now();
  const Week week = read_week(store);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  std::printf("Read back in %.0f ms: all that follows is made from these %s events.\n", took.count(),
              grouped(week.events).c_str());

  print_days(week);
  print_blizzard(week);
  print_delays(week);
  print_flight_number(week, "AA575", "New York JFK to Eagle, Colorado");
  const std::vector<Flown>& flights = week.flights.at("AA575");
  const es::Uuid last = flights.back().flight;
  print_history(store, last);
  const auto cancelled = std::ranges::find(flights, kCancelled, &Flown::kind);
  if (cancelled != flights.end()) two_dispatchers(store, cancelled->flight);
  print_next(self, url, last);
  store.shutdown().value();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: demo_flights FLIGHTS.ndjson.gz FILE.db|URL\n");
    return 2;
  }
  try {
    run(argv[0], argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "demo_flights: %s\n", error.what());
    return 1;
  }
  return 0;
}
