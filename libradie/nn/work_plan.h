// How one pass over a ragged batch is cut into tasks.
//
// Invariant: no cut changes a bit. Where the kernel set's rows are independent, rows are cut
// anywhere; where they are not, a product takes exactly one sequence and a column range that
// depends on the layer's size alone.
#pragma once

#include <cstddef>
#include <vector>

#include "libradie/base/thread_pool.h"
#include "libradie/kernels/kernels.h"
#include "libradie/nn/linear.h"

namespace radie {

class WorkPlan {
 public:
  // Sequence s is rows [offsets[s], offsets[s+1]). Keeps references to all three.
  WorkPlan(const std::vector<std::size_t>& offsets, const kernels::KernelSet& kernels,
           ThreadPool& pool);

  // y = activation(x W^T + b) over all rows.
  void Product(const Linear& linear, const kernels::Operand& x, Activation activation,
               MatrixView y) const {
    Product(linear, x, activation, y, {0, linear.outputs()});
  }

  // The same for the outputs `columns`, which begin at a multiple of kColumnBlock. Other columns
  // than all of them only where the kernel set's rows are independent.
  void Product(const Linear& linear, const kernels::Operand& x, Activation activation, MatrixView y,
               kernels::ColumnRange columns) const;

  // Attention within each sequence. args: k and v have all rows, q and out those of `queries`:
  // sequence s asks with rows [queries[s], queries[s+1]).
  void Attention(const kernels::AttentionArgs& args, const std::vector<std::size_t>& queries) const;

  // body(begin, end) over ranges of rows that together are all rows; for work in which each row
  // stands for itself.
  template <typename Body>
  void Rows(const Body& body) const {
    const std::size_t tasks = (rows() + kRowsATask - 1) / kRowsATask;
    pool_.For(tasks, [&](std::size_t task, std::size_t) {
      const std::size_t begin = task * kRowsATask;
      body(begin, begin + kRowsATask < rows() ? begin + kRowsATask : rows());
    });
  }

  std::size_t rows() const { return offsets_.back(); }
  const std::vector<std::size_t>& offsets() const { return offsets_; }
  const kernels::KernelSet& kernels() const { return kernels_; }

 private:
  static constexpr std::size_t kRowsATask = 16;

  const std::vector<std::size_t>& offsets_;
  const kernels::KernelSet& kernels_;
  ThreadPool& pool_;
  std::vector<std::size_t>
      product_cuts_;  // rows where a product's tasks begin, and the last one's end
};

}  // namespace radie
