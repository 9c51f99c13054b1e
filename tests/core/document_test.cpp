// The stored document: its exact bytes, and what is read back from ours and from those of other writers.
#include "core/event/document.hpp"

#include <gtest/gtest.h>

#include "core/base/json/scan.hpp"

namespace eventsource::core {
namespace {

Uuid id(std::string_view text) {
  Uuid parsed;
  EXPECT_TRUE(parse_uuid(text, parsed)) << text;
  return parsed;
}

constexpr std::string_view kEvent = "00000000-0000-0000-0000-0000000000e1";
constexpr std::string_view kStream = "00000000-0000-0000-0000-0000000000a1";

EventInput event_with(std::string_view data) {
  EventInput event;
  event.event_id = id(kEvent);
  event.event_type = "Placed";
  event.occurred_at = 0;
  event.correlation_id = id(kEvent);
  event.data = data;
  return event;
}

std::string document_of(const EventInput& event, std::int64_t version = 3) {
  std::string text = "before";  // documents are appended to what is there
  const DocumentSpans spans = append_document(text, {"Order", id(kStream)}, event, json::object_members(event.data));
  EXPECT_EQ(text.substr(spans.members, spans.end - 1 - spans.members), json::object_members(event.data));
  return text.substr(spans.head, spans.tail - spans.head) + std::to_string(version) +
         text.substr(spans.tail, spans.end - spans.tail);
}

std::string data_of(std::string_view document) {
  std::string members;
  EXPECT_TRUE(append_members(members, document)) << document;
  return "{" + members + "}";
}

TEST(Document, HasTheTwelveMembersInOrderThenTheUsers) {
  EXPECT_EQ(
      document_of(event_with(R"({"total":1.10})")),
      R"({"event_id":"00000000-0000-0000-0000-0000000000e1","event_type":"Placed","event_version":1,)"
      R"("occurred_at":"1970-01-01T00:00:00.000000Z","aggregate_id":"00000000-0000-0000-0000-0000000000a1",)"
      R"("aggregate_type":"Order","aggregate_version":3,"tenant_id":null,"actor_id":null,)"
      R"("correlation_id":"00000000-0000-0000-0000-0000000000e1","causation_id":null,"metadata":{},"total":1.10})");
}

TEST(Document, FillsWhatIsSaid) {
  EventInput event = event_with("{}");
  event.event_type = "Pl\"aced\n";
  event.event_version = 2;
  event.tenant_id = id(kStream);
  event.actor_id = "ä\\b";
  event.causation_id = id(kStream);
  event.metadata = R"({ "k" : [1] })";
  EXPECT_EQ(document_of(event),
            R"({"event_id":"00000000-0000-0000-0000-0000000000e1","event_type":"Pl\"aced\n","event_version":2,)"
            R"("occurred_at":"1970-01-01T00:00:00.000000Z","aggregate_id":"00000000-0000-0000-0000-0000000000a1",)"
            R"("aggregate_type":"Order","aggregate_version":3,"tenant_id":"00000000-0000-0000-0000-0000000000a1",)"
            R"("actor_id":"ä\\b","correlation_id":"00000000-0000-0000-0000-0000000000e1",)"
            R"("causation_id":"00000000-0000-0000-0000-0000000000a1","metadata":{ "k" : [1] }})");
}

TEST(Document, UserDataComesBackByteForByte) {
  for (const char* data :
       {R"({"a":1e2})", R"({"a":1.10})", R"({"a":12345678901234567890})", R"({"b":1,"a":2})", R"({"a":"\u00e4\/"})",
        "{ \"a\" :\t1 ,\n\"b\":[ ] }", R"({})", R"({"a":{"event_id":1}})", R"({"a":"}{\"metadata\":"})"}) {
    EXPECT_EQ(data_of(document_of(event_with(data))), data);
  }
}

TEST(Document, DataOfOtherWritersIsEverythingButTheEnvelope) {
  // As jsonb orders keys: by length, then by bytes. The envelope stands between the user's members.
  EXPECT_EQ(data_of(R"({"z": 1, "metadata": {}, "event_id": "x", "user_id": [1, 2], "aggregate_version": 9})"),
            R"({"z":1,"user_id":[1, 2]})");
  EXPECT_EQ(data_of(R"({"\u006detadata": 1, "x": 2})"), R"({"x":2})");
  EXPECT_EQ(data_of("{}"), "{}");
}

TEST(Document, EnvelopeOfOursAndOfOthers) {
  EventInput event = event_with(R"({"metadata2":1})");
  event.event_version = 7;
  event.metadata = R"({"k":1})";
  const std::string document = document_of(event);
  const Envelope ours = read_envelope(document);
  EXPECT_FALSE(ours.broken);
  EXPECT_EQ(ours.event_version, 7);
  EXPECT_EQ(ours.correlation_id, id(kEvent));
  EXPECT_FALSE(ours.causation_id);
  EXPECT_EQ(ours.metadata, R"({"k":1})");

  const Envelope foreign = read_envelope(R"({"x": 1, "metadata": null})");
  EXPECT_FALSE(foreign.broken);
  EXPECT_EQ(foreign.event_version, 1);
  EXPECT_FALSE(foreign.correlation_id);
  EXPECT_EQ(foreign.metadata, "");
}

TEST(Document, BrokenOnesAreSaidToBe) {
  for (const char* document : {"", "[]", "null", "{", R"({"a")", R"({"a":1}x)", R"({"event_version":"1"})",
                               R"({"event_version":0})", R"({"event_version":99999999999})",
                               R"({"correlation_id":"no"})", R"({"causation_id":7})", R"({"metadata":[]})"}) {
    EXPECT_TRUE(read_envelope(document).broken) << document;
  }
  std::string out;
  EXPECT_FALSE(append_members(out, "[1]"));
  EXPECT_FALSE(append_members(out, R"({"a":1)"));
  // Cut behind an envelope as it is made here.
  const std::string envelope =
      R"({"event_id":"","event_type":"","event_version":1,"occurred_at":"","aggregate_id":"","aggregate_type":"",)"
      R"("aggregate_version":1,"tenant_id":null,"actor_id":null,"correlation_id":"","causation_id":null,"metadata":{})";
  for (const char* const cut : {"", ",", ",\"n\"", ",\"n\":", ",\"n\":2", ",\"n\":2,"}) {
    EXPECT_FALSE(append_members(out, envelope + cut)) << cut;
  }
}

TEST(Document, WhatCanBeReadOfABrokenOneIs) {
  const Envelope envelope = read_envelope(
      R"({"event_version":5,"correlation_id":"no","causation_id":"00000000-0000-0000-0000-0000000000a1"})");
  EXPECT_TRUE(envelope.broken);
  EXPECT_EQ(envelope.event_version, 5);
  EXPECT_EQ(envelope.causation_id, id(kStream));
}

TEST(Document, ContentIsTypeAndUserBytes) {
  const std::string document = document_of(event_with(R"({"a":1})"));
  PreparedEvent event;
  event.event_type = "Placed";
  event.members = R"("a":1)";
  EXPECT_TRUE(same_content("Placed", document, event));
  EXPECT_FALSE(same_content("Paid", document, event));
  event.members = R"("a":1.0)";
  EXPECT_FALSE(same_content("Placed", document, event));
  event.members = R"("a": 1)";
  EXPECT_FALSE(same_content("Placed", document, event));
}

}  // namespace
}  // namespace eventsource::core
