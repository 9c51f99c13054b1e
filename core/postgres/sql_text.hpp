// Making statements for a layout.
// Pure functions: any thread.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace eventsource::core::postgres {

using SqlValue = std::pair<std::string_view, std::string_view>;

// Replaces each {name}, in the order of the values: one may have marks of those that follow.
[[nodiscard]] std::string filled(std::string text, std::initializer_list<SqlValue> values);

// A tenant column of text against a UUID in text, as parse_uuid would read it: any letter case, with the hyphens or without.
[[nodiscard]] std::string same_tenant_text(const std::string& column, const std::string& wanted);

}  // namespace eventsource::core::postgres
