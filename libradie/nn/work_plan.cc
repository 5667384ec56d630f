#include "libradie/nn/work_plan.h"

#include <algorithm>

namespace radie {
namespace {

// Independent rows: a task's inputs and its 64 outputs' weights stay in the second-level cache.
constexpr std::size_t kProductRows = 192;
constexpr std::size_t kProductColumns = kernels::KernelSet::kColumnBlock;

// Dependent rows: library products want larger pieces, and the cut must never change.
constexpr std::size_t kSequenceColumns = 6 * kernels::KernelSet::kColumnBlock;

// Multiply-adds of attention that are worth a task of their own (some 20 µs).
constexpr std::size_t kAttentionWork = std::size_t{1} << 19;

}  // namespace

WorkPlan::WorkPlan(const std::vector<std::size_t>& offsets, const kernels::KernelSet& kernels,
                   ThreadPool& pool)
    : offsets_(offsets), kernels_(kernels), pool_(pool) {
  if (!kernels.rows_independent()) {
    product_cuts_ = offsets;
    return;
  }
  const std::size_t pieces = (rows() + kProductRows - 1) / kProductRows;
  product_cuts_.push_back(0);
  for (std::size_t piece = 0; piece < pieces; ++piece) {
    const std::size_t left = rows() - product_cuts_.back();
    product_cuts_.push_back(product_cuts_.back() +
                            (left + (pieces - piece) - 1) / (pieces - piece));
  }
}

void WorkPlan::Product(const Linear& linear, const kernels::Operand& x, Activation activation,
                       MatrixView y, kernels::ColumnRange columns) const {
  const std::size_t width = kernels_.rows_independent() ? kProductColumns : kSequenceColumns;
  const std::size_t across = (columns.end - columns.begin + width - 1) / width;
  pool_.For((product_cuts_.size() - 1) * across, [&](std::size_t task, std::size_t) {
    const std::size_t piece = task / across, column = columns.begin + task % across * width;
    const std::size_t begin = product_cuts_[piece], end = product_cuts_[piece + 1];
    kernels_.LinearColumns(linear.packed(), x.Rows(begin, end), activation, y.Rows(begin, end),
                           {column, std::min(column + width, columns.end)});
  });
}

void WorkPlan::Attention(const kernels::AttentionArgs& args,
                         const std::vector<std::size_t>& queries) const {
  struct Task {
    std::size_t sequence, head_begin, head_end;
  };
  std::vector<Task> tasks;
  for (std::size_t s = 0; s + 1 < offsets_.size(); ++s) {
    const std::size_t length = offsets_[s + 1] - offsets_[s], asked = queries[s + 1] - queries[s];
    if (asked == 0) continue;
    const std::size_t work = std::max<std::size_t>(1, 2 * asked * length * args.head_size);
    const std::size_t heads = std::clamp<std::size_t>(kAttentionWork / work, 1, args.heads);
    for (std::size_t h = 0; h < args.heads; h += heads) {
      tasks.push_back({s, h, std::min(h + heads, args.heads)});
    }
  }
  pool_.For(tasks.size(), [&](std::size_t t, std::size_t) {
    const Task& task = tasks[t];
    const std::size_t sequence = task.sequence, heads = task.head_end - task.head_begin;
    const std::size_t left = task.head_begin * args.head_size,
                      right = task.head_end * args.head_size;
    const auto part = [&](const auto& m, const std::vector<std::size_t>& offsets) {
      return m.Rows(offsets[sequence], offsets[sequence + 1]).Cols(left, right);
    };
    kernels_.Attention({part(args.q, queries), part(args.k, offsets_), part(args.v, offsets_),
                        part(args.out, queries), heads, args.head_size, args.scale, args.products},
                       0, queries[sequence + 1] - queries[sequence]);
  });
}

}  // namespace radie
