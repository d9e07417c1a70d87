// SPDX-License-Identifier: Apache-2.0
// The fuzzer's entry without libFuzzer: assembles every seed (*.s), runs it as it is and then with damage that is the same on every run.
// Usage: programs_replay SEEDS [MUTATIONS_PER_SEED]      programs_replay SEEDS --corpus FOLDER    (writes them as bytes, for libFuzzer)
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/assembler.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
std::uint64_t accepted_programs();

namespace {

using Bytes = std::vector<std::uint8_t>;

const Bytes* running = nullptr;

/// The last words of a run that found something: its input, as `tenon conformance` and people read it.
void print_running(int) {
  if (running != nullptr) {
    for (const std::uint8_t byte : *running) std::fprintf(stderr, "%02x ", byte);
    std::fprintf(stderr, "\n");
  }
  std::signal(SIGABRT, SIG_DFL);
}

void run(const Bytes& input) {
  running = &input;
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

/// Whole instructions: a changed byte, a register or offset, an instruction copied over another, two swapped.
Bytes mutated(Bytes bytes, std::mt19937& random) {
  for (unsigned edits = 1 + random() % 3; edits > 0; --edits) {
    const std::size_t count = bytes.size() / 8;
    const auto insn = bytes.begin() + static_cast<std::ptrdiff_t>(random() % count * 8);
    const auto other = bytes.begin() + static_cast<std::ptrdiff_t>(random() % count * 8);
    const unsigned src = insn[1] >> 4, dst = insn[1] & 15;  // a zero source is mostly a field that must stay zero
    switch (random() % 8) {
      case 0:
        insn[1] = static_cast<std::uint8_t>(src << 4 | random() % 10);
        break;
      case 6:
        insn[1] = static_cast<std::uint8_t>((src == 0 ? 0 : random() % 11) << 4 | dst);
        break;
      case 1:
        insn[0] = static_cast<std::uint8_t>(insn[0] ^ (1u << random() % 8));
        break;
      case 2:
        insn[2] = static_cast<std::uint8_t>(insn[2] + static_cast<int>(random() % 17) - 8);
        break;
      case 3:
        insn[4 + random() % 4] = static_cast<std::uint8_t>(random());
        break;
      case 4:
        std::copy_n(other, 8, insn);
        break;
      case 5:
        std::swap_ranges(insn, insn + 8, other);
        break;
      default:
        insn[0] = static_cast<std::uint8_t>((insn[0] & 0x0f) | random() % 14 << 4);
        break;  // another operator
    }
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s SEEDS [MUTATIONS_PER_SEED | --corpus FOLDER]\n", argv[0]);
    return 2;
  }
  std::signal(SIGABRT, print_running);
  const bool write = argc > 3 && std::string_view(argv[2]) == "--corpus";
  const long mutations = argc > 2 && !write ? std::atol(argv[2]) : 2000;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::mt19937 random(1);
  for (const auto& path : files) {
    std::ifstream file(path);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const std::vector<std::byte> code = tenon::test::encode(tenon::test::assemble(text));
    const auto* const first = reinterpret_cast<const std::uint8_t*>(code.data());
    const Bytes seed(first, first + code.size());
    if (write) {
      std::ofstream(std::filesystem::path(argv[3]) / path.stem(), std::ios::binary).write(reinterpret_cast<const char*>(first), std::ssize(code));
      continue;
    }
    const std::uint64_t before = accepted_programs();
    run(seed);
    if (accepted_programs() == before) {
      std::printf("%s: the seed itself is not accepted\n", path.c_str());
      return 1;
    }
    for (long i = 0; i < mutations; ++i) {
      run(mutated(seed, random));
    }
  }
  std::printf("%zu seeds, %ld mutations each, %llu programs accepted\n", files.size(), write ? 0 : mutations,
              static_cast<unsigned long long>(accepted_programs()));
  return 0;
}
