// SPDX-License-Identifier: Apache-2.0
// What a service may answer, and what the host makes of it: nothing that a service says is believed.
#include "session.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <ostream>
#include <string>
#include <string_view>

namespace kv {
namespace {

struct Answer {
  std::int32_t verdict = KV_DONE;
  std::uint32_t consumed = 0, produced = 0;
};

/// Gives the answers it was told to give, and writes 'x' for each byte it says it produced, as far as there is room.
class Scripted : public Service {
 public:
  explicit Scripted(std::deque<Answer> answers) : answers_(std::move(answers)) {}
  bool start(Settings&) override { return true; }
  bool closed(std::uint64_t) override { return true; }
  std::int32_t request(Request& request) override {
    ++calls;
    seen.emplace_back(request.input, request.input_end);
    if (answers_.empty()) return KV_CLOSE;
    const Answer answer = answers_.front();
    answers_.pop_front();
    for (std::uint32_t i = 0; i < answer.produced && request.output + i < request.output_end; ++i) request.output[i] = 'x';
    request.consumed = answer.consumed;
    request.produced = answer.produced;
    return answer.verdict;
  }

  int calls = 0;
  std::vector<std::string> seen;

 private:
  std::deque<Answer> answers_;
};

struct Case {
  const char* name;
  std::deque<Answer> answers;
  Progress progress;
  std::size_t consumed;
  std::size_t produced;
  int calls;
};

void PrintTo(const Case& test, std::ostream* to) { *to << test.name; }

class SessionAnswers : public testing::TestWithParam<Case> {};

TEST_P(SessionAnswers, AreChecked) {
  const Case& test = GetParam();
  Scripted service(test.answers);
  OutputBuffer output(8);
  const std::string_view input = "0123456789";
  const Advance result = advance(service, {7, false, 3}, input, 1, output);
  EXPECT_EQ(result.progress, test.progress);
  EXPECT_EQ(result.consumed, test.consumed);
  EXPECT_EQ(output.used().size(), test.produced);
  EXPECT_EQ(service.calls, test.calls);
}

INSTANTIATE_TEST_SUITE_P(
    All, SessionAnswers,
    testing::Values(Case{"all at once", {{KV_DONE, 10, 8}}, Progress::done, 10, 8, 1},
                    Case{"piece by piece", {{KV_DONE, 4, 1}, {KV_DONE, 6, 2}}, Progress::done, 10, 3, 2},
                    Case{"needs more", {{KV_DONE, 4, 1}, {KV_MORE_INPUT, 2, 0}}, Progress::waiting, 6, 1, 2},
                    Case{"needs more of nothing", {{KV_MORE_INPUT, 0, 0}}, Progress::waiting, 0, 0, 1},
                    Case{"flush, then the same again", {{KV_FLUSH, 0, 8}}, Progress::output_full, 0, 8, 1},
                    Case{"wants room in an empty output", {{KV_FLUSH, 0, 0}}, Progress::finished, 0, 0, 1},
                    Case{"wants room behind other replies", {{KV_DONE, 1, 5}, {KV_FLUSH, 0, 0}}, Progress::output_full, 1, 5, 2},
                    Case{"closes", {{KV_CLOSE, 3, 2}}, Progress::finished, 3, 2, 1},
                    Case{"claims more input than there is", {{KV_DONE, 11, 0}}, Progress::finished, 0, 0, 1},
                    Case{"claims more input than is left", {{KV_DONE, 9, 0}, {KV_DONE, 2, 0}}, Progress::finished, 9, 0, 2},
                    Case{"claims more output than there is room", {{KV_DONE, 1, 9}}, Progress::finished, 0, 0, 1},
                    Case{"claims more output than is left", {{KV_DONE, 1, 5}, {KV_DONE, 1, 4}}, Progress::finished, 1, 5, 2},
                    Case{"claims the largest numbers", {{KV_DONE, 0xffffffff, 0xffffffff}}, Progress::finished, 0, 0, 1},
                    Case{"does nothing for ever", {{KV_DONE, 0, 0}}, Progress::finished, 0, 0, 1},
                    Case{"an unknown verdict", {{99, 1, 1}}, Progress::finished, 1, 1, 1},
                    Case{"a negative verdict", {{-1, 1, 1}}, Progress::finished, 1, 1, 1}),
    [](const auto& info) {
      std::string name = info.param.name;
      for (char& c : name) c = (c >= 'a' && c <= 'z') ? c : '_';
      return name;
    });

TEST(Session, OffersWhatIsNotConsumedYet) {
  Scripted service({{KV_DONE, 4, 0}, {KV_DONE, 6, 0}});
  OutputBuffer output(8);
  advance(service, {7, false}, std::string_view("0123456789"), 1, output);
  EXPECT_EQ(service.seen, (std::vector<std::string>{"0123456789", "456789"}));
}

TEST(Session, CallsNobodyForNothing) {
  Scripted service({});
  OutputBuffer output(8);
  EXPECT_EQ(advance(service, {7, false}, {}, 1, output).progress, Progress::done);
  EXPECT_EQ(service.calls, 0);
}

}  // namespace
}  // namespace kv
