// SPDX-License-Identifier: Apache-2.0
#include "measure.hpp"

#include <time.h>

#include <algorithm>
#include <random>

#include <fmt/format.h>

namespace tenon::bench {
namespace {

constexpr std::uint32_t kCheckedRepeat = 3;
constexpr std::uint64_t kCheckedSeeds = 3;
constexpr std::uint32_t kMaxRepeat = 1u << 30;

/// CPU time of this thread: what other processes do meanwhile does not count.
double cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// A variant under measurement; `times` is never null and belongs to the RowTimes.
struct Contender {
  std::unique_ptr<Variant> variant;
  VariantTimes* times;
  std::uint64_t last_answer = 0;

  bool in_play() const { return variant != nullptr; }

  void drop(std::string why) {
    times->failure = std::move(why);
    times->ns.clear();
    variant.reset();
  }

  /// Keeps the answer in `last_answer`; drops the variant when the invocation did not return.
  void invoke(const KernelContext& context) {
    if (!in_play()) return;
    const auto answer = variant->invoke(context);
    if (!answer) return drop(answer.error());
    last_answer = *answer;
  }
};

class RowMeasurement {
 public:
  RowMeasurement(const Row& row, const std::vector<VariantKind>& kinds, const MeasureOptions& options)
      : options_(options), kinds_(kinds), random_(options.seed) {
    result_.row = row;
    result_.size = options.smoke ? row.smoke_size : row.size;
  }

  RowTimes run() {
    load_all();
    check_answers();
    if (!reference().in_play()) return std::move(result_);
    set_lengths();
    const unsigned rounds = options_.smoke ? 1 : options_.rounds;
    for (unsigned round = 0; round < rounds; round++) {
      if (round != 0 && round % options_.rounds_per_load == 0) load_all();
      if (round % options_.rounds_per_load == 0) invoke_all(context(kSetUp, 0, options_.seed));
      sample_all();
    }
    return std::move(result_);
  }

 private:
  Contender& reference() { return contenders_.front(); }

  KernelContext context(Op op, std::uint32_t repeat, std::uint64_t seed) const { return {op, repeat, result_.size, seed}; }

  /// A variant that failed once is not loaded again.
  void load_all() {
    contenders_.clear();
    for (const VariantKind& kind : kinds_) {
      VariantTimes& times = result_.variants[std::string(kind.name)];
      contenders_.push_back({nullptr, &times});
      if (times.failure.empty()) load(kind, contenders_.back());
    }
  }

  void load(const VariantKind& kind, Contender& contender) const {
    const double start = cpu_ms();
    auto variant = kind.make(result_.row);
    contender.times->load_ms.push_back(cpu_ms() - start);
    if (variant)
      contender.variant = std::move(*variant);
    else
      contender.drop(variant.error());
  }

  void compare_answers() {
    for (Contender& contender : contenders_) {
      if (!contender.in_play() || contender.last_answer == reference().last_answer) continue;
      contender.drop(fmt::format("answers {:#x} where the reference answers {:#x}", contender.last_answer, reference().last_answer));
    }
  }

  void invoke_all(const KernelContext& context) {
    for (Contender& contender : contenders_) contender.invoke(context);
    compare_answers();
  }

  void check_answers() {
    for (std::uint64_t i = 0; i < kCheckedSeeds; i++) {
      invoke_all(context(kSetUp, 0, options_.seed + i));
      invoke_all(context(kRun, kCheckedRepeat, options_.seed + i));
      invoke_all(context(kRun, kCheckedRepeat, options_.seed + i));
    }
  }

  double invocation_ms(std::uint32_t repeat) {
    const double start = cpu_ms();
    reference().invoke(context(kRun, repeat, options_.seed));
    return cpu_ms() - start;
  }

  void set_lengths() {
    result_.repeat = kCheckedRepeat;
    result_.invocations = 1;
    if (options_.smoke) return;
    double ms = invocation_ms(1);
    std::uint32_t repeat = 1;
    for (; ms < options_.invocation_ms && repeat < kMaxRepeat; ms = invocation_ms(repeat)) repeat *= 2;
    result_.repeat = repeat;
    result_.invocations = static_cast<std::uint32_t>(std::max(1.0, options_.sample_ms / ms));
  }

  /// One untimed sample to warm the caches with this variant's data, then the timed one.
  void sample(Contender& contender) {
    const KernelContext run = context(kRun, result_.repeat, options_.seed);
    for (std::uint32_t i = 0; i < result_.invocations; i++) contender.invoke(run);
    const double start = cpu_ms();
    for (std::uint32_t i = 0; i < result_.invocations; i++) contender.invoke(run);
    const double ms = cpu_ms() - start;
    if (!contender.in_play()) return;
    const double operations =
        static_cast<double>(result_.invocations) * result_.repeat * static_cast<double>(operations_per_repetition(result_.row, result_.size));
    contender.times->ns.push_back(ms * 1e6 / operations);
  }

  void sample_all() {
    std::vector<Contender*> order;
    for (Contender& contender : contenders_) {
      if (contender.in_play()) order.push_back(&contender);
    }
    std::shuffle(order.begin(), order.end(), random_);
    for (Contender* contender : order) sample(*contender);
    compare_answers();
  }

  MeasureOptions options_;
  const std::vector<VariantKind>& kinds_;
  std::mt19937_64 random_;
  RowTimes result_;
  std::vector<Contender> contenders_;
};

}  // namespace

RowTimes measure(const Row& row, const std::vector<VariantKind>& kinds, const MeasureOptions& options) {
  return RowMeasurement(row, kinds, options).run();
}

}  // namespace tenon::bench
