// JSON numbers: grammar, and the range PostgreSQL's numeric can hold.
// Thread rule: pure functions, callable from any thread.
#include "core/base/json/number.hpp"

#include <algorithm>
#include <cstdint>

#include "core/base/json/bytes.hpp"

namespace eventsource::core::json {
namespace {

// What numeric_in accepts follows from numeric.c. set_var_from_str takes, for I digits before the
// point, F behind it and exponent E:
//   - |E| must be below INT_MAX / 2, also for a zero (16 and later allow INT_MAX / 2 itself; we
//     take what every version takes);
//   - display scale = max(F - E, 0). It is never rounded: make_result refuses more than the 14 bits
//     it has, 16383, also for a zero;
//   - the weight in base 10000 of the first digit that is not zero must fit an int16, which is a
//     decimal weight of at most 32768 * 4 - 1 = 131071: 131072 digits before the point. A zero has
//     weight 0. The scale bounds small values, so the negative end of the weight is never met.
constexpr std::int64_t kExponentLimit = 1073741823;
constexpr std::int64_t kScaleMax = 16383;
constexpr std::int64_t kWeightMax = 131071;

struct Digits {
  const char* begin;
  const char* end;
  [[nodiscard]] std::int64_t count() const noexcept { return end - begin; }
};

Digits read_digits(const char* at, const char* end) noexcept {
  const char* const begin = at;
  while (at != end && is_digit(*at)) ++at;
  return {begin, at};
}

std::int64_t saturated_value(Digits digits) noexcept {
  std::int64_t value = 0;
  for (const char* at = digits.begin; at != digits.end; ++at) {
    value = std::min(value * 10 + (*at - '0'), kExponentLimit);
  }
  return value;
}

// The grammar allows a leading zero only alone.
const char* first_digit(Digits fraction) noexcept {
  return std::find_if(fraction.begin, fraction.end, [](char c) { return c != '0'; });
}

bool is_zero(Digits whole, Digits fraction) noexcept {
  return *whole.begin == '0' && first_digit(fraction) == fraction.end;
}

// Of what is not zero: the power of ten of its first digit, without the exponent.
std::int64_t weight(Digits whole, Digits fraction) noexcept {
  if (*whole.begin != '0') return whole.count() - 1;
  return -(first_digit(fraction) - fraction.begin) - 1;
}

bool fits_numeric(Digits whole, Digits fraction, std::int64_t exponent) noexcept {
  if (exponent >= kExponentLimit || exponent <= -kExponentLimit) return false;
  if (fraction.count() - exponent > kScaleMax) return false;
  return is_zero(whole, fraction) || weight(whole, fraction) + exponent <= kWeightMax;
}

// For a number that fits.
std::size_t bytes_written_out(bool is_negative, Digits whole, Digits fraction, std::int64_t exponent) noexcept {
  std::int64_t before_point = 1;
  if (!is_zero(whole, fraction)) {
    before_point = std::max<std::int64_t>(weight(whole, fraction) + exponent + 1, 1);
    if (is_negative) ++before_point;
  }
  const std::int64_t scale = fraction.count() - exponent;
  return static_cast<std::size_t>(before_point + (scale > 0 ? scale + 1 : 0));
}

}  // namespace

NumberScan scan_number(const char* at, const char* end) noexcept {
  const auto broken = [](const char* where) { return NumberScan{where, false, false, 0}; };
  const bool is_negative = *at == '-';
  if (is_negative) ++at;
  const Digits whole = read_digits(at, at != end && *at == '0' ? at + 1 : end);
  if (whole.count() == 0) return broken(whole.end);
  at = whole.end;
  Digits fraction{at, at};
  if (at != end && *at == '.') {
    fraction = read_digits(at + 1, end);
    if (fraction.count() == 0) return broken(fraction.end);
    at = fraction.end;
  }
  std::int64_t exponent = 0;
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    const bool negative = at != end && *at == '-';
    if (at != end && (*at == '-' || *at == '+')) ++at;
    const Digits digits = read_digits(at, end);
    if (digits.count() == 0) return broken(digits.end);
    at = digits.end;
    exponent = negative ? -saturated_value(digits) : saturated_value(digits);
  }
  if (!fits_numeric(whole, fraction, exponent)) return {at, true, false, 0};
  return {at, true, true, bytes_written_out(is_negative, whole, fraction, exponent)};
}

}  // namespace eventsource::core::json
