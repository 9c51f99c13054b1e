// Numbers of every shape, and around the limits of PostgreSQL's numeric.
#include "tests/postgres/json_corpus.hpp"

namespace postgres_test {
namespace {

// Every way to write a number or to miss one: sign, whole part, fraction, exponent.
void add_number_shapes(Texts& texts) {
  for (const char* sign : {"", "-", "+", "--", "- "}) {
    for (const char* whole :
         {"", "0", "00", "01", "1", "9", "10", "1_0", "0x1F", "0b1", "0o7", "12345678901234567890"}) {
      for (const char* fraction : {"", ".", ".0", ".5", ".10", ".5.5", ". 5", ".0_1"}) {
        for (const char* exponent :
             {"", "e", "e1", "E1", "e+1", "e-1", "e+", "e-", "e01", "e1.5", "e 1", "ee1", "e0x1"}) {
          add_value(texts, std::string(sign) + whole + fraction + exponent);
        }
      }
    }
  }
  for (const char* text :
       {"NaN", "nan", "Infinity", "-Infinity", "inf", "-inf", "1f",  "1L", "1n",           "1,000",    "1 000",
        "0,5", "1a",  "-a",       "1-1",       "1+1", "0e",   ".e1", "e1", "\xEF\xBC\x91", "\xD9\xA1", "1\xC2\xA0"}) {
    add_value(texts, text);
  }
}

// Around the limits of numeric: digits before the point, digits behind it, the exponent alone.
void add_number_limits(Texts& texts) {
  for (const long limit : {131068L, 131071L, 131072L, 16383L, 16384L, 32767L, 65535L, 308L, 1000000L}) {
    for (const long exponent : {limit - 1, limit, limit + 1}) {
      for (const char* digits : {"0", "1", "10", "-9", "1.0", "0.1", "0.00001", "12345.6789", "0.0", "99999"}) {
        for (const char* sign : {"", "+", "-"}) add_value(texts, digits + ("e" + (sign + std::to_string(exponent))));
      }
    }
  }
  for (const char* exponent :
       {"1073741822", "1073741823", "1073741824", "2147483646", "2147483647", "2147483648", "4294967295", "4294967296",
        "4294967297", "9223372036854775807", "9223372036854775808", "18446744073709551616", "18446744073709551617",
        "99999999999999999999999", "00000000000000000000000001", "000000000000000001073741823"}) {
    for (const char* digits : {"0", "-0", "0.0", "1", "0.1"}) {
      for (const char* sign : {"", "+", "-"}) add_value(texts, digits + ("e" + (std::string(sign) + exponent)));
    }
  }
}

void add_long_numbers(Texts& texts) {
  for (const std::size_t count : {131071U, 131072U, 131073U}) {
    texts.push_back("1" + repeat("0", count - 1));
    texts.push_back("[-" + repeat("9", count) + ".5]");
    texts.push_back(repeat("7", count) + "e-1");
    texts.push_back(repeat("7", count) + "e1");
    texts.push_back("0." + repeat("0", count) + "1e" + std::to_string(count));
  }
  for (const std::size_t count : {16382U, 16383U, 16384U}) {
    texts.push_back("0." + repeat("0", count));
    texts.push_back("[1." + repeat("3", count) + "]");
    texts.push_back("1." + repeat("3", count) + "e1");
    texts.push_back("1." + repeat("3", count) + "e-1");
    texts.push_back("0." + repeat("0", count - 1) + "1");
    texts.push_back(repeat("1", 131072) + "." + repeat("1", count));
  }
}

}  // namespace

Texts number_texts() {
  Texts texts;
  add_number_shapes(texts);
  add_number_limits(texts);
  add_long_numbers(texts);
  return texts;
}

}  // namespace postgres_test
