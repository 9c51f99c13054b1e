// ES_DEFECT(name): false, but in the build for tools/run_defects.py (option EVENTSOURCE_DEFECTS). There it is true when the
// environment variable EVENTSOURCE_DEFECT has that name, and some conformance vector must fail: tests/conformance/defects.txt
// has the list. One build with all of them, so that each costs a run and not a compilation.
// Any thread.
#pragma once

#ifdef EVENTSOURCE_DEFECTS

#include <cstdlib>
#include <string_view>

namespace eventsource::core {

inline bool is_planted(std::string_view defect) {
  static const char* const planted = std::getenv("EVENTSOURCE_DEFECT");
  return planted != nullptr && defect == planted;
}

}  // namespace eventsource::core

#define ES_DEFECT(name) ::eventsource::core::is_planted(#name)

#else

#define ES_DEFECT(name) false

#endif
