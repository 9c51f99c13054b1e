// Runs a fuzz target over a folder of saved inputs, without libFuzzer. Single-threaded.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    if (!in) {
      std::fprintf(stderr, "%s: cannot be read\n", entry.path().c_str());
      return 1;
    }
    const std::vector<char> text{std::istreambuf_iterator<char>(in), {}};
    // A copy without spare room, so that AddressSanitizer sees a read past the end.
    const std::vector<std::uint8_t> input(text.begin(), text.end());
    // The name comes first: after a crash it is the last line.
    std::printf("%s\n", entry.path().filename().c_str());
    std::fflush(stdout);
    LLVMFuzzerTestOneInput(input.data(), input.size());
    ++count;
  }
  std::printf("%zu inputs\n", count);
  // An empty folder tests nothing, so it is not a success.
  return count > 0 ? 0 : 1;
}
