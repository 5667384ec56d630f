// The metadata of packed files, and files put together in memory.
#include "libradie/model/packed_form.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "libradie/model/file_writer.h"
#include "libradie/model/weights.h"
#include "model_bytes.h"

namespace radie {
namespace {

using testing::FromBytes;
using testing::Json;
using testing::MetadataFile;

PackedForm SomeForm() {
  PackedForm form;
  form.precision = "int8";
  form.layouts = {{DType::kI8, 32, 4, 64, 258}, {DType::kF32, 32, 1, 1}};
  form.parameters = 1'000'000'007;
  form.source_sha256 = std::string(64, 'a');
  return form;
}

// A file whose `packed` is that of SomeForm with one member changed.
ModelFile FileWith(const std::string& key, const Json& value) {
  Json packed = Json::parse(PackedFormText(SomeForm()));
  if (!key.empty()) packed[key] = value;
  return FromBytes(MetadataFile({{"packed", packed.dump()}}));
}

TEST(PackedForm, IsReadAsItIsWritten) {
  const auto form = ParsePackedForm(FileWith("", {}));
  ASSERT_TRUE(form);
  const PackedForm expected = SomeForm();
  EXPECT_EQ(form->precision, expected.precision);
  EXPECT_EQ(form->layouts, expected.layouts);
  EXPECT_EQ(form->parameters, expected.parameters);
  EXPECT_EQ(form->source_sha256, expected.source_sha256);
  EXPECT_EQ(form->Find(DType::kI8)->group, 4U);
  EXPECT_EQ(form->Find(DType::kF16), nullptr);
  EXPECT_FALSE(ParsePackedForm(FromBytes(MetadataFile({{"format", "radie"}}))));
}

TEST(PackedForm, WhatItCannotBeIsRefusedByName) {
  const Json layout = {{"dtype", "F32"}, {"width", 32}, {"group", 1}, {"depth_unit", 1}};
  const auto with = [&](const char* key, const Json& value) {
    Json changed = layout;
    changed[key] = value;
    return Json::array({changed});
  };
  struct Case {
    const char* key;
    Json value;
    ErrorCode code;
    const char* part;
  };
  const Case cases[] = {
      {"version", 2, ErrorCode::kUnsupportedModel, "packed.version"},
      {"version", "1", ErrorCode::kInvalidModel, "packed.version"},
      {"byte_order", "big", ErrorCode::kUnsupportedModel, "packed.byte_order"},
      {"precision", 8, ErrorCode::kInvalidModel, "packed.precision"},
      {"layouts", Json::array(), ErrorCode::kInvalidModel, "packed.layouts"},
      {"layouts", Json::array({layout, layout}), ErrorCode::kInvalidModel, "two of one dtype"},
      {"layouts", Json::array({layout, layout, layout, layout, layout}),
       ErrorCode::kUnsupportedModel, "packed.layouts"},
      {"layouts", with("dtype", "F64"), ErrorCode::kUnsupportedModel, "dtype"},
      {"layouts", with("width", 0), ErrorCode::kInvalidModel, "width"},
      {"layouts", with("width", 1'000'000), ErrorCode::kUnsupportedModel, "width"},
      {"layouts", with("group", -1), ErrorCode::kInvalidModel, "group"},
      {"layouts", with("depth_unit", 0), ErrorCode::kInvalidModel, "depth_unit"},
      {"layouts", with("quad_limit", 0), ErrorCode::kInvalidModel, "quad_limit"},
      {"layouts", with("quad_limit", "258"), ErrorCode::kInvalidModel, "quad_limit"},
      {"parameters", 1.5, ErrorCode::kInvalidModel, "packed.parameters"}};
  for (const Case& c : cases) {
    const Refusal refusal = RefusalOf([&] { ParsePackedForm(FileWith(c.key, c.value)); });
    EXPECT_EQ(refusal.code, c.code) << c.key << c.value << refusal.message;
    EXPECT_NE(refusal.message.find(c.part), std::string::npos) << refusal.message;
  }
  const ModelFile broken = FromBytes(MetadataFile({{"packed", "{"}}));
  EXPECT_EQ(RefusalOf([&] { WeightSource weights(broken); }).code, ErrorCode::kInvalidModel);
}

TEST(PackedForm, NamesAreThoseOfTheLayers) {
  EXPECT_EQ(PanelsName({"e.classifier"}), "e.classifier.panels");
  EXPECT_EQ(PanelsName({"a.b.query", "a.b.key", "a.b.value"}), "a.b.query_key_value.panels");
  EXPECT_EQ(SumsName({"x", "y"}), "x_y.sums");
}

std::string Written(std::size_t aligned) {
  static const std::string odd(37, 'o'), even(128, 'e'), tail(6, 't');
  const auto bytes = [](const std::string& text) {
    return std::as_bytes(std::span(text.data(), text.size()));
  };
  const TensorToWrite tensors[] = {{"odd", DType::kI8, {37}, bytes(odd)},
                                   {"even", DType::kF32, {4, 8}, bytes(even)},
                                   {"tail", DType::kF16, {3}, bytes(tail)},
                                   {"last", DType::kF16, {0}, {}}};
  return WriteModelFile({{"format", "radie"}, {"tensors_sha256", "old"}}, tensors, aligned);
}

TEST(FileWriter, AlignsWhatIsToBeAlignedAndLeavesNoHole) {
  for (const std::size_t aligned : {0, 1, 2, 3, 4}) {
    const std::string bytes = Written(aligned);
    const ModelFile file = FromBytes(bytes);  // refuses holes and overlaps
    const std::byte* const begin = file.tensors().front().data;
    std::size_t paddings = 0, number = 0;
    for (const TensorEntry& tensor : file.tensors()) {
      if (IsPadding(tensor.name)) {
        ++paddings;
        continue;
      }
      if (number++ < aligned) {
        EXPECT_EQ((tensor.data - begin) % 64, 0) << tensor.name;
      }
    }
    // "odd" is followed by one where "even" is aligned, "tail" where "last" is.
    EXPECT_EQ(paddings, (aligned >= 2 ? 1U : 0U) + (aligned >= 4 ? 1U : 0U));
    EXPECT_EQ((bytes.size() - (file.Find("last")->data - begin)) % 64, 0U);  // so is the buffer
    EXPECT_EQ(file.metadata().at("tensors_sha256"), file.TensorsSha256());
    EXPECT_EQ(std::to_integer<char>(file.Find("tail")->data[5]), 't');
  }
}

TEST(WeightSource, TakesPaddingInPackedFilesOnly) {
  std::string bytes = Written(2);
  const auto unused = [](const std::string& all) {
    const ModelFile file = FromBytes(all);
    WeightSource weights(file);
    for (const char* name : {"odd", "even", "tail", "last"}) {
      const TensorEntry& tensor = weights.Require(name);
      if (tensor.shape.size() == 2) {
        weights.GetUnread(name, {tensor.shape[0], tensor.shape[1]});
      } else {
        weights.GetUnread(name, {tensor.shape[0]});
      }
    }
    return RefusalOf([&] { weights.RequireAllUsed(); }).message;
  };
  EXPECT_NE(unused(bytes).find("packed.padding.0"), std::string::npos);
  const std::string before = R"("format":"radie")";
  // The same length, so that the header's stays right.
  const Json packed = PackedFormText(SomeForm());
  std::string header = bytes.substr(8, bytes.find("}}") + 2 - 8);
  const std::size_t at = header.find(before);
  ASSERT_NE(at, std::string::npos);
  header.insert(at, "\"packed\":" + packed.dump() + ",");
  const std::string rest = bytes.substr(bytes.size() - FromBytes(bytes).tensors().back().bytes);
  const ModelFile original = FromBytes(bytes);
  std::string buffer;
  for (const TensorEntry& tensor : original.tensors()) {
    buffer.append(reinterpret_cast<const char*>(tensor.data), tensor.bytes);
  }
  EXPECT_EQ(unused(testing::FileBytesOf(header, buffer)), "");
}

class ModelOnDisk : public ::testing::Test {
 protected:
  void Write(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }
  ~ModelOnDisk() override { std::filesystem::remove(path_); }

  const std::string path_ =
      (std::filesystem::temp_directory_path() /
       ("radie_packed_form_" +
        std::string(::testing::UnitTest::GetInstance()->current_test_info()->name())))
          .string();
};

TEST_F(ModelOnDisk, IsTheSameHoweverItIsOpened) {
  for (const bool packed : {false, true}) {
    std::string text = R"({"w":{"dtype":"I8","shape":[3],"data_offsets":[0,3]})";
    if (packed) text += R"(,"__metadata__":{"packed":"{}"})";
    Write(testing::FileBytesOf(text + "}", "abc"));
    for (const std::optional<bool> map : {std::optional<bool>(), {true}, {false}}) {
      std::shared_ptr<const void> memory;
      const std::byte* data = nullptr;
      {
        const ModelFile file = ModelFile::Open(path_, map);
        memory = file.memory();
        data = file.Find("w")->data;
        file.DropPages(*file.Find("w"));
        EXPECT_EQ(file.TensorsSha256(),
                  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
      }
      EXPECT_EQ(std::string(reinterpret_cast<const char*>(data), 3), "abc");
      // Without a word on it a packed file is mapped, any other is not: only a mapping sees a
      // write.
      std::fstream change(path_, std::ios::binary | std::ios::in | std::ios::out);
      change.seekp(-1, std::ios::end);
      change << 'x' << std::flush;
      EXPECT_EQ(std::to_integer<char>(data[2]), map.value_or(packed) ? 'x' : 'c');
      change.seekp(-1, std::ios::end);
      change << 'c' << std::flush;
    }
  }
}

}  // namespace
}  // namespace radie
