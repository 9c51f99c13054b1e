#include "tests/conformance/session_cpp/vector.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <utility>

#include "tests/support/postgres_place.hpp"

namespace conformance {
namespace {

std::filesystem::path folder() {
  const char* const sources = std::getenv("EVENTSOURCE_SOURCE_DIR");
  if (sources == nullptr) throw std::runtime_error("EVENTSOURCE_SOURCE_DIR is not set: run the tests through ctest");
  return std::filesystem::path(sources) / "tests/conformance";
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error(path.string() + " cannot be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

Json read_json(const std::filesystem::path& path) {
  try {
    return Json::parse(read_text(path));
  } catch (const Json::exception& error) {
    throw std::runtime_error(path.string() + ": " + error.what());
  }
}

bool is_symbol_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// A symbol's UUID is its name in ASCII, filled up with zero bytes.
std::string symbol_uuid(const std::string& name) {
  if (name.empty() || name.size() > 16) throw std::runtime_error("symbol $" + name + " has not 1 to 16 characters");
  std::string uuid;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) uuid.push_back('-');
    const auto byte = static_cast<unsigned char>(i < name.size() ? name[i] : '\0');
    uuid.push_back("0123456789abcdef"[byte >> 4]);
    uuid.push_back("0123456789abcdef"[byte & 15]);
  }
  return uuid;
}

std::string fill_in_symbols(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '$') {
      out.push_back(text[i++]);
      continue;
    }
    std::size_t end = i + 1;
    while (end < text.size() && is_symbol_character(text[end])) ++end;
    out.append(symbol_uuid(text.substr(i + 1, end - i - 1)));
    i = end;
  }
  return out;
}

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

// {"repeat": text, "times": n}, {"hex": digits} and {"join": [texts]} stand for a text.
bool is_text_object(const Json& value) {
  return value.is_object() && (value.contains("repeat") || value.contains("hex") || value.contains("join"));
}

std::string text_of(const Json& value) {
  std::string text;
  if (value.contains("hex")) return from_hex(value.at("hex").get<std::string>());
  if (value.contains("join")) {
    for (const Json& part : value.at("join")) text += resolve(part).get<std::string>();
    return text;
  }
  const auto part = resolve(value.at("repeat")).get<std::string>();
  for (auto left = value.at("times").get<std::int64_t>(); left > 0; --left) text += part;
  return text;
}

std::vector<std::string> strings(const Json& object, const char* key, std::vector<std::string> otherwise) {
  return object.contains(key) ? object.at(key).get<std::vector<std::string>>() : std::move(otherwise);
}

// Whether this run is to have the backend: EVENTSOURCE_CONFORMANCE_BACKENDS names some, or is not set.
bool is_chosen(const std::string& name) {
  const char* const chosen = std::getenv("EVENTSOURCE_CONFORMANCE_BACKENDS");
  return chosen == nullptr || ("," + std::string(chosen) + ",").find("," + name + ",") != std::string::npos;
}

}  // namespace

Json resolve(const Json& value) {
  if (value.is_string()) return fill_in_symbols(value.get<std::string>());
  if (is_text_object(value)) return text_of(value);
  if (!value.is_structured()) return value;
  Json out = value.is_array() ? Json::array() : Json::object();
  for (const auto& [key, member] : value.items()) {
    if (value.is_array()) {
      out.push_back(resolve(member));
    } else {
      out[key] = resolve(member);
    }
  }
  return out;
}

bool Backend::needs_server() const {
  return url.find(kPostgres) != std::string::npos || url.find(kPooler) != std::string::npos;
}

bool Backend::does_provide(const std::string& what) const {
  return std::find(provides.begin(), provides.end(), what) != provides.end();
}

std::vector<Backend> load_backends() {
  std::vector<Backend> backends;
  for (const Json& entry : read_json(folder() / "backends.json")) {
    Backend backend{entry.at("name"), entry.at("url"), "", strings(entry, "provides", {}),
                    strings(entry, "paths", {"builder", "packed"})};
    if (!is_chosen(backend.name)) continue;
    if (backend.needs_server() && test_support::test_server_url().empty()) {
      std::fprintf(stderr, "%s is left out: EVENTSOURCE_TEST_POSTGRES names no server\n", backend.name.c_str());
      continue;
    }
    for (const std::string& file : strings(entry, "sql", {})) backend.sql += read_text(folder() / file);
    backends.push_back(std::move(backend));
  }
  return backends;
}

std::vector<Vector> load_vectors() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder() / "vectors")) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Vector> vectors;
  for (const auto& file : files) {
    for (const Json& entry : read_json(file)) {
      Vector vector;
      vector.theme = file.stem().string();
      vector.name = entry.at("name").get<std::string>();
      vector.why = entry.at("why").get<std::string>();
      vector.needs = strings(entry, "requires", {});
      vector.paths = strings(entry, "paths", {"builder", "packed"});
      if (entry.contains("options")) vector.options = resolve(entry.at("options"));
      vector.steps = resolve(entry.at("steps"));
      vectors.push_back(std::move(vector));
    }
  }
  return vectors;
}

std::string difference(const Json& expected, const Json& actual, const std::string& where) {
  const auto differs = [&] { return where + " is " + show(actual) + ", expected is " + show(expected); };
  if (expected.is_object()) {
    if (!actual.is_object()) return differs();
    for (const auto& [key, member] : expected.items()) {
      if (!actual.contains(key)) {
        if (member.is_null()) continue;
        return where + "." + key + " is missing, expected is " + show(member);
      }
      if (std::string found = difference(member, actual.at(key), where + "." + key); !found.empty()) return found;
    }
    return "";
  }
  if (expected.is_array()) {
    if (!actual.is_array() || actual.size() != expected.size()) return differs();
    for (std::size_t i = 0; i < expected.size(); ++i) {
      std::string found = difference(expected[i], actual[i], where + "[" + std::to_string(i) + "]");
      if (!found.empty()) return found;
    }
    return "";
  }
  return expected == actual ? "" : differs();
}

Json expected_outcome(const Json& step) {
  if (!step.contains("error")) return {{"expect", step.at("expect")}};
  Json error = {{"retryable", false}, {"outcome", "not_applied"}};
  error.update(step.at("error"));
  return {{"error", error}};
}

Json as_values(const Json& outcome) {
  static const std::set<std::string> kTexts = {"data", "metadata", "document", "state"};
  Json copy = outcome;
  for (auto& [key, member] : copy.items()) {
    if (member.is_structured()) {
      member = as_values(member);
    } else if (member.is_string() && kTexts.contains(key)) {
      const nlohmann::json value = nlohmann::json::parse(member.get_ref<const std::string&>(), nullptr, false);
      if (!value.is_discarded()) member = value.dump();
    }
  }
  return copy;
}

std::string show(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace conformance
