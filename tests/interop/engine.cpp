// The engine as a program: takes orders as line_process.py says. What the program `eventsource` can do is left to it.
#include <cstdint>
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "eventsource/eventsource.hpp"

namespace {

using eventsource::Append;
using eventsource::ExpectedVersion;
using eventsource::Store;
using eventsource::Uuid;
using Json = nlohmann::json;

struct Refused : std::runtime_error {
  explicit Refused(eventsource::Error why) : std::runtime_error(std::string(why.message())), error(std::move(why)) {}
  eventsource::Error error;
};

template <class T>
T got(eventsource::Result<T> result) {
  if (!result) throw Refused(result.error());
  return *std::move(result);
}

Uuid id(const Json& text) {
  return got(Uuid::parse(text.get<std::string>()));
}

ExpectedVersion expected_version(std::int64_t number) {
  if (number == ExpectedVersion::any().value()) return ExpectedVersion::any();
  if (number == ExpectedVersion::stream_exists().value()) return ExpectedVersion::stream_exists();
  return ExpectedVersion::exact(number);
}

void add_event(Append& append, const Json& event) {
  append.event(event.at("event_type").get<std::string>(), event.at("payload").dump());
  if (event.contains("event_id")) append.event_id(id(event["event_id"]));
  if (event.contains("event_version")) append.event_version(event["event_version"].get<std::int32_t>());
  if (event.contains("occurred_at"))
    append.occurred_at(got(eventsource::parse_time(event["occurred_at"].get<std::string>())));
  if (event.contains("tenant_id")) append.tenant(id(event["tenant_id"]));
  if (event.contains("actor_id")) append.actor(event["actor_id"].get<std::string>());
  if (event.contains("correlation_id")) append.correlation(id(event["correlation_id"]));
  if (event.contains("causation_id")) append.causation(id(event["causation_id"]));
  if (event.contains("metadata")) append.metadata(event["metadata"].dump());
}

Json describe(const eventsource::AppendResult& result) {
  Json answer = {{"token", result.token()}, {"known", result.known_count()}};
  for (std::size_t i = 0; i < result.size(); ++i) {
    answer["ids"].push_back(result.event_ids()[i].to_string());
    answer["positions"].push_back(result.positions()[i]);
    answer["versions"].push_back(result.versions()[i]);
  }
  return answer;
}

class Engine {
 public:
  Json answer(const Json& order) {
    const auto what = order.at("do").get<std::string>();
    if (what == "open") return open(order);
    if (what == "append") return append(order);
    if (what == "race") return race(order);
    if (what == "read") return read(order);
    if (what == "head") return got(store_->head());
    if (what == "version") return got(store_->stream_version("Order", id(order.at("aggregate_id"))));
    if (what == "save_snapshot") return save_snapshot(order);
    if (what == "load_snapshot") return load_snapshot(order);
    throw std::runtime_error("no such order: " + what);
  }

 private:
  Json open(const Json& order) {
    store_.reset();
    store_ = got(Store::open(order.at("url").get<std::string>()));
    return {{"created", store_->was_created()}, {"id", got(store_->id()).to_string()}};
  }

  Json append(const Json& order) {
    Append append;
    append.stream("Order", id(order.at("aggregate_id")), expected_version(order.at("expected")));
    for (const Json& event : order.at("events")) add_event(append, event);
    eventsource::Call call;
    if (order.contains("token")) call.token = order["token"].get<std::string>();
    return describe(got(store_->append(append, call)));
  }

  // Appends `count` events, each at the version that it has just seen; the ids of those that were stored.
  Json race(const Json& order) {
    const Uuid aggregate = id(order.at("aggregate_id"));
    Json stored = Json::array();
    int conflicts = 0;
    while (stored.size() < order.at("count")) {
      Append append;
      append.stream("Order", aggregate, ExpectedVersion::exact(got(store_->stream_version("Order", aggregate))));
      append.event("OrderPaid", Json{{"number", order.at("first").get<std::size_t>() + stored.size()}}.dump());
      const auto result = store_->append(append);
      if (result) {
        stored.push_back(result->event_ids()[0].to_string());
      } else if (result.error().code() == ES_VERSION_CONFLICT) {
        ++conflicts;
      } else {
        throw Refused(result.error());
      }
    }
    return {{"stored", stored}, {"conflicts", conflicts}};
  }

  Json read(const Json& order) {
    const eventsource::Page page = got(store_->read_log({.after = order.at("after").get<std::int64_t>()}));
    Json positions = Json::array();
    for (const eventsource::Event& event : page) positions.push_back(event.position());
    return {{"positions", positions}, {"token", page.token()}};
  }

  Json save_snapshot(const Json& order) {
    return got(store_->save_snapshot("Order", id(order.at("aggregate_id")), order.at("version"),
                                     order.at("schema_version"), order.at("state").dump()));
  }

  Json load_snapshot(const Json& order) {
    const eventsource::Snapshot snapshot = got(store_->load_snapshot("Order", id(order.at("aggregate_id"))));
    return {{"version", snapshot.version()},
            {"schema_version", snapshot.schema_version()},
            {"created_at", got(eventsource::format_time(snapshot.created_at()))},
            {"state", Json::parse(snapshot.state())}};
  }

  std::optional<Store> store_;
};

}  // namespace

int main() {
  Engine engine;
  std::string line;
  while (std::getline(std::cin, line)) {
    Json answer;
    try {
      answer["result"] = engine.answer(Json::parse(line));
    } catch (const Refused& refused) {
      answer = {{"error", refused.error.name()}, {"message", refused.what()}};
      if (const auto version = refused.error.detail("actual_version")) answer["actual"] = *version;
    } catch (const std::exception& error) {
      answer = {{"error", "program"}, {"message", error.what()}};
    }
    std::cout << answer.dump() << std::endl;
  }
}
