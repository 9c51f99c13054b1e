// The nearest name by edit distance.
#include "cli/suggest.hpp"

#include <algorithm>
#include <numeric>

namespace eventsource::cli {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string suggestion(std::string_view word, const std::vector<std::string_view>& names, std::string_view prefix) {
  // A name of the table is short; what is much longer is no misspelling of one.
  if (word.empty() || word.size() > 40) return {};
  std::string_view best;
  std::size_t best_distance = 3;
  for (const std::string_view name : names) {
    const bool begins = word.size() >= 2 && name.starts_with(word);
    const std::size_t distance = begins ? 1 : edit_distance(word, name);
    if (distance < best_distance && distance < name.size()) {
      best = name;
      best_distance = distance;
    }
  }
  if (best.empty()) return {};
  return " (did you mean " + std::string(prefix) + std::string(best) + "?)";
}

}  // namespace eventsource::cli
