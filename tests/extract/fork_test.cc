// A process that forks: the child keeps the model and computes with an extractor of its own.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "libradie/base/sanitizers.h"
#include "radie/extractor.h"
#include "radie/writer.h"

namespace radie {
namespace {

constexpr char kForkedText[] = "右肺上葉に12mm大の結節を認めます。肺癌を疑います。";

std::string Extracted(const std::shared_ptr<const Model>& model) {
  return ToJson("x", kForkedText, Extractor(model, {.threads = 2}).Extract(kForkedText));
}

TEST(Fork, AChildComputesWithTheModelOfItsParent) {
  if (kThreadSanitizer) {
    GTEST_SKIP() << "ThreadSanitizer lets no child of a process with threads start its own";
  }
  const auto model = Model::Load(RADIE_SOURCE_DIR "/weights_converter/demo/demo.radie");
  const Extractor before(model, {.threads = 2});  // its threads are the parent's
  const std::string wanted = ToJson("x", kForkedText, before.Extract(kForkedText));
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    try {
      _exit(Extracted(model) == wanted ? 0 : 1);
    } catch (...) {
      _exit(2);
    }
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_EQ(ToJson("x", kForkedText, before.Extract(kForkedText)), wanted);
}

}  // namespace
}  // namespace radie
