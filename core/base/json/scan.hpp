// The one validating scan of JSON that a user hands in: events, metadata, snapshots.
// Thread rule: pure functions, callable from any thread.
//
// Accepted is what PostgreSQL's jsonb input accepts, minus duplicate keys: RFC 8259 in valid UTF-8,
// no BOM, no \u0000, no lone surrogate escape, numbers that numeric holds without loss, no key
// twice in one object at any level (compared unescaped), at most kMaxDepth levels. jsonb's limits
// by size (268435455 bytes a string or container) are left to the size limits of an append.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace eventsource::core::json {

// Levels of objects and arrays; the outermost one is level 1. Metadata sits one level down in the
// stored document, which can therefore have one level more.
constexpr std::size_t kMaxDepth = 512;

enum class Fault : std::uint8_t {
  kNone,
  kEmpty,             // nothing but white space; offset: the size
  kBom,               // offset: 0
  kSyntax,            // offset: the byte that does not fit; the size if the text stops early
  kNotAnObject,       // offset: the first byte of the value
  kTrailingBytes,     // offset: the first byte behind the value that is no white space
  kControlCharacter,  // a raw byte below 0x20 in a string; offset: that byte
  kUtf8,              // offset: the first byte of the ill-formed sequence
  kNulCharacter,      // the escape \u0000; offset: its backslash
  kLoneSurrogate,     // half of a pair alone or in the wrong order; offset: its backslash
  kNumberRange,       // offset: the first byte of the number
  kDuplicateKey,      // offset: the opening quote of the key that comes again
  kReservedKey,       // an envelope key in user data; offset: the opening quote of the key
  kTooDeep,           // offset: the bracket that opens level kMaxDepth + 1
};

// The first fault the scan meets. Duplicates behind the first 32 keys of an object are met at its
// end.
struct [[nodiscard]] Verdict {
  Fault fault;
  std::size_t offset;  // 0 if there is no fault
  // How many bytes the text gains where jsonb writes its numbers out: 996 for 1e1000. 0 if there is a fault.
  std::size_t growth = 0;

  [[nodiscard]] constexpr bool ok() const noexcept { return fault == Fault::kNone; }
};

// Any JSON value (snapshots).
Verdict check_value(std::string_view json);

// An object (metadata).
Verdict check_object(std::string_view json);

// An object none of whose top-level keys, unescaped, is an envelope key (user data).
Verdict check_user_object(std::string_view json);

// One of the twelve keys of the stored document's envelope. `key` is unescaped.
[[nodiscard]] bool is_envelope_key(std::string_view key) noexcept;

// What is between the outer braces of a valid object, byte for byte; empty if it has no member,
// also where white space stands between the braces. Empty for what is no object.
[[nodiscard]] std::string_view object_members(std::string_view object) noexcept;

// Half a sentence for error texts, such as "a key comes twice in one object".
[[nodiscard]] std::string_view describe(Fault fault) noexcept;

}  // namespace eventsource::core::json
