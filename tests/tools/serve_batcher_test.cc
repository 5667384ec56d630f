// Whose reports are extracted when many wait.
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "radie/model.h"
#include "tests/fuzz/tiny_model.h"
#include "tools/serve/batcher.h"

namespace radie::tools::serve {
namespace {

class Batching : public testing::Test {
 protected:
  // Of so many reports, each of some milliseconds.
  static std::vector<ExtractItem> Reports(std::size_t count) {
    ExtractItem item;
    for (int i = 0; i < 300; ++i) item.text += "右肺上葉に12mm大の不整形結節を認めます。";
    return std::vector<ExtractItem>(count, item);
  }

  Extractor extractor_{
      Model::LoadFromMemory(fuzz::TinyModelBytes().data(), fuzz::TinyModelBytes().size()),
      {.threads = 1}};
  Metrics metrics_;
};

TEST_F(Batching, WhatFollowsHasItsTurnWhileNewOnesKeepComing) {
  constexpr std::size_t kQueue = 64, kEnough = 300;
  Batcher batcher(extractor_, kQueue, metrics_);
  std::size_t accepted = 0;
  while (batcher.TrySubmit(Reports(1))) ++accepted;
  const auto following =
      std::async(std::launch::async, [&] { batcher.Submit(Reports(2))->Wait(); });
  while (following.wait_for(std::chrono::seconds(0)) != std::future_status::ready &&
         accepted < kEnough) {
    if (batcher.TrySubmit(Reports(1))) ++accepted;
    std::this_thread::yield();
  }
  EXPECT_LT(accepted, kEnough);
}

TEST_F(Batching, SubmitDoesNotWaitAndLeavesHalfOfTheQueueFree) {
  Batcher batcher(extractor_, 8, metrics_);
  batcher.TrySubmit(Reports(100));  // the extractor has something to do for a while
  while (metrics_.queued != 0) std::this_thread::yield();
  std::deque<std::shared_ptr<Job>> following;
  for (int i = 0; i < 6; ++i) following.push_back(batcher.Submit(Reports(1)));
  EXPECT_EQ(metrics_.queued, 4);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(batcher.TrySubmit(Reports(1)));
  EXPECT_FALSE(batcher.TrySubmit(Reports(1)));
  for (const auto& job : following) {
    job->Wait();
    EXPECT_TRUE(job->outcomes().at(0)->ok());
  }
}

TEST_F(Batching, ThePlacesThatTheNextTurnNeedsAreLeftFree) {
  Batcher batcher(extractor_, 4, metrics_);
  batcher.TrySubmit(Reports(100));  // the extractor has something to do for a while
  while (metrics_.queued != 0) std::this_thread::yield();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(batcher.TrySubmit(Reports(1)));
  const auto following = batcher.Submit(Reports(2));  // of whose places one is free
  EXPECT_FALSE(batcher.TrySubmit(Reports(1)));
  following->Wait();
}

TEST_F(Batching, APortionFitsHalfOfTheQueue) {
  EXPECT_EQ(Batcher(extractor_, 1, metrics_).portion(), 1U);
  EXPECT_EQ(Batcher(extractor_, 9, metrics_).portion(), 4U);
  EXPECT_EQ(Batcher(extractor_, 256, metrics_).portion(), 16U);
}

TEST_F(Batching, AQueueOfOneTakesWhatFollows) {
  Batcher batcher(extractor_, 1, metrics_);
  std::deque<std::shared_ptr<Job>> following;
  for (int i = 0; i < 6; ++i) following.push_back(batcher.Submit(Reports(3)));
  for (const auto& job : following) {
    job->Wait();
    EXPECT_EQ(job->outcomes().size(), 3U);
  }
}

}  // namespace
}  // namespace radie::tools::serve
