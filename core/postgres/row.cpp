#include "core/postgres/row.hpp"

#include <cstring>
#include <limits>

#include "core/base/time_text.hpp"
#include "core/postgres/parameters.hpp"

namespace eventsource::core::postgres {
namespace {

constexpr ::Oid kJsonb = 3802;

std::int64_t number_of(std::string_view bytes) {
  // The sign is that of the first byte.
  std::uint64_t number = !bytes.empty() && (bytes.front() & '\x80') != 0 ? ~std::uint64_t{0} : 0;
  for (const char byte : bytes) number = number << 8U | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(number);
}

}  // namespace

std::string_view Row::bytes(int column) const {
  return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
}

std::int64_t Row::integer(int column) const {
  return number_of(bytes(column));
}

bool Row::boolean(int column) const {
  return bytes(column) == std::string_view("\1", 1);
}

std::int64_t Row::time(int column) const {
  if (is_null(column)) return kTimeMinusInfinity;
  const std::int64_t us = number_of(bytes(column));
  // Both ends mean infinity, and what is beyond our years is the same to a reader.
  if (us > kTimeMax - kEpochDifferenceUs) return kTimeInfinity;
  if (us < kTimeMin - kEpochDifferenceUs) return kTimeMinusInfinity;
  return us + kEpochDifferenceUs;
}

Uuid Row::id(int column) const {
  Uuid id;
  const std::string_view value = bytes(column);
  if (value.size() == id.bytes.size()) std::memcpy(id.bytes.data(), value.data(), value.size());
  return id;
}

std::string_view Row::text(int column) const {
  const std::string_view value = bytes(column);
  return PQftype(result_, column) == kJsonb && !value.empty() ? value.substr(1) : value;
}

bool Row::is_uuid(int column) const {
  return PQftype(result_, column) == static_cast<::Oid>(Oid::kUuid);
}

}  // namespace eventsource::core::postgres
