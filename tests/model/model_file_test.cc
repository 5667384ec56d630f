#include "libradie/model/model_file.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <system_error>
#include <utility>

#include "libradie/model/file_bytes.h"
#include "libradie/model/quoted.h"
#include "model_bytes.h"

namespace radie {
namespace {

using testing::FileBytesOf;
using testing::FromBytes;

constexpr char kHeader[] = R"({"__metadata__":{"format":"radie","x":"肺"},)"
                           R"("b":{"dtype":"F16","shape":[3],"data_offsets":[8,14],"other":[1]},)"
                           R"("empty":{"dtype":"F32","shape":[0,7],"data_offsets":[8,8]},)"
                           R"("a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
                           R"("scalar":{"dtype":"F16","shape":[],"data_offsets":[14,16]}}   )";
constexpr std::size_t kBuffer = 16;

std::string Buffer() {
  std::string buffer;
  for (std::size_t i = 0; i < kBuffer; ++i) buffer += static_cast<char>('A' + i);
  return buffer;
}

// The well-formed file with one passage of its header replaced.
std::string Replaced(const std::string& from, const std::string& to) {
  std::string header = kHeader;
  const std::size_t at = header.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return FileBytesOf(header.replace(at, from.size(), to), Buffer());
}

Refusal Refused(const std::string& bytes) {
  return RefusalOf([&] { FromBytes(bytes); });
}

void ExpectRefused(const std::string& bytes, const std::string& part,
                   ErrorCode code = ErrorCode::kInvalidModel) {
  const Refusal refusal = Refused(bytes);
  EXPECT_EQ(refusal.code, code) << refusal.message;
  EXPECT_NE(refusal.message.find(part), std::string::npos) << refusal.message << " | " << part;
}

void CheckWellFormed(const ModelFile& file, std::size_t size) {
  EXPECT_EQ(file.size(), size);
  EXPECT_EQ(file.metadata().at("x"), "肺");
  ASSERT_EQ(file.tensors().size(), 4u);
  EXPECT_EQ(file.tensors()[0].name, "a");
  EXPECT_EQ(file.tensors()[1].name, "empty");
  EXPECT_EQ(file.tensors()[2].name, "b");
  EXPECT_EQ(file.tensors()[3].name, "scalar");
  const TensorEntry* b = file.Find("b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->dtype, DType::kF16);
  EXPECT_EQ(b->shape, (std::vector<std::size_t>{3}));
  ASSERT_EQ(b->bytes, 6u);
  EXPECT_EQ(std::memcmp(b->data, "IJKLMN", 6), 0);
  EXPECT_EQ(file.Find("a")->shape, (std::vector<std::size_t>{2, 1}));
  EXPECT_EQ(file.Find("empty")->bytes, 0u);
  EXPECT_EQ(file.Find("scalar")->bytes, 2u);
  EXPECT_EQ(file.Find("c"), nullptr);
  EXPECT_EQ(file.Find("__metadata__"), nullptr);
}

// A file that is removed again. Its name is not ASCII, which not every system takes as it stands.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& bytes)
      : path_(::testing::TempDir() + "radie_肺_" + std::to_string(std::random_device()())) {
    std::ofstream file(FilePath(), std::ios::binary);
    file << bytes;
    EXPECT_TRUE(file.flush());
  }
  ~TemporaryFile() { std::filesystem::remove(FilePath()); }
  const std::string& path() const { return path_; }

 private:
  std::filesystem::path FilePath() const { return std::u8string(path_.begin(), path_.end()); }

  std::string path_;
};

TEST(ModelFile, ReadsAWellFormedFileFromMemoryDiskAndMapping) {
  const std::string bytes = FileBytesOf(kHeader, Buffer());
  CheckWellFormed(FromBytes(bytes), bytes.size());
  const TemporaryFile file(bytes);
  CheckWellFormed(ModelFile::Open(file.path(), true), bytes.size());
  ModelFile read = ModelFile::Open(file.path(), false);
  const TensorEntry* before = read.Find("b");
  const ModelFile moved = std::move(read);
  EXPECT_EQ(moved.Find("b"), before);
  CheckWellFormed(moved, bytes.size());
}

TEST(ModelFile, MemoryIsCopied) {
  std::string bytes = FileBytesOf(kHeader, Buffer());
  const ModelFile file = FromBytes(bytes);
  bytes.assign(bytes.size(), '\0');
  CheckWellFormed(file, bytes.size());
}

TEST(ModelFile, RefusesWhatCannotBeRead) {
  for (bool map : {false, true}) {
    Refusal refusal = RefusalOf([&] { ModelFile::Open("/no/such/file", map); });
    EXPECT_EQ(refusal.code, ErrorCode::kIo);
    EXPECT_NE(refusal.message.find("No such file"), std::string::npos) << refusal.message;
    refusal = RefusalOf([&] { ModelFile::Open(::testing::TempDir(), map); });
    EXPECT_EQ(refusal.code, ErrorCode::kIo);
    EXPECT_NE(refusal.message.find("not a regular file"), std::string::npos) << refusal.message;
    const TemporaryFile empty("");
    refusal = RefusalOf([&] { ModelFile::Open(empty.path(), map); });
    EXPECT_EQ(refusal.code, ErrorCode::kInvalidModel);
    EXPECT_NE(refusal.message.find("too short"), std::string::npos) << refusal.message;
  }
  EXPECT_EQ(RefusalOf([] { ModelFile::FromMemory(nullptr, 1); }).code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(RefusalOf([] { ModelFile::FromMemory(nullptr, 0); }).code, ErrorCode::kInvalidModel);
}

#if defined(__linux__)
// A file of the system's that says it has a page and ends before, as one that is cut short.
TEST(ModelFile, AFileThatEndsWhileItIsReadIsAnError) {
  const std::string path = "/sys/devices/system/cpu/online";
  std::ifstream file(path);
  const std::string content(std::istreambuf_iterator<char>(file), {});
  std::error_code error;
  const std::size_t size = std::filesystem::file_size(path, error);
  if (error || size <= content.size()) GTEST_SKIP() << "no file here does: NOT TESTED";
  const Refusal refusal = RefusalOf([&] { FileBytes::Read(path); });
  EXPECT_EQ(refusal.code, ErrorCode::kIo);
  EXPECT_NE(refusal.message.find(path + ": ended after " + std::to_string(content.size()) + " of " +
                                 std::to_string(size) + " bytes"),
            std::string::npos)
      << refusal.message;
  EXPECT_EQ(FileBytes::Read(path, false, content.size()).size(), content.size());
}
#endif

TEST(ModelFile, RefusesAHeaderLengthThatDoesNotFit) {
  ExpectRefused("1234567", "too short");
  std::string bytes = FileBytesOf(kHeader, Buffer());
  bytes[7] = '\x7f';
  ExpectRefused(bytes, "at most 100000000");
  bytes = FileBytesOf(kHeader, "");
  ExpectRefused(bytes.substr(0, bytes.size() - 1), "the file holds");
  std::string too_long("\x01\xe1\xf5\x05\0\0\0\0", 8);  // 100,000,001
  ExpectRefused(too_long, "100000001 bytes, at most 100000000");
  ExpectRefused(FileBytesOf("", ""), "not valid JSON at byte 0");
}

TEST(ModelFile, RefusesBrokenJsonAndTellsWhere) {
  const Refusal refusal = Refused(Replaced(R"("x":)", R"("x";)"));
  EXPECT_EQ(refusal.code, ErrorCode::kInvalidModel);
  const std::string header = kHeader;
  EXPECT_EQ(refusal.offset, 8 + header.find(R"("x":)") + 3);
  ExpectRefused(FileBytesOf("[1]", ""), "no JSON object");
  ExpectRefused(FileBytesOf("{} {}", ""), "not valid JSON");
  ExpectRefused(FileBytesOf(std::string("{}\0{}", 5), ""), "not valid JSON at byte 2");
  ExpectRefused(Replaced("肺", "\xe8\x82"), "not valid JSON");
  ExpectRefused(Replaced("肺", "\\ud800"), "not valid JSON");
  ExpectRefused(Replaced("[2,1]", "[1e999,1]"), "not valid JSON");
}

TEST(ModelFile, RefusesDuplicateKeysAtEveryLevel) {
  ExpectRefused(Replaced(R"("a":)", R"("b":)"), "duplicate key \"b\"");
  ExpectRefused(Replaced(R"("x":)", R"("format":)"), "duplicate key \"format\"");
  ExpectRefused(Replaced(R"("other":)", R"("shape":)"), "duplicate key \"shape\"");
  ExpectRefused(FileBytesOf(R"({"__metadata__":{},"__metadata__":{}})", ""), "duplicate key");
}

TEST(ModelFile, BoundsDepthAndNumberOfValues) {
  ExpectRefused(Replaced("[1]", std::string(15, '[') + std::string(15, ']')), "deeper than 16");
  EXPECT_EQ(Refused(Replaced("[1]", std::string(14, '[') + std::string(14, ']'))).message, "");
  ExpectRefused(Replaced("[1]", std::string(1'000'000, '[')), "deeper than 16");
  std::string many = "[0";
  for (int i = 0; i < 2'000'000; ++i) many += ",0";
  ExpectRefused(Replaced("[1]", many + "]"), "more than 2000000 JSON values");
}

TEST(ModelFile, RefusesADamagedTensor) {
  ExpectRefused(Replaced(R"("dtype":"F16","shape":[3])", R"("dtype":"F64","shape":[3])"),
                "tensor \"b\": dtype \"F64\"", ErrorCode::kUnsupportedModel);
  ExpectRefused(Replaced(R"("dtype":"F16","shape":[3],)", R"("shape":[3],)"), "dtype is missing");
  ExpectRefused(Replaced(R"("dtype":"F16","shape":[3])", R"("dtype":16,"shape":[3])"),
                "dtype is missing or no string");
  ExpectRefused(Replaced("[2,1]", "2"), "shape is missing or no array");
  ExpectRefused(Replaced("[2,1]", "[2,-1]"), "not a whole number");
  ExpectRefused(Replaced("[2,1]", "[2.0,1]"), "not a whole number");
  ExpectRefused(Replaced("[2,1]", "[1,1,1,1,1,1,1,1,2]"), "9 numbers, at most 8");
  ExpectRefused(Replaced("[2,1]", "[3,1]"), "need 12 bytes, data_offsets give 8");
  ExpectRefused(Replaced("[2,1]", "[9223372036854775808,2]"), "shape overflows");
  ExpectRefused(Replaced("[2,1]", "[4611686018427387904,1]"), "shape overflows");
  ExpectRefused(Replaced("[2,1]", "[18446744073709551616,1]"), "not a whole number");
  ExpectRefused(Replaced("[0,8]", "[0]"), "not two numbers");
  ExpectRefused(Replaced("[0,8]", "[8,0]"), "data_offsets [8, 0]");
  ExpectRefused(Replaced("[14,16]", "[14,18]"), "in a buffer of 16 bytes");
  ExpectRefused(FileBytesOf(R"({"t":3})", ""), "tensor \"t\": no JSON object");
}

TEST(ModelFile, RefusesHolesAndOverlaps) {
  const std::string hole =
      Replaced(R"("shape":[2,1],"data_offsets":[0,8])", R"("shape":[1,1],"data_offsets":[4,8])");
  ExpectRefused(hole, "begins at 4 in the buffer, the one before it ends at 0");
  const std::string overlap =
      Replaced(R"("shape":[3],"data_offsets":[8,14])", R"("shape":[4],"data_offsets":[6,14])");
  ExpectRefused(overlap, "tensor \"b\": begins at 6");
  EXPECT_EQ(Refused(overlap).offset, overlap.size() - kBuffer + 6);
  const std::string more = FileBytesOf(kHeader, Buffer() + "x");
  ExpectRefused(more, "the tensors end at 16 of 17");
  EXPECT_EQ(Refused(more).offset, more.size() - 1);
}

TEST(ModelFile, RefusesMetadataThatIsNotStrings) {
  ExpectRefused(Replaced(R"("x":"肺")", R"("x":["肺"])"), "value of \"x\" is no string");
  ExpectRefused(FileBytesOf(R"({"__metadata__":"x"})", ""), "__metadata__: no JSON object");
}

TEST(ModelFile, NamesInMessagesAreCutAndEscaped) {
  EXPECT_EQ(Quoted("肺"), "\"肺\"");
  EXPECT_EQ(Quoted("a\n\"\x7f\\"), R"("a\x0a\x22\x7f\x5c")");
  EXPECT_EQ(Quoted("\xe8\x82"), R"("\xe8\x82")");
  EXPECT_EQ(Quoted("\xc0\x80\xed\xa0\x80\xf5"), R"("\xc0\x80\xed\xa0\x80\xf5")");
  const std::string longest(80, 'x');
  EXPECT_EQ(Quoted(longest).substr(1), longest + "\"");
  EXPECT_EQ(Quoted(longest.substr(1) + "肺").substr(1), longest.substr(1) + "…\"");
  ExpectRefused(FileBytesOf("{\"\\u0007" + std::string(5'000, 'n') + "\":3}", ""), "\\x07nnn");
  EXPECT_LT(Refused(FileBytesOf("{\"" + std::string(5'000, 'n') + "\":3}", "")).message.size(),
            200u);
}

}  // namespace
}  // namespace radie
