#include "tests/conformance/generator/scenario.hpp"

#include <algorithm>

namespace conformance {
namespace {

// Small pools, so that ids, streams and tenants meet again and again.
constexpr std::int64_t kStreams = 5;
constexpr std::int64_t kIds = 40;
constexpr std::int64_t kTypes = 4;

const char* aggregate_type(std::int64_t stream) {
  return stream % 2 == 0 ? "Order" : "Invoice";
}

std::string aggregate_id(std::int64_t stream) {
  // Two streams share an id: their types tell them apart.
  return "$s" + std::to_string(stream / 2);
}

std::string key_of(const Json& stream) {
  return stream.at("type").get<std::string>() + " " + stream.at("id").get<std::string>();
}

}  // namespace

std::uint64_t Random::next() {
  state_ += 0x9e3779b97f4a7c15U;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

Json Scenario::next_step() {
  const std::int64_t kind = random_.below(100);
  if (kind < 50) return append();
  if (kind < 80) return read();
  if (kind < 90) return snapshot();
  if (kind < 92) return {{"do", "inspect"}};
  if (kind < 94) return {{"do", "head"}};
  if (kind < 96) return {{"do", "read_event"}, {"id", "$e" + std::to_string(random_.below(kIds))}};
  if (kind < 98) return {{"do", "count"}, {"filter", filter()}};
  const std::int64_t stream = random_.below(kStreams);
  return {{"do", "stream_version"}, {"type", aggregate_type(stream)}, {"id", aggregate_id(stream)}};
}

void Scenario::learn(const Json& step, const Json& outcome) {
  if (step.at("do") != "append" || !outcome.contains("expect")) return;
  const Json& result = outcome.at("expect");
  for (std::size_t i = 0, event = 0; i < step.at("to").size(); ++i) {
    for (std::size_t k = 0; k < step.at("to")[i].at("events").size(); ++k, ++event) {
      std::int64_t& version = versions_[key_of(step.at("to")[i])];
      version = std::max(version, result.at("versions")[event].get<std::int64_t>());
      events_ = std::max(events_, result.at("positions")[event].get<std::int64_t>());
    }
  }
}

Json Scenario::append() {
  Json step = {{"do", "append"}, {"to", Json::array()}};
  const std::int64_t parts = 1 + (random_.chance(30) ? random_.below(4) : 0);
  std::map<std::string, Json> expected;
  for (std::int64_t i = 0; i < parts; ++i) {
    Json part = stream(random_.below(kStreams));
    // A stream that comes again expects the same version, nearly always.
    const auto [known, added] = expected.emplace(key_of(part), part.at("expected"));
    if (!random_.chance(2)) part["expected"] = known->second;
    step["to"].push_back(std::move(part));
  }
  if (random_.chance(35)) step["skip"] = true;
  return step;
}

Json Scenario::stream(std::int64_t index) {
  Json part = {{"type", aggregate_type(index)}, {"id", aggregate_id(index)}};
  part["expected"] = expected_version(key_of(part));
  part["events"] = Json::array();
  for (std::int64_t left = 1 + random_.below(4); left > 0; --left) part["events"].push_back(event(index));
  return part;
}

Json Scenario::expected_version(const std::string& stream) {
  const std::int64_t kind = random_.below(100);
  if (kind < 40) return "any";
  if (kind < 50) return "exists";
  if (kind < 55) return "no_stream";
  return kind < 90 ? versions_[stream] : random_.below(12);
}

Json Scenario::event(std::int64_t stream) {
  // An id belongs to one stream and has one content, nearly always: then a repeated one is known.
  std::int64_t id = random_.below(kIds / kStreams) * kStreams + stream;
  if (random_.chance(3)) id = random_.below(kIds);
  const std::int64_t content = random_.chance(4) ? id + 1 : id;
  Json event = {{"id", "$e" + std::to_string(id)},
                {"type", "Type" + std::to_string(content % kTypes)},
                {"data", "{\"n\": " + std::to_string(content) + ", \"text\": \"" +
                             std::string(static_cast<std::size_t>(content * content), 'x') + "\"}"},
                {"occurred_at", random_.below(50) * 1000000}};
  if (random_.chance(1)) event["data"] = "[]";
  if (random_.chance(1)) event["type"] = "";
  // Streams of even numbers have a tenant.
  if (random_.chance(2) != (stream % 2 == 0))
    event["tenant"] = "$t" + std::to_string(random_.chance(2) ? 9 : stream % 3);
  if (random_.chance(20)) event["actor"] = "actor " + std::to_string(random_.below(3));
  if (random_.chance(20)) event["metadata"] = "{\"m\": [" + std::to_string(random_.below(9)) + "] }";
  if (random_.chance(10)) event["correlation"] = "$c" + std::to_string(random_.below(3));
  if (random_.chance(10)) event["causation"] = "$c" + std::to_string(random_.below(3));
  if (random_.chance(10)) event["event_version"] = 1 + random_.below(5);
  return event;
}

Json Scenario::filter() {
  Json filter = Json::object();
  const auto types = [&](const char* key, const char* prefix, std::int64_t n) {
    if (!random_.chance(35)) return;
    filter[key] = Json::array();
    for (std::int64_t left = 1 + random_.below(2); left > 0; --left) {
      filter[key].push_back(prefix + std::to_string(random_.below(n)));
    }
  };
  types("event_types", "Type", kTypes + 1);
  if (random_.chance(25)) filter["aggregate_types"] = Json::array({aggregate_type(random_.below(2))});
  if (random_.chance(20)) filter["tenant"] = "$t" + std::to_string(random_.below(4));
  if (random_.chance(25)) {
    const std::int64_t from = random_.below(50) * 1000000;
    filter["occurred"] = {random_.chance(30) ? Json(nullptr) : Json(from),
                          random_.chance(30) ? Json(nullptr) : Json(from + random_.below(30) * 1000000)};
  }
  if (random_.chance(20)) {
    const std::int64_t n = 1 + random_.below(4);
    filter["partition"] = {random_.below(n), n};
  }
  return filter;
}

// What all reads have.
void Scenario::bound(Json& step) {
  if (random_.chance(40)) step["direction"] = "backward";
  if (random_.chance(50)) step["page_events"] = 1 + random_.below(6);
  if (random_.chance(25)) step["page_bytes"] = 1024 + random_.below(4000);
  if (random_.chance(20)) step["content"] = Json::array();
  if (random_.chance(20)) step["content"] = Json::array({"data"});
  if (random_.chance(20)) step["content"] = Json::array({"envelope", "document"});
}

Json Scenario::read() {
  Json step;
  const bool walk = random_.chance(40);
  if (random_.chance(40)) {
    const std::int64_t stream = random_.below(kStreams);
    step = {
        {"do", walk ? "walk_stream" : "read_stream"}, {"type", aggregate_type(stream)}, {"id", aggregate_id(stream)}};
    bound(step);
    if (random_.chance(40)) {
      const std::int64_t from = 1 + random_.below(8);
      step["versions"] = {from, from + random_.below(8)};
    }
    return step;
  }
  step = {{"do", walk ? "walk_log" : "read_log"}};
  bound(step);
  if (random_.chance(40)) step["after"] = random_.chance(15) ? Json("end") : Json(random_.below(events_ + 3));
  if (random_.chance(25) && !step.contains("direction")) step["through"] = random_.below(events_ + 3);
  if (random_.chance(60)) step["filter"] = filter();
  return step;
}

Json Scenario::snapshot() {
  const std::int64_t stream = random_.below(kStreams);
  Json step = {{"do", "save_snapshot"}, {"type", aggregate_type(stream)}, {"id", aggregate_id(stream)}};
  const std::int64_t kind = random_.below(10);
  if (kind < 3) step["do"] = "load_snapshot";
  if (kind == 3) step["do"] = "delete_snapshot";
  if (kind <= 3) return step;
  step["version"] = 1 + random_.below(5);
  step["schema_version"] = 1 + random_.below(3);
  step["state"] = " {\"n\": " + std::to_string(random_.below(1000)) + "} ";
  return step;
}

}  // namespace conformance
