#include "cli/hide_urls.hpp"

#include <algorithm>
#include <string_view>

namespace eventsource::cli {
namespace {

// A : that begins no port, or a parameter of such a name. What is understood needs no more: the engine's errors show a
// store's URL without its password, and that stays as it is.
bool may_hold_password(std::string_view word) {
  if (word.starts_with("sqlite:")) return false;
  const std::size_t slashes = word.find("://");
  if (slashes == std::string_view::npos && !word.starts_with("postgres")) return false;
  const std::string_view rest = word.substr(slashes == std::string_view::npos ? word.find(':') + 1 : slashes + 3);
  if (const std::size_t colon = rest.find(':'); colon != std::string_view::npos) {
    const std::string_view after = rest.substr(colon + 1);
    const bool is_port =
        !after.empty() && after[0] >= '0' && after[0] <= '9' && after.find('@') == std::string_view::npos;
    if (!is_port) return true;
  }
  std::string small;
  for (const char c : rest) small += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return small.find("pass") != std::string::npos || small.find("pwd") != std::string::npos;
}

void hide(std::string& message, std::string_view word) {
  constexpr std::string_view kShown = "(a URL)";
  for (std::size_t at = message.find(word); at != std::string::npos; at = message.find(word, at + kShown.size())) {
    message.replace(at, word.size(), kShown);
  }
}

}  // namespace

std::string hide_urls(std::string message, const std::vector<std::string>& words) {
  for (const std::string_view word : words) {
    // --store=URL
    const std::size_t value = word.starts_with('-') ? word.find('=') + 1 : 0;
    if (may_hold_password(word.substr(value))) hide(message, word.substr(value));
    if (may_hold_password(word)) hide(message, word);
  }
  return message;
}

}  // namespace eventsource::cli
