// Times as text: RFC 3339 to and from microseconds since 1970-01-01T00:00:00Z.
// Thread rule: pure functions, callable from any thread. No locale, no time zone database.
#include "core/base/time_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>

namespace eventsource::core {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

struct Date {
  std::int64_t year;
  std::int64_t month;
  std::int64_t day;
};

// Both calendar functions count in eras of 400 years that begin on 1 March, so that the leap day
// is the last of its year.
constexpr std::int64_t kEraDays = 146097;
constexpr std::int64_t kDaysBefore1970 = 719468;  // from 0000-03-01

constexpr std::int64_t days_from_date(Date date) noexcept {
  const std::int64_t year = date.month <= 2 ? date.year - 1 : date.year;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t month = (date.month + 9) % 12;  // March is 0
  const std::int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * kEraDays + day_of_era - kDaysBefore1970;
}

// For days of year 0 and later.
constexpr Date date_from_days(std::int64_t days) noexcept {
  days += kDaysBefore1970;
  const std::int64_t era = days / kEraDays;
  const std::int64_t day_of_era = days % kEraDays;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month = (5 * day_of_year + 2) / 153;
  const std::int64_t day = day_of_year - (153 * month + 2) / 5 + 1;
  const std::int64_t calendar_month = month < 10 ? month + 3 : month - 9;
  return {era * 400 + year_of_era + (calendar_month <= 2 ? 1 : 0), calendar_month, day};
}

constexpr std::int64_t days_in_month(std::int64_t year, std::int64_t month) noexcept {
  constexpr std::array<std::int64_t, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

static_assert(days_from_date({1, 1, 1}) * kDay == kTimeMin);
static_assert(days_from_date({10000, 1, 1}) * kDay == kTimeMax + 1);

// Writes `width` digits at `at` and gives what is behind them.
char* put_digits(char* at, std::int64_t value, int width) noexcept {
  for (int i = width; i-- > 0; value /= 10) at[i] = static_cast<char>('0' + value % 10);
  return at + width;
}

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

class Reader {
 public:
  explicit Reader(std::string_view text) noexcept : text_(text) {}

  [[nodiscard]] bool at_end() const noexcept { return text_.empty(); }

  bool skip(char c) noexcept {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }

  [[nodiscard]] std::size_t digits_ahead() const noexcept {
    std::size_t count = 0;
    while (count < text_.size() && is_digit(text_[count])) ++count;
    return count;
  }

  // Reads exactly `count` digits; more may follow.
  bool number(std::size_t count, std::int64_t& value) noexcept {
    if (digits_ahead() < count) return false;
    value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value * 10 + (text_[i] - '0');
    text_.remove_prefix(count);
    return true;
  }

  // Reads two digits with a value of at most `most`.
  bool pair(std::int64_t most, std::int64_t& value) noexcept { return number(2, value) && value <= most; }

 private:
  std::string_view text_;
};

// What the callers of read_time allow.
struct Form {
  std::size_t year_digits;
  bool before_christ;  // year 1 is the year before year 1 of the other form
  bool need_offset;
};

bool read_date(Reader& in, const Form& form, Date& date) noexcept {
  if (!in.number(form.year_digits, date.year) || !in.skip('-')) return false;
  if (form.before_christ) {
    if (date.year == 0) return false;
    date.year = 1 - date.year;
  }
  if (!in.pair(12, date.month) || date.month == 0 || !in.skip('-')) return false;
  return in.pair(days_in_month(date.year, date.month), date.day) && date.day != 0;
}

bool read_fraction(Reader& in, std::int64_t& us) noexcept {
  us = 0;
  if (!in.skip('.')) return true;
  const std::size_t count = in.digits_ahead();
  std::int64_t value = 0;
  if (count == 0 || count > 9 || !in.number(count, value)) return false;
  for (std::size_t i = count; i < 9; ++i) value *= 10;
  us = value / 1000;
  return true;
}

bool read_time_of_day(Reader& in, std::int64_t& us) noexcept {
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  std::int64_t second = 0;
  std::int64_t fraction = 0;
  if (!in.pair(24, hour) || !in.skip(':')) return false;
  if (!in.pair(59, minute) || !in.skip(':')) return false;
  if (!in.pair(60, second) || !read_fraction(in, fraction)) return false;
  us = hour * kHour + minute * kMinute + second * kSecond + fraction;
  if (second == 60 && fraction != 0) return false;
  return hour < 24 || us == kDay;
}

// Reads an offset, if there is one.
bool read_offset(Reader& in, bool& present, std::int64_t& us) noexcept {
  us = 0;
  present = true;
  if (in.skip('Z') || in.skip('z')) return true;
  const bool minus = in.skip('-');
  if (!minus && !in.skip('+')) {
    present = false;
    return true;
  }
  std::int64_t hours = 0;
  std::int64_t minutes = 0;
  std::int64_t seconds = 0;
  if (!in.pair(23, hours)) return false;
  if (in.skip(':')) {
    if (!in.pair(59, minutes)) return false;
    if (in.skip(':') && !in.pair(59, seconds)) return false;
  } else if (in.digits_ahead() != 0 && !in.pair(59, minutes)) {
    return false;
  }
  us = hours * kHour + minutes * kMinute + seconds * kSecond;
  if (minus) us = -us;
  return true;
}

// Reads date, time and offset.
std::optional<std::int64_t> read_time(std::string_view text, const Form& form) noexcept {
  Reader in(text);
  Date date{};
  std::int64_t time_of_day = 0;
  std::int64_t offset = 0;
  bool has_offset = false;
  if (!read_date(in, form, date)) return std::nullopt;
  if (!in.skip('T') && !in.skip('t') && !in.skip(' ')) return std::nullopt;
  if (!read_time_of_day(in, time_of_day) || !read_offset(in, has_offset, offset)) {
    return std::nullopt;
  }
  if (!in.at_end() || (form.need_offset && !has_offset)) return std::nullopt;
  // Years of six digits would not fit: keep the day where it still is out of range.
  constexpr std::int64_t kFarDay = 4'000'000;
  const std::int64_t day = std::clamp(days_from_date(date), -kFarDay, kFarDay);
  return day * kDay + time_of_day - offset;
}

}  // namespace

void write_time(char (&text)[kTimeTextSize], std::int64_t us) {
  if (!time_in_range(us)) throw std::out_of_range("write_time: outside of years 1 to 9999");
  const std::int64_t since_min = us - kTimeMin;  // not negative, so that / and % round down
  const Date date = date_from_days(since_min / kDay + kTimeMin / kDay);
  const std::int64_t time = since_min % kDay;
  char* at = put_digits(&text[0], date.year, 4);
  *at++ = '-';
  at = put_digits(at, date.month, 2);
  *at++ = '-';
  at = put_digits(at, date.day, 2);
  *at++ = 'T';
  at = put_digits(at, time / kHour, 2);
  *at++ = ':';
  at = put_digits(at, time / kMinute % 60, 2);
  *at++ = ':';
  at = put_digits(at, time / kSecond % 60, 2);
  *at++ = '.';
  at = put_digits(at, time % kSecond, 6);
  *at = 'Z';
}

void append_time(std::string& out, std::int64_t us) {
  char text[kTimeTextSize];
  write_time(text, us);
  out.append(text, sizeof text);
}

std::optional<std::int64_t> parse_time(std::string_view text) noexcept {
  const std::optional<std::int64_t> us =
      read_time(text, {.year_digits = 4, .before_christ = false, .need_offset = true});
  return us && time_in_range(*us) ? us : std::nullopt;
}

std::optional<std::int64_t> parse_foreign_time(std::string_view text) noexcept {
  constexpr std::string_view kBeforeChrist = " BC";
  if (text == "infinity") return kTimeInfinity;
  if (text == "-infinity") return kTimeMinusInfinity;
  const bool before_christ = text.ends_with(kBeforeChrist);
  if (before_christ) text.remove_suffix(kBeforeChrist.size());
  const std::size_t year_digits = Reader(text).digits_ahead();
  if (year_digits < 4 || year_digits > 6) return std::nullopt;
  const std::optional<std::int64_t> us =
      read_time(text, {.year_digits = year_digits, .before_christ = before_christ, .need_offset = false});
  if (!us) return std::nullopt;
  if (*us < kTimeMin) return kTimeMinusInfinity;
  return *us > kTimeMax ? kTimeInfinity : *us;
}

}  // namespace eventsource::core
