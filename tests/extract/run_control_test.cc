// Progress and cancellation of a running call.
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "radie/extractor.h"
#include "radie/model.h"

namespace radie {
namespace {

// Reports that go in one group (ExtractorOptions say nothing of it: 64 in this version).
constexpr std::size_t kGroup = 64;

class RunControlTest : public testing::Test {
 protected:
  static const Extractor& TheExtractor() {
    static const Extractor extractor(
        Model::Load(RADIE_SOURCE_DIR "/weights_converter/demo/demo.radie"), {.threads = 2});
    return extractor;
  }

  static std::vector<Request> Requests(std::size_t count, std::string_view text) {
    return std::vector<Request>(count, Request{.text = text});
  }

  static std::size_t Cancelled(const std::vector<Outcome>& outcomes) {
    return static_cast<std::size_t>(
        std::count_if(outcomes.begin(), outcomes.end(), [](const Outcome& outcome) {
          return !outcome.ok() && outcome.error().code() == ErrorCode::kCancelled;
        }));
  }
};

TEST_F(RunControlTest, ProgressCountsFinishedReportsUpToAll) {
  std::vector<std::size_t> seen;
  RunControl control;
  control.progress = [&](std::size_t done, std::size_t total) {
    EXPECT_EQ(total, 3 * kGroup + 1);
    seen.push_back(done);
  };
  EXPECT_EQ(TheExtractor().Run(Requests(3 * kGroup + 1, "結節あり。"), control).size(),
            3 * kGroup + 1);
  EXPECT_EQ(seen, (std::vector<std::size_t>{kGroup, 2 * kGroup, 3 * kGroup, 3 * kGroup + 1}));
}

TEST_F(RunControlTest, WhatProgressThrowsEndsTheCall) {
  RunControl control;
  control.progress = [](std::size_t, std::size_t) { throw std::runtime_error("enough"); };
  EXPECT_THROW(TheExtractor().Run(Requests(2, "結節あり。"), control), std::runtime_error);
  EXPECT_TRUE(TheExtractor().Run(Requests(1, "結節あり。")).front().ok());
}

// Not even prepared: a text that cannot be read would have an error of its own.
TEST_F(RunControlTest, AStopBeforeTheCallLeavesEveryReportUntouched) {
  std::stop_source stop;
  stop.request_stop();
  RunControl control;
  control.cancel = stop.get_token();
  for (const char* text : {"結節あり。", "", "\xFF"}) {
    EXPECT_EQ(Cancelled(TheExtractor().Run(Requests(2 * kGroup, text), control)), 2 * kGroup);
  }
}

TEST_F(RunControlTest, AStopBetweenGroupsKeepsWhatIsFinished) {
  std::stop_source stop;
  RunControl control;
  control.cancel = stop.get_token();
  control.progress = [&](std::size_t, std::size_t) { stop.request_stop(); };
  const std::vector<Outcome> outcomes =
      TheExtractor().Run(Requests(3 * kGroup, "右肺に結節を認めます。"), control);
  ASSERT_EQ(outcomes.size(), 3 * kGroup);
  EXPECT_EQ(Cancelled(outcomes), 2 * kGroup);
  EXPECT_TRUE(outcomes.front().ok());
}

}  // namespace
}  // namespace radie
