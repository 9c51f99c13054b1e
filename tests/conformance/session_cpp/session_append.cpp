// Session: appends, through the builder or the packed buffer.
#include <stdexcept>

#include "tests/conformance/session_cpp/packer.hpp"
#include "tests/conformance/session_cpp/session.hpp"

namespace conformance {

void Session::fill_builder(const Json& step, es_append* append) {
  ErrorHandle error;
  for (const Json& stream : step.at("to")) {
    const auto& type = stream.at("type").get_ref<const std::string&>();
    const auto id = uuid_bytes(stream.at("id"));
    check(es_append_stream(append, type.data(), type.size(), id.data(), expected_version_of(stream.at("expected")),
                           error.out()),
          error);
    for (const Json& event : stream.at("events")) {
      const std::int64_t times = event.value("times", std::int64_t{1});
      for (std::int64_t i = 0; i < times; ++i) fill_event(event, append);
    }
  }
  if (step.value("skip", false)) {
    check(es_append_set_on_duplicate(append, ES_ON_DUPLICATE_SKIP, error.out()), error);
  }
}

void Session::fill_event(const Json& event, es_append* append) {
  ErrorHandle error;
  const auto& type = event.at("type").get_ref<const std::string&>();
  const auto& data = event.at("data").get_ref<const std::string&>();
  check(es_append_event(append, type.data(), type.size(), data.data(), data.size(), error.out()), error);
  const auto set_id = [&](const char* key, auto setter) {
    if (event.contains(key)) check(setter(append, uuid_bytes(event.at(key)).data(), error.out()), error);
  };
  set_id("id", es_append_set_event_id);
  set_id("tenant", es_append_set_tenant_id);
  set_id("correlation", es_append_set_correlation_id);
  set_id("causation", es_append_set_causation_id);
  if (event.contains("event_version")) {
    check(es_append_set_event_version(append, event.at("event_version"), error.out()), error);
  }
  if (event.contains("occurred_at")) {
    check(es_append_set_occurred_at(append, event.at("occurred_at"), error.out()), error);
  }
  if (event.contains("actor")) {
    const auto& actor = event.at("actor").get_ref<const std::string&>();
    check(es_append_set_actor_id(append, actor.data(), actor.size(), error.out()), error);
  }
  if (event.contains("metadata")) {
    const auto& metadata = event.at("metadata").get_ref<const std::string&>();
    check(es_append_set_metadata(append, metadata.data(), metadata.size(), error.out()), error);
  }
}

Json Session::append(const Json& step) {
  Store& store = open(step);
  ErrorHandle error;
  CallHandle call;
  ResultHandle result;
  const es_call* const options = fill_call(step, call);
  const std::int64_t before = count_all(store);
  es_status status = ES_OK;
  if (packed_) {
    const std::vector<std::byte> buffer = pack(step);
    status = calls_.append_packed(store.handle.get(), buffer.data(), buffer.size(), options, result.out(), error.out());
  } else {
    AppendHandle append;
    check(es_append_new(append.out(), error.out()), error);
    fill_builder(step, append.get());
    status = calls_.append(store.handle.get(), append.get(), options, result.out(), error.out());
  }
  const std::int64_t after = count_all(store);
  if (status != ES_OK) {
    hold(result.get() == nullptr, "a refused append has no result");
    hold(before == after, "a refused append stores nothing");
    check(status, error);
  }
  check(status, error);
  const Json json = append_result(store, result.get());
  const auto known = static_cast<std::int64_t>(es_append_result_known_count(result.get()));
  const auto count = static_cast<std::int64_t>(es_append_result_count(result.get()));
  hold(after - before == count - known, "an append stores the events that were not known, each once");
  keep(step, es_append_result_token(result.get()));
  return json;
}

Json Session::append_result(Store& store, const es_append_result* result) {
  const std::size_t count = es_append_result_count(result);
  const std::int64_t* const positions = es_append_result_positions(result);
  const std::int64_t* const versions = es_append_result_versions(result);
  const std::uint8_t* const known = es_append_result_known(result);
  const std::int32_t* const streams = es_append_result_event_streams(result);
  const std::uint8_t* const ids = es_append_result_event_ids(result);
  Json json = {{"positions", Json::array()},       {"versions", Json::array()},      {"known", Json::array()},
               {"stream_versions", Json::array()}, {"event_streams", Json::array()}, {"ids", Json::array()}};
  std::int64_t lowest = 0;
  std::int64_t highest = 0;
  std::size_t known_count = 0;
  for (std::size_t i = 0; i < count; ++i) {
    // A new position is above every earlier one, or it has no place in the vector's counting.
    if (store.positions.empty() || positions[i] > store.positions.back()) store.positions.push_back(positions[i]);
    json["positions"].push_back(ordinal(store, positions[i]));
    json["versions"].push_back(versions[i]);
    json["known"].push_back(known[i]);
    json["event_streams"].push_back(streams[i]);
    json["ids"].push_back(uuid_text(ids + i * 16));
    lowest = i == 0 ? positions[i] : std::min(lowest, positions[i]);
    highest = std::max(highest, positions[i]);
    known_count += known[i];
  }
  for (std::size_t i = 0; i < es_append_result_stream_count(result); ++i) {
    json["stream_versions"].push_back(es_append_result_stream_versions(result)[i]);
  }
  hold(es_append_result_first_position(result) == lowest, "first_position is the lowest position");
  hold(es_append_result_last_position(result) == highest, "last_position is the highest position");
  hold(es_append_result_known_count(result) == known_count, "known_count counts the known events");
  const bool arrays = positions != nullptr && versions != nullptr && known != nullptr && streams != nullptr;
  hold(arrays == (count > 0), "the arrays are there exactly when there are events");
  return json;
}

}  // namespace conformance
