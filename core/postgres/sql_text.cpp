#include "core/postgres/sql_text.hpp"

namespace eventsource::core::postgres {

std::string filled(std::string text, std::initializer_list<SqlValue> values) {
  for (const auto& [name, value] : values) {
    const std::string mark = "{" + std::string(name) + "}";
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size())) {
      text.replace(at, mark.size(), value);
    }
  }
  return text;
}

std::string same_tenant_text(const std::string& column, const std::string& wanted) {
  return "lower(" + column + ") IN (" + wanted + ", replace(" + wanted + ", '-', ''))";
}

}  // namespace eventsource::core::postgres
