// PackModel: a packed model computes what its source does, bit for bit; what does not fit is
// refused with what to do.
#include "radie/pack.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "radie/encoder.h"
#include "radie/extractor.h"
#include "radie/model.h"
#include "radie/writer.h"
#include "tests/extract/every_arithmetic.h"
#include "tests/refusal.h"

namespace radie {
namespace {

constexpr char kDemo[] = RADIE_SOURCE_DIR "/weights_converter/demo/demo.radie";
const std::string kText =
    "右肺上葉に12mm大の結節を認めます。前回より増大。\n原発性肺癌を疑います。";

std::string Golden(const std::string& name) {
  return RADIE_SOURCE_DIR "/tests/golden/" + name + ".radie";
}

bool Packs(const LoadOptions& options) {
  return options.isa != Isa::kPortable && options.isa != Isa::kOpenBlas;
}

std::vector<LoadOptions> EveryPackedArithmetic() {
  std::vector<LoadOptions> all;
  for (const LoadOptions& options : EveryArithmetic()) {
    if (Packs(options)) all.push_back(options);
  }
  return all;
}

std::shared_ptr<const Model> FromBytes(const std::string& bytes, const LoadOptions& options = {}) {
  return Model::LoadFromMemory(bytes.data(), bytes.size(), options);
}

// All that the stages of a model say, to the last bit.
std::string ResultsOf(const std::shared_ptr<const Model>& model) {
  if (model->has_stage(Stage::kEncoder)) {
    const std::vector<std::int32_t> ids = {1, 2, 3, 0, 2};
    const std::vector<std::size_t> lengths = {3, 2};
    const auto states = Encoder(model, Stage::kEncoder, 1).Encode({ids, lengths, {}}).states;
    return std::string(reinterpret_cast<const char*>(states.data()), states.size() * sizeof(float));
  }
  const Extractor extractor(model, {.threads = 1});
  const bool tags = model->has_stage(Stage::kEntities),
             relates = model->has_stage(Stage::kRelations);
  if (tags && relates) return ToJson("r", kText, extractor.Extract(kText));
  if (tags) return ToJson("r", kText, extractor.Tag(kText));
  std::vector<EntityMention> mentions;
  const auto& types = model->info().schema.entity_types;
  for (std::size_t i = 0; i < 6; ++i) {
    mentions.push_back({types[i % types.size()].name, {6 * i, 6 * i + 6}});
  }
  return ToJson("r", kText, extractor.Relate(kText, mentions));
}

class PackedModel : public testing::TestWithParam<LoadOptions> {};

TEST_P(PackedModel, ExtractsWhatItsSourceDoes) {
  const std::string expected = ResultsOf(Model::Load(kDemo, GetParam()));
  const std::string packed = PackModel(kDemo, GetParam());
  const auto model = FromBytes(packed, GetParam());
  EXPECT_EQ(ResultsOf(model), expected);
  EXPECT_EQ(model->info().parameters, Model::Load(kDemo)->info().parameters);
  EXPECT_EQ(model->info().stages.front().precision, PrecisionName(GetParam().precision));
  // The kernel set alone: the precision is the file's.
  LoadOptions same_set;
  same_set.isa = GetParam().isa;
  EXPECT_EQ(ResultsOf(FromBytes(packed, same_set)), expected);
  // Nothing: the best one that reads it, perhaps another one of the same layout.
  EXPECT_EQ(FromBytes(packed)->info().stages.front().precision,
            PrecisionName(GetParam().precision));
}

TEST_P(PackedModel, IsTheSameBytesWhateverTheThreads) {
  LoadOptions options = GetParam();
  options.threads = 1;
  const std::string alone = PackModel(kDemo, options);
  options.threads = 3;
  EXPECT_EQ(PackModel(kDemo, options), alone);
}

INSTANTIATE_TEST_SUITE_P(Every, PackedModel, testing::ValuesIn(EveryPackedArithmetic()),
                         NameOfArithmetic);

bool AnyPacks() { return !EveryPackedArithmetic().empty(); }

class PackedGolden : public testing::TestWithParam<const char*> {};

TEST_P(PackedGolden, ComputesWhatItsSourceDoes) {
  if (!AnyPacks()) GTEST_SKIP() << "no kernel set here packs: NOT TESTED";
  for (const Precision precision : {Precision::kAuto, Precision::kInt8}) {
    LoadOptions options;
    options.precision = precision;
    EXPECT_EQ(ResultsOf(FromBytes(PackModel(Golden(GetParam()), options))),
              ResultsOf(Model::Load(Golden(GetParam()), options)));
  }
}

INSTANTIATE_TEST_SUITE_P(Models, PackedGolden,
                         testing::Values("tagger_crf", "tagger_softmax", "encoder_electra",
                                         "encoder_electra_fp16", "encoder_h7_heads7",
                                         "encoder_h36_heads3", "encoder_roformer_h20_heads2",
                                         "relation_pair_both_concat",
                                         "relation_levitated_start_concat_linear",
                                         "relation_shared_mention_cls_concat_r_bert",
                                         "relation_pair_start_concat_linear"),
                         [](const auto& info) { return std::string(info.param); });

class PackedFile : public testing::Test {
 protected:
  void SetUp() override {
    if (!AnyPacks()) GTEST_SKIP() << "no kernel set here packs: NOT TESTED";
  }
  ~PackedFile() override { std::filesystem::remove(path_); }

  const std::string path_ =
      (std::filesystem::temp_directory_path() /
       ("radie_pack_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) +
        ".radie"))
          .string();
};

TEST_F(PackedFile, IsUsedAfterItsNameIsGoneMappedOrRead) {
  const std::string expected = ResultsOf(Model::Load(kDemo));
  const std::string packed = PackModel(kDemo);
  EXPECT_EQ(PackModel(kDemo), packed);  // deterministic
  for (const std::optional<bool> map : {std::optional<bool>(), {true}, {false}}) {
    std::ofstream(path_, std::ios::binary) << packed;
    LoadOptions options;
    options.map_file = map;
    options.verify_tensors = true;
    const auto model = Model::Load(path_, options);
#if !defined(_WIN32)  // where what is mapped keeps its name
    std::filesystem::remove(path_);
#endif
    EXPECT_EQ(ResultsOf(model), expected);
  }
}

TEST_F(PackedFile, TellsWhatItIsPackedFor) {
  LoadOptions options;
  options.precision = Precision::kInt8;
  const auto model = FromBytes(PackModel(kDemo, options));
  EXPECT_NE(model->info().packed.find("int8 (I8 in panels of "), std::string::npos);
  EXPECT_NE(model->info().packed.find(IsaName(AvailableIsas().front())), std::string::npos)
      << model->info().packed;
  EXPECT_EQ(model->info().name, Model::Load(kDemo)->info().name);
  EXPECT_EQ(Model::Load(kDemo)->info().packed, "");
}

TEST_F(PackedFile, DamageIsFoundWhenAskedFor) {
  std::string packed = PackModel(kDemo);
  packed[packed.size() / 2] ^= 1;
  LoadOptions options;
  options.verify_tensors = true;
  EXPECT_NO_THROW(FromBytes(packed));
  const Refusal refusal = RefusalOf([&] { FromBytes(packed, options); });
  EXPECT_EQ(refusal.code, ErrorCode::kInvalidModel);
  EXPECT_NE(refusal.message.find("damaged"), std::string::npos);
}

TEST_F(PackedFile, OtherPrecisionsAndKernelSetsAreRefusedWithWhatToDo) {
  for (const LoadOptions& made_for : EveryPackedArithmetic()) {
    const std::string packed = PackModel(Golden("tagger_crf"), made_for);
    for (const LoadOptions& options : EveryArithmetic()) {
      const Refusal refusal = RefusalOf([&] { FromBytes(packed, options); });
      if (options.precision != made_for.precision) {
        EXPECT_EQ(refusal.code, ErrorCode::kInvalidArgument);
        EXPECT_NE(refusal.message.find("LoadOptions.precision"), std::string::npos);
        EXPECT_NE(refusal.message.find(PrecisionName(made_for.precision)), std::string::npos);
      } else if (!refusal.message.empty()) {
        EXPECT_NE(options.isa, made_for.isa);
        EXPECT_EQ(refusal.code, ErrorCode::kInvalidArgument);
        EXPECT_NE(refusal.message.find("LoadOptions.isa"), std::string::npos);
        EXPECT_NE(refusal.message.find(IsaName(made_for.isa)), std::string::npos);
      } else {
        EXPECT_TRUE(Packs(options));
      }
    }
  }
}

TEST_F(PackedFile, SetsOfOneLayoutReadOneFile) {
  if (!IsaFromName("avx512_vnni") || AvailableIsas().front() != Isa::kAmx) {
    GTEST_SKIP() << "needs AMX: NOT TESTED";
  }
  const LoadOptions vnni = {.isa = Isa::kAvx512Vnni, .precision = Precision::kInt8};
  const LoadOptions amx = {.isa = Isa::kAmx, .precision = Precision::kInt8};
  EXPECT_EQ(PackModel(kDemo, vnni), PackModel(kDemo, amx));
  EXPECT_EQ(ResultsOf(FromBytes(PackModel(kDemo, vnni), amx)), ResultsOf(Model::Load(kDemo, amx)));
}

TEST_F(PackedFile, OnlyWhatCanBePackedIs) {
  for (const Isa isa : AvailableIsas()) {
    const LoadOptions options = {.isa = isa};
    const Refusal refusal = RefusalOf([&] { PackModel(Golden("tagger_crf"), options); });
    EXPECT_EQ(refusal.message.empty(), Packs(options));
    if (refusal.message.empty()) continue;
    EXPECT_EQ(refusal.code, ErrorCode::kInvalidArgument);
    EXPECT_NE(refusal.message.find(IsaName(isa)), std::string::npos);
  }
  std::ofstream(path_, std::ios::binary) << PackModel(Golden("tagger_crf"));
  const Refusal again = RefusalOf([&] { PackModel(path_); });
  EXPECT_EQ(again.code, ErrorCode::kInvalidArgument);
  EXPECT_NE(again.message.find("packed already"), std::string::npos);
  EXPECT_EQ(RefusalOf([] { PackModel("/no/such/file"); }).code, ErrorCode::kIo);
}

// A layout that no kernel set has, of the same length in the file.
TEST_F(PackedFile, OfAnotherWorldIsUnsupported) {
  std::string packed = PackModel(Golden("tagger_crf"));
  const std::string width = "\\\"width\\\":";
  for (std::size_t at = 0; (at = packed.find(width, at)) != std::string::npos; ++at) {
    packed[at + width.size()] = '9';
  }
  const Refusal refusal = RefusalOf([&] { FromBytes(packed); });
  EXPECT_EQ(refusal.code, ErrorCode::kUnsupportedModel);
  EXPECT_NE(refusal.message.find("no kernel set of this build reads"), std::string::npos)
      << refusal.message;
  EXPECT_NE(refusal.message.find("load the file that was packed"), std::string::npos);
}

// Refused, or a model whose results are computed without leaving its bytes; what is not finite is
// the reports' error.
bool Survives(const std::string& bytes) {
  std::shared_ptr<const Model> model;
  try {
    model = FromBytes(bytes);
  } catch (const Error& error) {
    EXPECT_STRNE(error.what(), "");
    return false;
  }
  try {
    ResultsOf(model);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidModel) << error.what();
  }
  return true;
}

class HostilePackedFile : public testing::TestWithParam<Precision> {
 protected:
  void SetUp() override {
    if (!AnyPacks()) GTEST_SKIP() << "no kernel set here packs: NOT TESTED";
    LoadOptions options;
    options.precision = GetParam();
    bytes_ = PackModel(Golden("tagger_crf"), options);
  }
  std::string bytes_;
};

TEST_P(HostilePackedFile, EveryTruncationIsRefused) {
  for (std::size_t size = 0; size < bytes_.size(); size += size < 8000 ? 7 : 61) {
    EXPECT_FALSE(Survives(bytes_.substr(0, size))) << size;
  }
}

TEST_P(HostilePackedFile, RandomBytesAreRefusedOrHarmless) {
  std::mt19937 random(23);
  std::size_t accepted = 0;
  constexpr std::size_t kRounds = 1500;
  for (std::size_t i = 0; i < kRounds; ++i) {
    std::string damaged = bytes_;
    for (std::size_t flips = 1 + random() % 3; flips > 0; --flips) {
      const std::size_t range = random() % 2 == 0 ? damaged.size() : damaged.size() / 8;
      damaged[random() % range] = static_cast<char>(random());
    }
    accepted += Survives(damaged);
  }
  EXPECT_GT(accepted, 0U);
  EXPECT_LT(accepted, kRounds);
}

TEST_P(HostilePackedFile, TensorsOfOtherShapesAreRefused) {
  std::uint64_t size = 0;
  std::memcpy(&size, bytes_.data(), 8);
  const auto header = nlohmann::ordered_json::parse(bytes_.substr(8, size));
  std::size_t refused = 0, tensors = 0;
  for (const auto& [name, facts] : header.items()) {
    if (name == "__metadata__" || name.starts_with("packed.padding")) continue;
    auto changed = header;
    auto& shape = changed[name]["shape"];
    ++tensors;
    if (shape.size() < 2) {
      shape = {1, shape[0]};  // as many values, one dimension more
    } else {
      shape = {shape[1], shape[0]};
      std::size_t count = 1;
      for (const auto& extent : facts["shape"]) count *= extent.get<std::size_t>();
      const std::size_t two = shape[0].get<std::size_t>() * shape[1].get<std::size_t>();
      shape.push_back(count / two);
    }
    std::string text = changed.dump();
    std::string bytes(8, '\0');
    const std::uint64_t length = text.size();
    std::memcpy(bytes.data(), &length, 8);
    refused += !Survives(bytes + text + bytes_.substr(8 + size));
  }
  EXPECT_EQ(refused, tensors);
  EXPECT_GT(tensors, 10U);
}

INSTANTIATE_TEST_SUITE_P(Packed, HostilePackedFile,
                         testing::Values(Precision::kFloat32, Precision::kFloat16,
                                         Precision::kInt8),
                         [](const auto& info) { return std::string(PrecisionName(info.param)); });

}  // namespace
}  // namespace radie
