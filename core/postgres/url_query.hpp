// The part of a PostgreSQL URL after the question mark: libpq's keywords, and those that SQLAlchemy's users write.
// Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/postgres/url.hpp"

namespace eventsource::core::postgres {

// Who reads the URL elsewhere: SQLAlchemy takes a + for a space, and has parameters of its own.
enum class UrlDialect { kLibpq, kSqlalchemy };

struct UrlQuery {
  std::vector<Parameter> parameters;  // libpq's; each keyword once
  std::string shown;                  // as it was written, up to the first password
};

// ES_INVALID_URL. The text holds no white space and no control character.
[[nodiscard]] Result<UrlQuery> parse_url_query(std::string_view text, UrlDialect dialect);

}  // namespace eventsource::core::postgres
