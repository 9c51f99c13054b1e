// Strings and layout.
#include "cli/json_text.hpp"

#include <nlohmann/json.hpp>

#include "cli/terminal.hpp"

namespace eventsource::cli {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::size_t skip_space(std::string_view raw, std::size_t at) {
  while (at < raw.size() && is_space(raw[at])) ++at;
  return at;
}

// Behind the string that starts at `at`.
std::size_t skip_string(std::string_view raw, std::size_t at) {
  for (++at; at < raw.size() && raw[at] != '"'; ++at) {
    if (raw[at] == '\\') ++at;
  }
  return std::min(at + 1, raw.size());
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  std::size_t clean = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out += text.substr(clean, i - clean);
    clean = i + 1;
    if (byte >= 0x20) {
      out += '\\';
      out += text[i];
    } else {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  out += text.substr(clean);
  out += '"';
}

std::optional<std::string_view> json_string(std::string_view raw, std::string& store) {
  if (raw.size() < 2 || raw.front() != '"' || raw.back() != '"') return std::nullopt;
  const std::string_view inside = raw.substr(1, raw.size() - 2);
  bool plain = true;
  for (const char c : inside) plain = plain && static_cast<unsigned char>(c) >= 0x20 && c != '\\';
  if (plain) return inside;
  const nlohmann::json parsed = nlohmann::json::parse(raw, nullptr, false);
  if (!parsed.is_string()) return std::nullopt;
  store = parsed.get_ref<const std::string&>();
  return store;
}

std::string indented_json(std::string_view raw, std::size_t indent, bool colour) {
  std::string out;
  const auto break_line = [&] { out.append("\n").append(indent, ' '); };
  for (std::size_t at = skip_space(raw, 0); at < raw.size(); at = skip_space(raw, at)) {
    const char c = raw[at];
    if (c == '{' || c == '[') {
      const std::size_t next = skip_space(raw, at + 1);
      out += c;
      if (next < raw.size() && (raw[next] == '}' || raw[next] == ']')) {
        out += raw[next];
        at = next + 1;
        continue;
      }
      indent += 2;
      break_line();
      ++at;
    } else if (c == '}' || c == ']') {
      indent -= std::min<std::size_t>(indent, 2);
      break_line();
      out += c;
      ++at;
    } else if (c == ',') {
      out += c;
      break_line();
      ++at;
    } else if (c == ':') {
      out += ": ";
      ++at;
    } else if (c == '"') {
      const std::size_t end = skip_string(raw, at);
      const std::size_t next = skip_space(raw, end);
      const bool is_key = next < raw.size() && raw[next] == ':';
      out += coloured(colour && is_key, Colour::kCyan, printable(raw.substr(at, end - at)));
      at = end;
    } else {
      std::size_t end = at;
      while (end < raw.size() && !is_space(raw[end]) && std::string_view(",:[]{}\"").find(raw[end]) == raw.npos) ++end;
      out += printable(raw.substr(at, end - at));
      at = end;
    }
  }
  return out;
}

}  // namespace eventsource::cli
