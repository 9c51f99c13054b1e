#include "bench/common/workload.hpp"

#include <charconv>
#include <cstring>
#include <fstream>
#include <string_view>

#include "bench/common/arguments.hpp"

namespace {

// Most streams of real stores are short.
constexpr std::int32_t kEventsInStream = 10;

std::vector<std::string> lines_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(std::move(line));
  if (lines.empty()) fail(file, "has no line");
  return lines;
}

}  // namespace

std::vector<Sample> read_samples(const std::string& file) {
  std::vector<Sample> samples;
  for (const std::string& line : lines_of(file)) {
    const std::size_t actor = line.find('\t') + 1;
    const std::size_t data = line.find('\t', actor) + 1;
    if (actor == 0 || data == 0) fail(file, "a line is not type, actor and data");
    samples.push_back({line.substr(0, actor - 1), line.substr(actor, data - 1 - actor), line.substr(data)});
  }
  return samples;
}

std::vector<Stream> read_streams(const std::string& file) {
  std::vector<Stream> streams;
  for (const std::string& line : lines_of(file)) {
    Stream& stream = streams.emplace_back();
    if (line.size() < 34) fail(file, "a line is not id and version");
    for (std::size_t i = 0; i < stream.id.size(); ++i) {
      std::from_chars(&line[2 * i], &line[2 * i + 2], stream.id[i], 16);
    }
    std::from_chars(&line[33], line.data() + line.size(), stream.version);
  }
  return streams;
}

// SplitMix64.
std::uint64_t Ids::number() {
  std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

// A UUID of version 4.
Id Ids::next() {
  const std::array<std::uint64_t, 2> halves = {number(), number()};
  Id id;
  std::memcpy(id.data(), halves.data(), id.size());
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0fU) | 0x40U);
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3fU) | 0x80U);
  return id;
}

Item Caller::next() {
  if (stream_.version == kEventsInStream) stream_ = {ids_.next(), 0};
  const Sample& sample = samples_[at_++ % samples_.size()];
  return {stream_.id, stream_.version++, &sample};
}
