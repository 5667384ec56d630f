// What the kernel tests share: random matrices that begin anywhere and have gaps between rows, and
// bitwise comparison.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <new>
#include <random>
#include <string>
#include <vector>

#include "libradie/base/aligned_buffer.h"
#include "libradie/base/half.h"
#include "libradie/kernels/kernels.h"
#include "libradie/kernels/matrix_view.h"

namespace radie::kernels {

// A matrix whose first element lies `misalignment` floats past a vector's start and whose rows have
// `gap` floats between them. The gaps hold a marker, so that a write past a row's end is found.
class TestMatrix {
 public:
  static constexpr float kMarker = 1234.5f;

  TestMatrix(std::size_t rows, std::size_t cols, std::size_t misalignment = 0, std::size_t gap = 0)
      : values_(misalignment + rows * (cols + gap) + 16, kMarker),
        rows_(rows),
        cols_(cols),
        offset_(misalignment),
        stride_(cols + gap) {}

  TestMatrix& Fill(std::mt19937& random, float spread = 1.0f) {
    std::normal_distribution<float> draw(0.0f, spread);
    for (std::size_t r = 0; r < rows_; ++r) {
      for (std::size_t c = 0; c < cols_; ++c) view().row(r)[c] = draw(random);
    }
    return *this;
  }

  TestMatrix& CopyFrom(ConstMatrixView other) {
    for (std::size_t r = 0; r < rows_; ++r) {
      for (std::size_t c = 0; c < cols_; ++c) view().row(r)[c] = other.row(r)[c];
    }
    return *this;
  }

  MatrixView view() { return {values_.data() + offset_, rows_, cols_, stride_}; }
  ConstMatrixView view() const { return {values_.data() + offset_, rows_, cols_, stride_}; }

  bool GapsAreUntouched() const {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const bool inside =
          i >= offset_ && i - offset_ < rows_ * stride_ && (i - offset_) % stride_ < cols_;
      if (!inside && values_[i] != kMarker) return false;
    }
    return true;
  }

 private:
  std::vector<float> values_;
  std::size_t rows_, cols_, offset_, stride_;
};

inline bool SameBits(ConstMatrixView a, ConstMatrixView b) {
  if (a.rows != b.rows || a.cols != b.cols) return false;
  for (std::size_t r = 0; r < a.rows; ++r) {
    if (std::memcmp(a.row(r), b.row(r), a.cols * sizeof(float)) != 0) return false;
  }
  return true;
}

// Rows as products with weights of `dtype` read them once they are prepared.
class Prepared {
 public:
  Prepared(const KernelSet& kernels, DType dtype, ConstMatrixView x)
      : bytes_(kernels.PreparedBytes(dtype, x.cols)), buffer_(bytes_ * x.rows) {
    kernels.Prepare(dtype, x, buffer_.data());
    operand = {buffer_.data(), x.rows, x.cols, bytes_};
  }

  const std::byte* row(std::size_t r) const {
    return static_cast<const std::byte*>(buffer_.data()) + r * bytes_;
  }

  Operand operand = {nullptr, 0, 0, 0};

 private:
  std::size_t bytes_;
  AlignedBuffer buffer_;
};

// One of `v` as attention's products read it.
inline double AsValue(float value, DType products) {
  return products == DType::kBF16 ? double{WidenBfloat16(NarrowBfloat16(value))} : double{value};
}

// Whichever types of products the set's attention has.
inline std::vector<DType> ProductsOf(const KernelSet& set) {
  std::vector<DType> products = {DType::kF32};
  if (set.SupportsBf16Attention()) products.push_back(DType::kBF16);
  return products;
}

// Exactly what a call asks for, full of NaNs: a sanitizer sees what is written beyond, a test what
// is read before.
class ScratchOf {
 public:
  explicit ScratchOf(std::size_t bytes) : data_(::operator new (bytes, std::align_val_t{64})) {
    std::memset(data_, 0xff, bytes);
  }
  ~ScratchOf() { ::operator delete (data_, std::align_val_t{64}); }
  ScratchOf(const ScratchOf&) = delete;
  ScratchOf& operator=(const ScratchOf&) = delete;
  void* data() const { return data_; }

 private:
  void* data_;
};

inline void Attend(const KernelSet& set, AttentionArgs args, std::size_t query_begin,
                   std::size_t query_end) {
  const ScratchOf scratch(set.AttentionBytes(args.products, args.k.rows, 0, args.head_size));
  args.scratch = scratch.data();
  set.Attention(args, query_begin, query_end);
}

inline void AttendGroups(const KernelSet& set, GroupAttentionArgs args, std::size_t begin,
                         std::size_t end) {
  const ScratchOf scratch(
      set.AttentionBytes(args.all.products, args.text, args.own, args.all.head_size));
  args.all.scratch = scratch.data();
  set.AttendGroups(args, begin, end);
}

// Runs each test on every kernel set of this build and machine.
class EveryKernelSet : public ::testing::TestWithParam<const KernelSet*> {
 protected:
  const KernelSet& kernels() const { return *GetParam(); }
  std::mt19937 random_{20240501};
};

inline std::string KernelSetName(const ::testing::TestParamInfo<const KernelSet*>& info) {
  return std::string(info.param->name());
}

}  // namespace radie::kernels
