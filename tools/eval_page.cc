#include "tools/eval_page.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <utility>

#include "tools/eval_grids.h"
#include "tools/output.h"

namespace radie::tools {
namespace {

// What the grids say in English; the page is for readers of Japanese reports.
std::string InJapanese(const std::string& words) {
  static const std::map<std::string, std::string> kWords = {
      {"gold", "正解"},
      {"predicted", "予測"},
      {"correct", "一致"},
      {"precision", "適合率"},
      {"recall", "再現率"},
      {"95 % of F1", "F1の95 %区間"},
      {"found", "捕捉"},
      {"share", "割合"},
      {"missed", "見落とし"},
      {"spurious", "余分"},
      {"Entities, strict", "語（範囲と種類）"},
      {"Entities, boundary", "語（範囲のみ）"},
      {"Entities, seqeval default", "語（seqeval既定）"},
      {"Relations on gold entities", "関係（正解の語の間）"},
      {"Relations, two-stage, strict", "関係（二段階、厳密）"},
      {"Relations, two-stage, boundary", "関係（二段階、範囲のみ）"},
      {"Coverage of what is annotated", "注釈された情報の捕捉"},
      {"Entities, same span and type", "語、範囲と種類が同じ"},
      {"Entities, overlapping, same type", "語、重なりがあり種類が同じ"},
      {"Entities, overlapping, any type", "語、重なりがある"},
      {"Characters, same type", "文字、種類が同じ"},
      {"Characters, any type", "文字、いずれかの語の中"},
      {"Entity types of equal spans: gold down, predicted across",
       "範囲の同じ語の種類（行が正解、列が予測）"}};
  const auto found = kWords.find(words);
  return found == kWords.end() ? words : found->second;
}

HtmlFigures FiguresOf(const Grid& grid) {
  HtmlFigures figures;
  figures.caption = InJapanese(grid.title.empty() ? "集計" : grid.title);
  for (const std::string& label : grid.header) figures.header.push_back(InJapanese(label));
  for (const GridRow& row : grid.rows) {
    figures.rows.push_back({InJapanese(row.name), row.type, row.set_in, row.figures});
  }
  if (figures.header[0].empty()) figures.header[0] = "項目";
  return figures;
}

std::string CountOf(std::size_t count, const char* unit) { return std::to_string(count) + unit; }

std::string SummaryInJapanese(const EvalFigures& figures, std::size_t shown) {
  std::string out = "報告書 " + CountOf(figures.reports, "件");
  if (figures.failed > 0)
    out +=
        "、うち " + CountOf(figures.failed, "件は予測がなく、何も見つからなかったものとして集計");
  if (figures.unmatched > 0) out += "。正解のない予測 " + CountOf(figures.unmatched, "件は除外");
  if (shown < figures.reports) out += "。このページには誤りの多い " + CountOf(shown, "件を示す");
  return out + "。";
}

std::size_t Missed(const Score& score) { return score.gold - score.correct; }
std::size_t Spurious(const Score& score) { return score.predicted - score.correct; }

HtmlListed ListedOf(const ReportOutcome& outcome, bool relations) {
  HtmlListed listed;
  listed.id = outcome.gold->id;
  listed.failed = outcome.failed;
  if (outcome.end_to_end != nullptr) {
    listed.missed_entities = Missed(outcome.end_to_end->entities_strict);
    listed.spurious_entities = Spurious(outcome.end_to_end->entities_strict);
  }
  // As the worst reports are chosen: relations of both stages where there are such.
  const bool two_stage = outcome.end_to_end != nullptr && outcome.relations_end_to_end;
  const ReportScores* scores = two_stage                       ? outcome.end_to_end
                               : outcome.end_to_end == nullptr ? outcome.on_gold
                                                               : nullptr;
  if (scores != nullptr && relations) {
    listed.missed_relations = Missed(scores->relations_strict);
    listed.spurious_relations = Spurious(scores->relations_strict);
  }
  return listed;
}

}  // namespace

void EvalPage::Offer(const ReportOutcome& outcome) {
  ++offered_;
  entries_.Offer(outcome.gold->has_relations,
                 [&](bool relations, auto& entries) { Keep(outcome, relations, entries); });
}

void EvalPage::Keep(const ReportOutcome& outcome, bool relations,
                    std::vector<Entry>& entries) const {
  Entry entry;
  entry.listed = ListedOf(outcome, relations);
  entry.listed.number = offered_;
  entry.errors = entry.listed.missed_entities + entry.listed.spurious_entities +
                 entry.listed.missed_relations + entry.listed.spurious_relations;
  auto place = entries.end();
  if (worst_) {
    if (entry.errors == 0) return;
    place = std::upper_bound(entries.begin(), entries.end(), entry,
                             [](const auto& a, const auto& b) { return a.errors > b.errors; });
    if (place == entries.end() && entries.size() >= *worst_) return;
  }
  ComparedReport compared;
  compared.id = outcome.gold->id;
  compared.text = outcome.gold->text;
  compared.gold = &outcome.gold->annotated;
  compared.relations = relations && (outcome.relations_end_to_end || outcome.end_to_end == nullptr);
  compared.failed = outcome.failed;
  Differences predicted, related;
  if (outcome.predicted != nullptr) {
    predicted = FindDifferences(outcome.gold->annotated, *outcome.predicted);
    compared.predicted = {outcome.predicted, &predicted};
  }
  if (outcome.related != nullptr) {
    related = FindDifferences(outcome.gold->annotated, *outcome.related);
    compared.related = {outcome.related, &related};
  }
  entry.section = HtmlComparisonSection(entry.listed.number, compared);
  entries.insert(place, std::move(entry));
  if (worst_ && entries.size() > *worst_) entries.pop_back();
}

std::string EvalPage::Take(const EvalFigures& figures) {
  std::vector<Entry> entries = entries_.Take();
  std::vector<HtmlFigures> tables;
  EvalFigures shown = figures;
  shown.worst.reset();  // the list of reports says it
  for (const Grid& grid : GridsOf(shown)) tables.push_back(FiguresOf(grid));
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.errors > b.errors; });
  std::vector<HtmlListed> list;
  list.reserve(entries.size());
  for (const Entry& entry : entries) list.push_back(entry.listed);
  std::string page = HtmlComparisonBegin("正解と予測の比較",
                                         SummaryInJapanese(figures, entries.size()), tables, list);
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.listed.number < b.listed.number; });
  for (Entry& entry : entries) {
    page += entry.section;
    entry.section = {};  // a page of thousands of reports is large enough once
  }
  return page + HtmlComparisonEnd();
}

PageFile::PageFile(const std::string& path)
    : path_(path), descriptor_(::open(path.c_str(), O_WRONLY | O_CLOEXEC)) {
  if (descriptor_ >= 0) return;
  if (errno != ENOENT) CannotWrite(path_);
  const int tried = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (tried < 0) CannotWrite(path_);
  ::close(tried);
  ::unlink(path.c_str());
}

PageFile::~PageFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void PageFile::Write(const std::string& page) {
  if (descriptor_ < 0) {
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor_ < 0) CannotWrite(path_);
  } else if (::ftruncate(descriptor_, 0) != 0 && errno != EINVAL) {
    // What is no regular file (a terminal, a pipe) has no length to cut.
    CannotWrite(path_);
  }
  Output(descriptor_, path_).Write(page);
}

}  // namespace radie::tools
