// Linear layers and tables of packed files: what they compute, and what is refused.
#include "libradie/nn/stored_panels.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "libradie/kernels/packed_panels.h"
#include "libradie/model/file_writer.h"
#include "libradie/nn/embeddings.h"
#include "libradie/nn/tensor.h"
#include "radie/error.h"
#include "tests/nn/golden_encoder.h"

namespace radie {
namespace {

using kernels::KernelSet;
using kernels::PackedPanels;

constexpr std::size_t kOutputs = 37, kInputs = 50;
const std::vector<std::string> kScopes = {"s.query", "s.key"};

// Two layers, their weights packed by a kernel set, as the tensors of a packed file.
struct PackedFile {
  struct Tensor {
    DType dtype;
    std::vector<std::size_t> shape;
    std::vector<std::byte> bytes;
  };
  std::map<std::string, Tensor> tensors;
  PackedForm form;
  std::size_t shift = 0;  // bytes by which everything stands away from its place

  template <typename Element>
  void Add(const std::string& name, DType dtype, const std::vector<std::size_t>& shape,
           std::span<const Element> values) {
    const auto bytes = std::as_bytes(values);
    tensors[name] = {dtype, shape, {bytes.begin(), bytes.end()}};
  }

  PackedFile(const ModelFile& source, const KernelSet& set, DType dtype) {
    WeightSource weights(source);
    const auto linear = PackLayers(weights, {kScopes, kOutputs, kInputs, dtype}, set);
    const auto& packed = static_cast<const PackedPanels&>(*linear);
    const PanelLayout layout = *set.LayoutOf(dtype);
    form.precision = "any";
    form.layouts = {layout};
    Add("s.query_key.panels", dtype,
        {layout.Panels(2 * kOutputs), layout.Depth(kInputs) / layout.group, layout.width,
         layout.group},
        packed.panels());
    std::vector<float> sums;
    for (const std::int32_t sum : packed.sums()) sums.push_back(static_cast<float>(sum));
    for (std::size_t i = 0; i < 2; ++i) {
      const std::vector<float> bias = weights.GetFloats(kScopes[i] + ".bias", {kOutputs});
      Add<float>(kScopes[i] + ".bias", DType::kF32, {kOutputs}, bias);
      if (dtype != DType::kI8) continue;
      Add(kScopes[i] + ".weight_scale", DType::kF32, {kOutputs},
          packed.scales().subspan(i * kOutputs, kOutputs));
    }
    if (dtype == DType::kI8) {
      Add<float>("s.query_key.sums", DType::kF32, {2 * kOutputs}, sums);
    }
  }

  ModelFile Build() const {
    std::vector<TensorToWrite> all;
    const std::vector<std::byte> before(shift);
    if (shift != 0) all.push_back({PaddingName(9), DType::kI8, {shift}, before});
    for (const auto& [name, tensor] : tensors) {
      all.push_back({name, tensor.dtype, tensor.shape, tensor.bytes});
    }
    const std::size_t aligned = shift == 0 ? all.size() : 0;
    const std::string bytes = WriteModelFile({{kPackedKey, PackedFormText(form)}}, all, aligned);
    return ModelFile::FromMemory(bytes.data(), bytes.size());
  }
};

ModelFile Source() {
  std::mt19937 random(11);
  std::normal_distribution<float> draw;
  SafetensorsBuilder builder;
  for (const std::string& scope : kScopes) {
    std::vector<float> weights(kOutputs * kInputs), bias(kOutputs);
    for (float& value : weights) value = draw(random);
    for (float& value : bias) value = draw(random);
    builder.Add(scope + ".weight", {kOutputs, kInputs}, weights);
    builder.Add(scope + ".bias", {kOutputs}, bias);
  }
  return builder.Build();
}

Tensor Forward(const Linear& linear, const KernelSet& set) {
  Tensor x(4, kInputs), y(4, 2 * kOutputs);
  for (std::size_t i = 0; i < 4 * kInputs; ++i) x.view().data[i] = static_cast<float>(i % 13) - 6;
  if (linear.prepared_bytes() == 0) {
    linear.Forward(x.view(), Activation::kNone, y.view());
    return y;
  }
  const AlignedBuffer prepared(linear.prepared_bytes() * x.rows());
  linear.Prepare(x.view(), prepared.data());
  set.Linear(linear.packed(), {prepared.data(), x.rows(), kInputs, linear.prepared_bytes()},
             Activation::kNone, y.view());
  return y;
}

struct Case {
  const KernelSet* set;
  DType dtype;
};

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (const KernelSet* set : kernels::AvailableKernelSets()) {
    for (const DType dtype : {DType::kF32, DType::kF16, DType::kBF16, DType::kI8}) {
      if (set->LayoutOf(dtype)) cases.push_back({set, dtype});
    }
  }
  return cases;
}

class PackedLayer : public testing::TestWithParam<Case> {
 protected:
  const KernelSet& set() const { return *GetParam().set; }
  DType dtype() const { return GetParam().dtype; }
  Arithmetic arithmetic() const { return {set(), dtype()}; }
  PackedFile File() const { return PackedFile(source_, set(), dtype()); }

  // The message of the refusal; empty when there is none.
  std::string Refusal(const std::function<void(PackedFile&)>& change,
                      const std::optional<Arithmetic>& other = {},
                      ErrorCode code = ErrorCode::kInvalidModel) const {
    PackedFile file = File();
    change(file);
    const ModelFile built = file.Build();
    try {
      WeightSource weights(built);
      const Linear linear(weights, kScopes, kOutputs, kInputs, other ? *other : arithmetic());
      Forward(linear, set());  // whatever the bytes are, nothing outside of them is read
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      return error.what();
    }
    return "";
  }

  const ModelFile source_ = Source();
};

TEST_P(PackedLayer, ComputesWhatTheMatricesDo) {
  WeightSource plain(source_);
  const Linear expected(plain, kScopes, kOutputs, kInputs, arithmetic());
  const Tensor y = Forward(expected, set());
  for (const std::size_t shift : {0, 3, 8}) {
    PackedFile file = File();
    file.shift = shift;
    std::optional<ModelFile> built = file.Build();
    WeightSource weights(*built);
    const Linear linear(weights, kScopes, kOutputs, kInputs, arithmetic());
    weights.RequireAllUsed();
    const std::byte* const panels =
        static_cast<const PackedPanels&>(linear.packed()).panels().data();
    EXPECT_EQ(panels == built->Find("s.query_key.panels")->data, shift == 0);
    const auto memory = built->memory();
    built.reset();
    const Tensor z = Forward(linear, set());
    EXPECT_EQ(std::memcmp(y.view().data, z.view().data, 4 * 2 * kOutputs * sizeof(float)), 0);
  }
}

TEST_P(PackedLayer, WhatIsMissingOrOfAnotherSizeIsNamed) {
  for (const char* name : {"s.query_key.panels", "s.key.bias"}) {
    EXPECT_NE(Refusal([&](PackedFile& file) { file.tensors.erase(name); }).find(name),
              std::string::npos);
  }
  for (std::size_t i = 0; i < 4; ++i) {
    const std::string message = Refusal([&](PackedFile& file) {
      PackedFile::Tensor& panels = file.tensors.at("s.query_key.panels");
      const std::size_t extent = panels.shape[i]++;
      panels.bytes.resize(panels.bytes.size() / extent * (extent + 1));
    });
    EXPECT_NE(message.find("s.query_key.panels\": expected shape ["), std::string::npos) << message;
  }
  EXPECT_NE(Refusal([](PackedFile& file) {
              PackedFile::Tensor& panels = file.tensors.at("s.query_key.panels");
              panels.shape = {panels.bytes.size() / ElementBytes(panels.dtype)};
            }).find("expected shape ["),
            std::string::npos);
}

TEST_P(PackedLayer, OtherLayoutsAndTypesAreRefused) {
  const auto nothing = [](PackedFile&) {};
  const auto invalid = ErrorCode::kInvalidArgument;
  const auto relaid = [&](const std::function<void(PanelLayout&)>& change) {
    return Refusal([&](PackedFile& file) { change(file.form.layouts[0]); }, {}, invalid);
  };
  EXPECT_NE(relaid([](PanelLayout& layout) { layout.width *= 2; }), "");
  EXPECT_NE(relaid([](PanelLayout& layout) { layout.group *= 2; }), "");
  EXPECT_NE(relaid([](PanelLayout& layout) { layout.depth_unit *= 2; }), "");
  EXPECT_NE(relaid([](PanelLayout& layout) { layout.quad_limit += 1; }), "");
  const DType other = dtype() == DType::kF32 ? DType::kF16 : DType::kF32;
  EXPECT_NE(Refusal(nothing, Arithmetic(set(), other), invalid).find("LoadOptions.precision"),
            std::string::npos);
  EXPECT_EQ(Refusal(nothing, Arithmetic(set())), "");
  const kernels::KernelSet& portable = *kernels::FindKernelSet("portable");
  EXPECT_NE(Refusal(nothing, Arithmetic(portable), invalid), "");
  EXPECT_NE(Refusal([&](PackedFile& file) {
              file.form.layouts[0].dtype = other;
            }).find("packed.layouts has none"),
            std::string::npos);
  // The heads are fp32 or fp16.
  const bool floats = dtype() == DType::kF32 || dtype() == DType::kF16;
  EXPECT_EQ(Refusal(nothing, Arithmetic(set(), {}, Arithmetic::Inputs::kFloats)).empty(), floats);
}

TEST_P(PackedLayer, SumsOfInt8AreWhatSumsCanBe) {
  if (dtype() != DType::kI8) return;
  const auto with = [&](float value) {
    return Refusal([&](PackedFile& file) {
      std::memcpy(file.tensors.at("s.query_key.sums").bytes.data() + 8, &value, sizeof value);
    });
  };
  EXPECT_EQ(with(-128.0f * kInputs), "");
  EXPECT_EQ(with(128.0f * kInputs), "");
  for (const float bad : {128.0f * kInputs + 1, -1e30f, 0.5f, INFINITY, NAN}) {
    EXPECT_NE(with(bad).find("s.query_key.sums"), std::string::npos) << bad;
  }
  const auto without = [&](const char* name) {
    return Refusal([&](PackedFile& file) { file.tensors.erase(name); });
  };
  EXPECT_NE(without("s.query_key.sums").find("is missing"), std::string::npos);
  EXPECT_NE(without("s.key.weight_scale").find("is missing"), std::string::npos);
}

TEST_P(PackedLayer, AnyBytesInPanelsAreReadWithinThem) {
  std::mt19937 random(3);
  for (int round = 0; round < 5; ++round) {
    Refusal([&](PackedFile& file) {
      for (std::byte& byte : file.tensors.at("s.query_key.panels").bytes) {
        byte = static_cast<std::byte>(random());
      }
    });
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PackedLayer);  // no set packs there
INSTANTIATE_TEST_SUITE_P(Kernels, PackedLayer, testing::ValuesIn(Cases()), [](const auto& info) {
  return std::string(info.param.set->name()) + "_" + std::string(DTypeName(info.param.dtype));
});

TEST(EmbeddingTable, OfAPackedFileIsReadWhereItIs) {
  const float table[] = {1, 2, 3, 4, 5, 6};
  for (const std::size_t shift : {0, 2}) {
    const std::vector<std::byte> before(shift);
    std::vector<TensorToWrite> tensors;
    if (shift != 0) tensors.push_back({PaddingName(0), DType::kI8, {shift}, before});
    tensors.push_back({"t", DType::kF32, {3, 2}, std::as_bytes(std::span(table))});
    PackedForm form;
    form.layouts = {{DType::kF32, 8, 1, 1}};
    const std::string bytes = WriteModelFile({{kPackedKey, PackedFormText(form)}}, tensors, 0);
    const ModelFile file = ModelFile::FromMemory(bytes.data(), bytes.size());
    WeightSource weights(file);
    const EmbeddingTable words(weights, "t", 3, 2);
    float row[2];
    words.Copy(2, row);
    words.Add(0, row);
    EXPECT_EQ(row[0], 6);
    EXPECT_EQ(row[1], 8);
    // Seen only by who reads it there: with shift 2 it lies aligned to no float, and was copied.
    const float seven = 7;
    std::memcpy(const_cast<std::byte*>(file.Find("t")->data) + 16, &seven, sizeof seven);
    words.Copy(2, row);
    EXPECT_EQ(row[0], shift == 0 ? 7 : 5);
    EXPECT_THROW(EmbeddingTable(weights, "t", 3, 3), Error);
  }
}

// Of each type that a table may be stored in; I8 is none.
TEST(EmbeddingTable, WidensWhatIsStored) {
  const float floats[] = {1.5f, -2, 0.25f, 3};
  const std::uint16_t halves[] = {0x3E00, 0xC000, 0x3400, 0x4200};
  const std::uint16_t bfloats[] = {0x3FC0, 0xC000, 0x3E80, 0x4040};
  const std::uint8_t bytes_[] = {1, 2, 3, 4};
  const auto file_of = [](DType dtype, std::span<const std::byte> data) {
    return WriteModelFile({}, std::vector<TensorToWrite>{{"t", dtype, {2, 2}, data}}, 0);
  };
  for (const std::string& bytes : {file_of(DType::kF32, std::as_bytes(std::span(floats))),
                                   file_of(DType::kF16, std::as_bytes(std::span(halves))),
                                   file_of(DType::kBF16, std::as_bytes(std::span(bfloats)))}) {
    const ModelFile file = ModelFile::FromMemory(bytes.data(), bytes.size());
    WeightSource weights(file);
    const EmbeddingTable table(weights, "t", 2, 2);
    float row[2];
    table.Copy(0, row);
    EXPECT_EQ(std::vector(row, row + 2), (std::vector<float>{1.5f, -2}));
    table.Add(1, row);
    EXPECT_EQ(std::vector(row, row + 2), (std::vector<float>{1.75f, 1}));
  }
  const std::string bytes = file_of(DType::kI8, std::as_bytes(std::span(bytes_)));
  const ModelFile file = ModelFile::FromMemory(bytes.data(), bytes.size());
  WeightSource weights(file);
  EXPECT_THROW(EmbeddingTable(weights, "t", 2, 2), Error);
}

}  // namespace
}  // namespace radie
