// The vectors as GoogleTest tests, one for each vector, backend and way in: theme.name/backend/path.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <exception>
#include <gtest/gtest.h>

#include "tests/conformance/session_cpp/folder.hpp"
#include "tests/conformance/session_cpp/session.hpp"

namespace {

using conformance::Backend;
using conformance::Json;
using conformance::Vector;

class VectorTest : public testing::Test {
 public:
  VectorTest(const Vector& vector, const Backend& backend, std::string path)
      : vector_(vector), backend_(backend), path_(std::move(path)) {}

  void TestBody() override {
    const conformance::TemporaryFolder folder;
    conformance::Session session(backend_, folder.path(), vector_.options, path_);
    for (std::size_t i = 0; i < vector_.steps.size(); ++i) {
      const Json& step = vector_.steps[i];
      const Json outcome = comparable(session.run(step));
      const std::string where = "step " + std::to_string(i) + " (" + step.at("do").get<std::string>() + ")";
      const std::string wrong =
          conformance::difference(comparable(conformance::expected_outcome(step)), outcome, where);
      ASSERT_TRUE(wrong.empty()) << wrong << "\nwhy: " << vector_.why << "\noutcome: " << conformance::show(outcome);
      ASSERT_FALSE(outcome.contains("violations")) << where << ": " << conformance::show(outcome.at("violations"));
    }
  }

 private:
  [[nodiscard]] Json comparable(const Json& outcome) const {
    return backend_.does_provide("bytes") ? outcome : conformance::as_values(outcome);
  }

  const Vector& vector_;
  const Backend& backend_;
  std::string path_;
};

void register_vector(const Vector& vector, const Backend& backend) {
  const bool provided = std::ranges::all_of(vector.needs, [&](const auto& need) { return backend.does_provide(need); });
  if (!provided) return;
  for (const std::string& path : vector.paths) {
    if (std::ranges::find(backend.paths, path) == backend.paths.end()) continue;
    const std::string name = vector.name + "/" + backend.name + "/" + path;
    testing::RegisterTest(vector.theme.c_str(), name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                          [&vector, &backend, path]() -> VectorTest* { return new VectorTest(vector, backend, path); });
  }
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  try {
    const std::vector<Backend> backends = conformance::load_backends();
    const std::vector<Vector> vectors = conformance::load_vectors();
    for (const Vector& vector : vectors) {
      for (const Backend& backend : backends) register_vector(vector, backend);
    }
    return RUN_ALL_TESTS();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
