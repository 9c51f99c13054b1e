// Random scenarios on two backends: every result, page and error has to be the same. Single-threaded.
//   generator [--seed S] [--count N] [--steps K] [--backend A] [--compare B]
// On a difference it prints the seed and a small scenario that still differs, as a vector with A's results.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>

#include "tests/conformance/generator/scenario.hpp"
#include "tests/conformance/session_cpp/folder.hpp"
#include "tests/conformance/session_cpp/session.hpp"

namespace {

using conformance::Backend;
using conformance::Json;
using conformance::Session;

struct Arguments {
  std::uint64_t seed = 1;
  std::int64_t count = 300;
  std::int64_t steps = 40;
  std::string backend = "memory";
  std::string compare = "sqlite";
};

struct Pair {
  Backend oracle;
  Backend other;
  std::string path;
};

// What must be equal: everything but the words of a message.
Json comparable(Json outcome) {
  if (outcome.contains("error")) outcome.at("error").erase("message");
  return outcome;
}

// Runs the steps on both; the index of the first that differs, or their number.
std::size_t first_difference(const Pair& pair, const std::vector<Json>& steps, std::vector<Json>* expected) {
  const conformance::TemporaryFolder folder;
  const conformance::TemporaryFolder other_folder;
  Session oracle(pair.oracle, folder.path(), Json::object(), pair.path);
  Session other(pair.other, other_folder.path(), Json::object(), pair.path);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Json step = conformance::resolve(steps[i]);
    const Json wanted = comparable(oracle.run(step));
    const Json came = comparable(other.run(step));
    if (expected != nullptr) expected->push_back(wanted);
    if (wanted != came || wanted.contains("violations")) {
      if (expected != nullptr) {
        std::printf("%s: %s\n%s: %s\n", pair.oracle.name.c_str(), conformance::show(wanted).c_str(),
                    pair.other.name.c_str(), conformance::show(came).c_str());
      }
      return i;
    }
  }
  return steps.size();
}

// Delta debugging: drops ever smaller runs of steps while the rest still differs.
std::vector<Json> shrink(const Pair& pair, std::vector<Json> steps) {
  const auto differs = [&](const std::vector<Json>& some) {
    return first_difference(pair, some, nullptr) < some.size();
  };
  for (std::size_t chunk = std::max<std::size_t>(steps.size() / 2, 1);; chunk /= 2) {
    for (std::size_t at = 0; at < steps.size();) {
      std::vector<Json> fewer = steps;
      const auto from = fewer.begin() + static_cast<std::ptrdiff_t>(at);
      fewer.erase(from, from + static_cast<std::ptrdiff_t>(std::min(chunk, fewer.size() - at)));
      if (differs(fewer)) {
        steps = std::move(fewer);
      } else {
        at += chunk;
      }
    }
    if (chunk <= 1) break;
  }
  return steps;
}

// The same inside of appends: single events, and streams that have none left.
std::vector<Json> shrink_appends(const Pair& pair, std::vector<Json> steps) {
  for (std::size_t s = 0; s < steps.size(); ++s) {
    if (steps[s].at("do") != "append") continue;
    for (std::size_t t = steps[s].at("to").size(); t-- > 0;) {
      for (std::size_t e = steps[s].at("to")[t].at("events").size(); e-- > 0;) {
        std::vector<Json> fewer = steps;
        Json& stream = fewer[s].at("to")[t];
        stream.at("events").erase(e);
        if (stream.at("events").empty()) fewer[s].at("to").erase(t);
        if (fewer[s].at("to").empty() || first_difference(pair, fewer, nullptr) == fewer.size()) continue;
        steps = std::move(fewer);
        if (t >= steps[s].at("to").size()) break;
      }
    }
  }
  return steps;
}

void report(const Pair& pair, std::uint64_t seed, std::vector<Json> steps) {
  std::printf("seed %llu: %s and %s differ, by the %s path\n", static_cast<unsigned long long>(seed),
              pair.oracle.name.c_str(), pair.other.name.c_str(), pair.path.c_str());
  steps = shrink_appends(pair, shrink(pair, std::move(steps)));
  std::vector<Json> expected;
  const std::size_t at = first_difference(pair, steps, &expected);
  std::printf("the last of %zu steps differs; as a vector:\n", at + 1);
  Json vector = {{"name", "seed_" + std::to_string(seed)},
                 {"why", "found by the generator: say which rule it is"},
                 {"paths", Json::array({pair.path})},
                 {"steps", Json::array()}};
  for (std::size_t i = 0; i <= at && i < steps.size(); ++i) {
    Json step = steps[i];
    step.update(expected[i]);
    vector.at("steps").push_back(step);
  }
  std::printf("%s\n", conformance::show(vector, 2).c_str());
}

std::vector<Json> make_scenario(const Pair& pair, std::uint64_t seed, std::int64_t count) {
  const conformance::TemporaryFolder folder;
  Session oracle(pair.oracle, folder.path(), Json::object(), pair.path);
  conformance::Scenario scenario(seed);
  std::vector<Json> steps;
  for (std::int64_t i = 0; i < count; ++i) {
    steps.push_back(scenario.next_step());
    scenario.learn(steps.back(), oracle.run(conformance::resolve(steps.back())));
  }
  return steps;
}

Backend find_backend(const std::string& name) {
  for (const Backend& backend : conformance::load_backends()) {
    if (backend.name == name) return backend;
  }
  throw std::runtime_error("backends.json has no backend " + name);
}

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; i += 2) {
    const std::string key = argv[i];
    if (i + 1 == argc) throw std::runtime_error(key + " wants a value");
    const char* const value = argv[i + 1];
    if (key == "--seed") {
      arguments.seed = std::strtoull(value, nullptr, 10);
    } else if (key == "--count") {
      arguments.count = std::strtoll(value, nullptr, 10);
    } else if (key == "--steps") {
      arguments.steps = std::strtoll(value, nullptr, 10);
    } else if (key == "--backend") {
      arguments.backend = value;
    } else if (key == "--compare") {
      arguments.compare = value;
    } else {
      throw std::runtime_error("usage: generator [--seed S] [--count N] [--steps K] [--backend A] [--compare B]");
    }
  }
  return arguments;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Arguments arguments = parse(argc, argv);
    Pair pair{find_backend(arguments.backend), find_backend(arguments.compare), ""};
    for (std::int64_t i = 0; i < arguments.count; ++i) {
      const std::uint64_t seed = arguments.seed + static_cast<std::uint64_t>(i);
      pair.path = seed % 2 == 0 ? "packed" : "builder";
      std::vector<Json> steps = make_scenario(pair, seed, arguments.steps);
      if (first_difference(pair, steps, nullptr) == steps.size()) continue;
      report(pair, seed, std::move(steps));
      return 1;
    }
    std::printf("%lld scenarios from seed %llu: %s and %s agree\n", static_cast<long long>(arguments.count),
                static_cast<unsigned long long>(arguments.seed), arguments.backend.c_str(), arguments.compare.c_str());
    return arguments.count > 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
