// The vectors and the list of backends, as the files have them (README.md), with symbols and texts filled in.
// Values: any thread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace conformance {

using Json = nlohmann::ordered_json;

// Marks in the URL of a backend: a new schema for the store, on the server itself or by way of a pooler.
inline constexpr const char* kPostgres = "{postgres}";
inline constexpr const char* kPooler = "{pooler}";

struct Backend {
  std::string name;
  std::string url;  // with {folder}, {store} and the marks
  std::string sql;  // run in each new schema
  std::vector<std::string> provides;
  std::vector<std::string> paths;  // "builder", "packed"

  [[nodiscard]] bool needs_server() const;
  [[nodiscard]] bool does_provide(const std::string& what) const;
};

struct Vector {
  std::string theme;
  std::string name;
  std::string why;
  std::vector<std::string> needs;
  std::vector<std::string> paths;  // "builder", "packed"
  Json options = Json::object();
  Json steps = Json::array();
};

// From the folder tests/conformance of the sources, without backends that want a server which is not here; it says so.
// Both throw std::runtime_error when a file is not as it should be.
[[nodiscard]] std::vector<Backend> load_backends();
[[nodiscard]] std::vector<Vector> load_vectors();

// Replaces $symbols by UUIDs and text objects by their text, everywhere in `value`.
[[nodiscard]] Json resolve(const Json& value);

// Where `actual` first differs from what is expected of it, or nothing.
[[nodiscard]] std::string difference(const Json& expected, const Json& actual, const std::string& where = "");

// The outcome that a step of a vector expects, in the form of Session::run.
[[nodiscard]] Json expected_outcome(const Json& step);

// A copy in which JSON texts (data, metadata, document, state) are written in one way, for a backend that keeps values and
// not bytes.
[[nodiscard]] Json as_values(const Json& outcome);

// As text, also where it holds bytes that are no UTF-8.
[[nodiscard]] std::string show(const Json& value, int indent = -1);

}  // namespace conformance
