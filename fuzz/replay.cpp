// SPDX-License-Identifier: Apache-2.0
// Replays a corpus through the fuzzer's entry without libFuzzer: every file as it is, then with mutations that are the same on every run.
// Usage: NAME_replay CORPUS [MUTATIONS_PER_FILE]
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// One to four edits: a changed byte, an interesting 32-bit word, a word copied from elsewhere, a cut.
Bytes mutated(Bytes bytes, std::mt19937& random) {
  constexpr std::uint32_t kInteresting[] = {0, 1, 8, 0x7f, 0xff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff};
  for (unsigned edits = 1 + random() % 4; edits > 0 && bytes.size() > 8; --edits) {
    const std::size_t at = random() % (bytes.size() - 8);
    switch (random() % 8) {
      case 0:
        bytes.resize(at);
        break;
      case 1:
      case 2: {
        const std::uint32_t word = kInteresting[random() % std::size(kInteresting)];
        for (unsigned i = 0; i < 4; ++i) bytes[at + i] = static_cast<std::uint8_t>(word >> 8 * i);
        break;
      }
      case 3: {
        const std::size_t from = random() % (bytes.size() - 8);
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(from), 8, bytes.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      }
      default:
        bytes[at] = static_cast<std::uint8_t>(random());
        break;
    }
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s CORPUS [MUTATIONS_PER_FILE]\n", argv[0]);
    return 2;
  }
  const long mutations = argc > 2 ? std::atol(argv[2]) : 3000;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::mt19937 random(1);
  for (const auto& file : files) {
    const Bytes seed = read_file(file);
    LLVMFuzzerTestOneInput(seed.data(), seed.size());
    for (long i = 0; i < mutations; ++i) {
      const Bytes input = mutated(seed, random);
      LLVMFuzzerTestOneInput(input.data(), input.size());
    }
  }
  std::printf("%zu files, %ld mutations of each\n", files.size(), mutations);
  return files.empty() ? 1 : 0;
}
