// The stored document (docs/format.md): made from an event, and taken apart again.
// Pure functions: any thread. Documents of other writers are read as they are, whatever their order of keys.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/event/append_input.hpp"

namespace eventsource::core {

// Where the two halves of a document lie in the text that they were appended to.
struct DocumentSpans {
  std::size_t head = 0;
  std::size_t tail = 0;
  std::size_t members = 0;
  std::size_t end = 0;
};

// Appends the document's head and tail to `text`: everything but the version between them. `event` has its defaults
// filled in; `members` is what is inside the braces of its data.
DocumentSpans append_document(std::string& text, const StreamName& stream, const EventInput& event,
                              std::string_view members);

// The part of the envelope that has no column of its own.
struct Envelope {
  std::int32_t event_version = 1;
  std::optional<Uuid> correlation_id;
  std::optional<Uuid> causation_id;
  std::string_view metadata;  // an object, as it stands in the document; empty when there is none
  bool broken = false;        // the document is no JSON object, or a field could not be read and has its default
};

[[nodiscard]] Envelope read_envelope(std::string_view document);

// Appends the user's members, joined by commas where envelope keys stood between them; false when the document is no
// JSON object. One slice, byte for byte, for documents that were made here.
[[nodiscard]] bool append_members(std::string& out, std::string_view document);

// Whether a stored event has the same content as one that is appended again: type and user data.
[[nodiscard]] bool same_content(std::string_view stored_type, std::string_view stored_document,
                                const PreparedEvent& event);

}  // namespace eventsource::core
