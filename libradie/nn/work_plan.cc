#include "libradie/nn/work_plan.h"

#include <algorithm>
#include <utility>

#include "libradie/base/checked.h"

namespace radie {
namespace {

// Independent rows: a task's inputs and its 64 outputs' weights stay in the second-level cache.
constexpr std::size_t kProductRows = 192;
constexpr std::size_t kProductColumns = kernels::KernelSet::kColumnBlock;

// Dependent rows: library products want larger pieces, and the cut must never change.
constexpr std::size_t kSequenceColumns = 6 * kernels::KernelSet::kColumnBlock;

// Multiply-adds of attention that are worth a task of their own (some 20 µs).
constexpr std::size_t kAttentionWork = std::size_t{1} << 19;

constexpr std::size_t kCacheLine = 64;  // threads write to lines of their own

// Groups of a text that share a task, and with it the text's packed keys and values.
constexpr std::size_t kGroupsATask = 64;

}  // namespace

WorkPlan::WorkPlan(RowUnits units, const kernels::KernelSet& kernels, ThreadPool& pool)
    : units_(std::move(units)),
      kernels_(kernels),
      pool_(pool),
      product_cuts_(units_.offsets.get_allocator()) {
  if (!kernels.rows_independent()) {
    product_cuts_ = units_.offsets;
    return;
  }
  const std::size_t pieces = (rows() + kProductRows - 1) / kProductRows;
  product_cuts_.reserve(pieces + 1);
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
  const std::size_t tasks = (product_cuts_.size() - 1) * across, threads = pool_.threads();
  const auto column_of = [&](std::size_t task) { return columns.begin + task % across * width; };
  pool_.For(tasks, [&](std::size_t task, std::size_t) {
    const std::size_t piece = task / across, column = column_of(task);
    const std::size_t begin = product_cuts_[piece], end = product_cuts_[piece + 1];
    // Threads take tasks in turns.
    const std::size_t next = task + threads < tasks ? column_of(task + threads) : 0;
    kernels_.LinearColumns(linear.packed(), x.Rows(begin, end), activation, y.Rows(begin, end),
                           {column, std::min(column + width, columns.end), next});
  });
}

template <typename Visit>
void WorkPlan::EachAttentionTask(std::span<const std::size_t> queries, std::size_t heads,
                                 std::size_t head_size, const Visit& visit) const {
  const auto cut = [&](std::size_t text, std::size_t begin, std::size_t end) {
    const std::size_t length = units_.offsets[text + 1] - units_.offsets[text],
                      asked = queries[end] - queries[begin];
    if (asked == 0) return;
    const std::size_t work = std::max<std::size_t>(1, 2 * asked * length * head_size);
    const std::size_t at_once = std::clamp<std::size_t>(kAttentionWork / work, 1, heads);
    for (std::size_t h = 0; h < heads; h += at_once) {
      visit(AttentionTask{text, begin, end, h, std::min(h + at_once, heads)});
    }
  };
  for (std::size_t t = 0; t + 1 < units_.texts.size(); ++t) {
    const std::size_t text = units_.texts[t], end = units_.texts[t + 1];
    cut(text, text, text + 1);
    for (std::size_t group = text + 1; group < end; group += kGroupsATask) {
      cut(text, group, std::min(group + kGroupsATask, end));
    }
  }
}

WorkPlan::AttentionCut WorkPlan::CutAttention(std::span<const std::size_t> queries,
                                              std::size_t heads, std::size_t head_size) const {
  std::pmr::vector<AttentionTask> tasks(units_.offsets.get_allocator());
  std::size_t count = 0;
  EachAttentionTask(queries, heads, head_size, [&](const AttentionTask&) { ++count; });
  tasks.reserve(count);
  EachAttentionTask(queries, heads, head_size,
                    [&](const AttentionTask& task) { tasks.push_back(task); });
  return {queries, std::move(tasks)};
}

std::size_t WorkPlan::MostAttentionTasks(std::size_t texts, std::size_t groups, std::size_t heads) {
  return heads * (2 * texts + groups / kGroupsATask);  // what is left of a text's groups, too
}

std::size_t WorkPlan::KeysOf(const AttentionTask& task) const {
  return units_.offsets[task.text + 1] - units_.offsets[task.text];
}

std::size_t WorkPlan::RowsOfAGroup(const AttentionTask& task) const {
  const std::size_t first_group = task.text + 1;
  return task.begin < first_group ? 0
                                  : units_.offsets[first_group + 1] - units_.offsets[first_group];
}

void WorkPlan::Attention(const kernels::AttentionArgs& args, const AttentionCut& cut) const {
  std::size_t most = 0;
  for (const AttentionTask& task : cut.tasks_) {
    most = std::max(most, kernels_.AttentionBytes(args.products, KeysOf(task), RowsOfAGroup(task),
                                                  args.head_size));
  }
  // A thread's part by its number, not by what is free when it comes: how many parts there are, and
  // how large, must not follow from who was first.
  const std::size_t each = (most + kCacheLine - 1) / kCacheLine * kCacheLine;
  const BufferPool::Lease scratch =
      pool_.task_buffers().Take(BytesToAllocate(pool_.threads(), each));
  pool_.For(cut.tasks_.size(), [&](std::size_t t, std::size_t worker) {
    kernels::AttentionArgs part = args;
    part.scratch = static_cast<std::byte*>(scratch.data()) + worker * each;
    Attend(cut.tasks_[t], part, cut.queries_);
  });
}

void WorkPlan::Attend(const AttentionTask& task, const kernels::AttentionArgs& args,
                      std::span<const std::size_t> queries) const {
  const std::pmr::vector<std::size_t>& offsets = units_.offsets;
  const std::size_t left = task.head_begin * args.head_size, right = task.head_end * args.head_size;
  const std::size_t text = offsets[task.text];
  kernels::AttentionArgs part = args;
  part.heads = task.head_end - task.head_begin;
  part.q = args.q.Cols(left, right), part.out = args.out.Cols(left, right);
  part.k = args.k.Rows(text, offsets.back()).Cols(left, right);
  part.v = args.v.Rows(text, offsets.back()).Cols(left, right);
  const std::size_t first_group = task.text + 1, keys = KeysOf(task), own = RowsOfAGroup(task);
  if (task.begin >= first_group) {
    kernels_.AttendGroups({part, keys, own, queries.data() + first_group}, task.begin - first_group,
                          task.end - first_group);
    return;
  }
  part.q = part.q.Rows(queries[task.begin], queries[task.end]);
  part.out = part.out.Rows(queries[task.begin], queries[task.end]);
  part.k = part.k.Rows(0, keys), part.v = part.v.Rows(0, keys);
  kernels_.Attention(part, 0, part.q.rows);
}

}  // namespace radie
