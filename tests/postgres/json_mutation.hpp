// Random JSON, good and spoilt, the same for the same seed.
// Used by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace postgres_test {

class JsonMutation {
 public:
  explicit JsonMutation(std::uint64_t seed) : random_(seed) {}

  // A valid object of some hundred bytes, without a key that comes twice.
  [[nodiscard]] std::string object();
  // `text` with one to three changes: bytes, pieces of JSON put in, left out, doubled or exchanged.
  [[nodiscard]] std::string spoil(std::string text);
  // A number near a limit of PostgreSQL's numeric.
  [[nodiscard]] std::string number_at_a_limit();

 private:
  // 0 to count - 1; the same everywhere, unlike the distributions of <random>. One draw an expression: the order
  // within one is the compiler's.
  [[nodiscard]] std::size_t below(std::size_t count) { return random_() % count; }
  template <std::size_t Count>
  [[nodiscard]] std::string_view one_of(const std::string_view (&choices)[Count]) {
    return choices[below(Count)];
  }

  [[nodiscard]] std::string value(int depth);
  [[nodiscard]] std::string members(int depth);
  [[nodiscard]] std::string elements(int depth);
  [[nodiscard]] std::string string(std::size_t most);
  [[nodiscard]] std::string number();
  [[nodiscard]] std::string digits(std::size_t most);
  [[nodiscard]] std::string whole_part(std::size_t most);
  void change(std::string& text);
  static void repeat_member(std::string& text, std::size_t at);

  std::mt19937_64 random_;
};

}  // namespace postgres_test
