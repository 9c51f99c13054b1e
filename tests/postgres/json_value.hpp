// The value of a JSON text, whatever it is written like.
// Thread rule: a pure function, callable from any thread.
#pragma once

#include <string>
#include <string_view>

namespace postgres_test {

// Two texts have the same value exactly when this is the same: no white space, keys sorted by their bytes, characters
// as themselves, numbers exact (`1.10` and `11e-1` are one, and so are `-0` and `0`). Independent of the code under
// test. Throws std::runtime_error when the text is no JSON; it does not check all of it.
[[nodiscard]] std::string json_value(std::string_view text);

}  // namespace postgres_test
