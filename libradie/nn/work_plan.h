// How one pass over a ragged batch is cut into tasks.
//
// Invariant: no cut changes a bit. Where the kernel set's rows are independent, rows are cut
// anywhere; where they are not, a product takes exactly one unit and a column range that
// depends on the layer's size alone.
#pragma once

#include <cstddef>
#include <memory_resource>  // IWYU pragma: keep (std::pmr::vector allocates by it)
#include <span>
#include <utility>
#include <vector>

#include "libradie/base/thread_pool.h"
#include "libradie/kernels/kernels.h"
#include "libradie/nn/linear.h"

namespace radie {

// How rows belong together. Unit u is rows [offsets[u], offsets[u + 1]); units are texts, and small
// groups of rows of equal size behind the text that they read beside themselves. Text t is unit
// texts[t], and the units before texts[t + 1] are its groups.
struct RowUnits {
  std::pmr::vector<std::size_t> offsets, texts;
};

class WorkPlan {
 public:
  // Keeps references to the last two. Its own tables lie where those of the units do.
  WorkPlan(RowUnits units, const kernels::KernelSet& kernels, ThreadPool& pool);

  // y = activation(x W^T + b) over all rows.
  void Product(const Linear& linear, const kernels::Operand& x, Activation activation,
               MatrixView y) const {
    Product(linear, x, activation, y, {0, linear.outputs()});
  }

  // The same for the outputs `columns`, which begin at a multiple of kColumnBlock. Other columns
  // than all of them only where the kernel set's rows are independent.
  void Product(const Linear& linear, const kernels::Operand& x, Activation activation, MatrixView y,
               kernels::ColumnRange columns) const;

  // Heads [head_begin, head_end) of the units [begin, end): a text itself, or groups of it.
  struct AttentionTask {
    std::size_t text, begin, end, head_begin, head_end;
  };

  // How attention is cut, which is the same in each layer.
  class AttentionCut {
   private:
    friend class WorkPlan;
    AttentionCut(std::span<const std::size_t> queries, std::pmr::vector<AttentionTask> tasks)
        : queries_(queries), tasks_(std::move(tasks)) {}
    std::span<const std::size_t> queries_;
    std::pmr::vector<AttentionTask> tasks_;
  };

  // Where unit u asks with rows [queries[u], queries[u+1]); the cut refers to `queries`.
  AttentionCut CutAttention(std::span<const std::size_t> queries, std::size_t heads,
                            std::size_t head_size) const;

  // No cut of so many texts and groups has more tasks.
  static std::size_t MostAttentionTasks(std::size_t texts, std::size_t groups, std::size_t heads);

  // Attention within each text, and of each group to its text and itself. args: k and v have all
  // rows, q and out those that ask; no `scratch`.
  void Attention(const kernels::AttentionArgs& args, const AttentionCut& cut) const;

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

  std::size_t rows() const { return units_.offsets.back(); }
  const RowUnits& units() const { return units_; }
  const kernels::KernelSet& kernels() const { return kernels_; }

 private:
  static constexpr std::size_t kRowsATask = 16;

  // The tasks that CutAttention gives, in order.
  template <typename Visit>
  void EachAttentionTask(std::span<const std::size_t> queries, std::size_t heads,
                         std::size_t head_size, const Visit& visit) const;
  // A task's keys in its text, and the rows of each of its groups (0: it has none).
  std::size_t KeysOf(const AttentionTask& task) const;
  std::size_t RowsOfAGroup(const AttentionTask& task) const;
  void Attend(const AttentionTask& task, const kernels::AttentionArgs& args,
              std::span<const std::size_t> queries) const;

  const RowUnits units_;
  const kernels::KernelSet& kernels_;
  ThreadPool& pool_;
  std::pmr::vector<std::size_t>
      product_cuts_;  // rows where a product's tasks begin, and the last one's end
};

}  // namespace radie
