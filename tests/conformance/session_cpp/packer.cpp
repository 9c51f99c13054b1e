#include "tests/conformance/session_cpp/packer.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "eventsource/append.h"
#include "eventsource/page.h"

namespace conformance {
namespace {

class Packer {
 public:
  void add(const Json& stream, const Json& event) {
    es_record record{};
    record.version = expected_version_of(stream.at("expected"));
    record.aggregate_type = name(stream.at("type"));
    set_id(record.aggregate_id, stream.at("id"));
    record.event_type = name(event.at("type"));
    record.data = text(event.at("data"));
    if (event.contains("metadata")) record.metadata = text(event.at("metadata"));
    if (event.contains("event_version")) record.event_version = event.at("event_version");
    if (event.contains("occurred_at")) {
      record.occurred_at = event.at("occurred_at");
      record.presence |= ES_HAS_OCCURRED_AT;
    }
    if (event.contains("actor")) {
      record.actor_id = text(event.at("actor"));
      record.presence |= ES_HAS_ACTOR;
    }
    const auto optional_id = [&](const char* key, std::uint8_t(&id)[16], std::uint32_t bit) {
      if (!event.contains(key)) return;
      set_id(id, event.at(key));
      record.presence |= bit;
    };
    optional_id("id", record.event_id, ES_HAS_EVENT_ID);
    optional_id("tenant", record.tenant_id, ES_HAS_TENANT);
    optional_id("correlation", record.correlation_id, ES_HAS_CORRELATION);
    optional_id("causation", record.causation_id, ES_HAS_CAUSATION);
    records_.push_back(record);
  }

  [[nodiscard]] std::vector<std::byte> finish(bool skip) {
    const std::size_t names_at = sizeof(es_page_header) + records_.size() * sizeof(es_record);
    const auto heap_at = static_cast<std::uint32_t>(names_at + names_.size() * sizeof(es_span));
    for (es_record& record : records_) {
      for (es_span* span : {&record.actor_id, &record.metadata, &record.data}) {
        if (span->offset != 0) span->offset += heap_at - 1;
      }
    }
    for (es_span& span : names_) span.offset += heap_at - 1;
    es_page_header header{};
    header.magic = ES_PACK_MAGIC;
    header.layout_version = ES_PAGE_LAYOUT;
    header.header_size = sizeof(es_page_header);
    header.record_stride = sizeof(es_record);
    header.count = static_cast<std::uint32_t>(records_.size());
    header.flags = skip ? ES_PACK_SKIP_DUPLICATES : 0;
    header.name_count = static_cast<std::uint32_t>(names_.size());
    header.names_offset = static_cast<std::uint32_t>(names_at);
    header.total_bytes = heap_at + static_cast<std::uint32_t>(heap_.size());
    std::vector<std::byte> buffer;
    put(buffer, &header, sizeof header);
    put(buffer, records_.data(), records_.size() * sizeof(es_record));
    put(buffer, names_.data(), names_.size() * sizeof(es_span));
    put(buffer, heap_.data(), heap_.size());
    return buffer;
  }

 private:
  static void put(std::vector<std::byte>& buffer, const void* bytes, std::size_t size) {
    const auto* first = static_cast<const std::byte*>(bytes);
    if (size > 0) buffer.insert(buffer.end(), first, first + size);
  }

  static void set_id(std::uint8_t (&id)[16], const Json& value) {
    const std::vector<std::uint8_t> bytes = uuid_bytes(value.get<std::string>());
    std::copy(bytes.begin(), bytes.end(), id);
  }

  // Offsets count from 1 in the heap until its place is known.
  es_span text(const Json& value) {
    const auto& bytes = value.get_ref<const std::string&>();
    const es_span span{static_cast<std::uint32_t>(heap_.size()) + 1, static_cast<std::uint32_t>(bytes.size())};
    heap_ += bytes;
    return span;
  }

  std::uint32_t name(const Json& value) {
    const auto& bytes = value.get_ref<const std::string&>();
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (heap_.compare(names_[i].offset - 1, names_[i].length, bytes) == 0) return static_cast<std::uint32_t>(i);
    }
    names_.push_back(text(value));
    return static_cast<std::uint32_t>(names_.size() - 1);
  }

  std::vector<es_record> records_;
  std::vector<es_span> names_;
  std::string heap_;
};

void damage(std::vector<std::byte>& buffer, const Json& step) {
  if (step.contains("patch")) {
    for (const Json& patch : step.at("patch")) {
      const auto& bytes = patch.at("bytes").get_ref<const std::string&>();
      std::memcpy(buffer.data() + patch.at("offset").get<std::size_t>(), bytes.data(), bytes.size());
    }
  }
  if (step.contains("cut")) buffer.resize(step.at("cut"));
}

}  // namespace

std::vector<std::uint8_t> uuid_bytes(const std::string& text) {
  std::string digits = text;
  digits.erase(std::remove(digits.begin(), digits.end(), '-'), digits.end());
  if (digits.size() != 32) throw std::runtime_error("no id: " + text);
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < 32; i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

std::int64_t expected_version_of(const Json& value) {
  if (value.is_number()) return value;
  if (value == "any") return ES_ANY;
  if (value == "exists") return ES_STREAM_EXISTS;
  if (value == "no_stream") return ES_NO_STREAM;
  throw std::runtime_error("no expected version: " + show(value));
}

std::vector<std::byte> pack(const Json& step) {
  Packer packer;
  for (const Json& stream : step.at("to")) {
    for (const Json& event : stream.at("events")) {
      const std::int64_t times = event.value("times", std::int64_t{1});
      for (std::int64_t i = 0; i < times; ++i) packer.add(stream, event);
    }
  }
  std::vector<std::byte> buffer = packer.finish(step.value("skip", false));
  damage(buffer, step);
  return buffer;
}

}  // namespace conformance
