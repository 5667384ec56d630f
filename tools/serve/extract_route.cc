#include "tools/serve/extract_route.h"

#include <deque>
#include <utility>

#include "radie/fhir.h"
#include "tools/extract_batch.h"
#include "tools/report_writers.h"
#include "tools/serve/http_error.h"

namespace radie::tools::serve {
namespace {

// Of several reports some go to the extractor at a time, and so many portions are under way, so
// that it works while an answer is written, and other clients' reports come in between.
constexpr std::size_t kPortionsUnderWay = 2;

const Error* ErrorOf(const ExtractItem& item, const std::optional<Outcome>& outcome) {
  if (item.error) return &*item.error;
  return outcome && !outcome->ok() ? &outcome->error() : nullptr;
}

[[noreturn]] void RefuseForQueue() {
  throw HttpError(503, "overloaded", "too many reports are waiting: come again later");
}

// Counts a job's reports as it is answered.
class Tally {
 public:
  Tally(const ExtractParts& parts, Exchange& exchange) : parts_(parts), exchange_(exchange) {}

  void Add(const Job& job) {
    std::uint64_t tokens = 0, read = 0;
    for (std::size_t i = 0; i < job.items().size(); ++i) {
      const ExtractItem& item = job.items()[i];
      if (const Error* error = ErrorOf(item, job.outcomes()[i])) {
        Failed(std::string(ErrorCodeName(error->code())));
      } else {
        ++read;
        tokens += parts_.tokenizer->Tokenize(item.text).size();
      }
    }
    exchange_.reports += job.items().size();
    exchange_.tokens += tokens;
    exchange_.queue_seconds += job.queue_seconds();
    parts_.metrics->Reports(read, tokens);
  }

 private:
  void Failed(const std::string& code) {
    ++exchange_.failed;
    parts_.metrics->ReportError(code);
  }

  const ExtractParts& parts_;
  Exchange& exchange_;
};

// Several reports as a stream.
class ManyAnswers {
 public:
  ManyAnswers(const ExtractParts& parts, const ExtractCall& call, std::string body,
              Exchange& exchange)
      : parts_(parts),
        answer_(call.answer),
        source_(call, std::move(body), parts.source),
        writer_(MakeStreamWriter(call.settings)),
        tally_(parts, exchange) {
    std::vector<ExtractItem> first = source_.Next(parts_.batcher->portion());
    if (first.empty()) return;
    jobs_.push_back(parts.batcher->TrySubmit(std::move(first)));
    if (!jobs_.back()) RefuseForQueue();
  }

  // The next stretch of the answer, never empty but at the end.
  std::string Next() {
    std::string out;
    if (ended_) return out;
    if (!std::exchange(begun_, true)) Begin(out);
    FillUp();
    if (jobs_.empty()) {
      End(out);
      return out;
    }
    const std::shared_ptr<Job> job = std::move(jobs_.front());
    jobs_.pop_front();
    job->Wait();
    tally_.Add(*job);
    for (std::size_t i = 0; i < job->items().size(); ++i) {
      if (answer_ == AnswerKind::kJson && std::exchange(some_, true)) out += ",";
      AppendOutcome(job->items()[i], job->outcomes()[i], parts_.terms, *writer_, out);
    }
    return out;
  }

 private:
  void Begin(std::string& out) {
    if (answer_ == AnswerKind::kJson) out += "[\n";
    writer_->Begin(out);
  }

  void End(std::string& out) {
    writer_->End(out);
    if (answer_ == AnswerKind::kJson) out += "]\n";
    ended_ = true;
  }

  void FillUp() {
    while (jobs_.size() < kPortionsUnderWay) {
      std::vector<ExtractItem> portion = source_.Next(parts_.batcher->portion());
      if (portion.empty()) return;
      jobs_.push_back(parts_.batcher->Submit(std::move(portion)));
    }
  }

  const ExtractParts& parts_;
  const AnswerKind answer_;
  ReportSource source_;
  const std::unique_ptr<ReportWriter> writer_;
  Tally tally_;
  std::deque<std::shared_ptr<Job>> jobs_;
  bool begun_ = false, ended_ = false, some_ = false;
};

void AnswerMany(const std::shared_ptr<ManyAnswers>& answers, const char* type, bool chunked,
                httplib::Response& response) {
  if (!chunked) {  // a client of HTTP/1.0
    std::string all;
    for (std::string more = answers->Next(); !more.empty(); more = answers->Next()) all += more;
    response.set_content(all, type);
    return;
  }
  response.set_chunked_content_provider(type, [answers](std::size_t, httplib::DataSink& sink) {
    const std::string more = answers->Next();
    if (!more.empty()) return sink.write(more.data(), more.size());
    sink.done();
    return true;
  });
}

// A client that cannot take the format's own form of an error gets JSON.
void AnswerFailure(const ExtractCall& call, const Error& error, httplib::Response& response,
                   Exchange& exchange) {
  response.status = StatusOf(error.code());
  exchange.code = ErrorCodeName(error.code());
  if (response.status == 503) response.set_header("Retry-After", kRetryAfterSeconds);
  if (call.answer == AnswerKind::kFhir || call.answer == AnswerKind::kFhirLines) {
    response.set_content(ErrorToFhir(std::nullopt, error) + "\n", ContentTypeOf(call.answer));
  } else {
    response.set_content(ErrorBody(error), "application/json");
  }
}

// As ReportWriter keeps a failure to itself, one that only writing brings is told from it here.
class FailureCatcher : public ReportWriter {
 public:
  explicit FailureCatcher(ReportWriter& writer) : writer_(writer) {}
  void Result(const ExtractItem& item, const StructuredReport& report, std::string& out) override {
    writer_.Result(item, report, out);
  }
  void Failure(const ExtractItem&, const Error& error, std::string&) override { failed_ = error; }
  const std::optional<Error>& failed() const { return failed_; }

 private:
  ReportWriter& writer_;
  std::optional<Error> failed_;
};

void AnswerOne(const ExtractParts& parts, const ExtractCall& call, std::string body,
               httplib::Response& response, Exchange& exchange) {
  ReportSource source(call, std::move(body), parts.source);
  const std::shared_ptr<Job> job = parts.batcher->TrySubmit(source.Next(1));
  if (!job) RefuseForQueue();
  job->Wait();
  Tally(parts, exchange).Add(*job);
  const std::unique_ptr<ReportWriter> writer = MakeStreamWriter(call.settings);
  FailureCatcher catcher(*writer);
  std::string out;
  writer->Begin(out);
  AppendOutcome(job->items()[0], job->outcomes()[0], parts.terms, catcher, out);
  writer->End(out);
  if (catcher.failed()) {
    AnswerFailure(call, *catcher.failed(), response, exchange);
  } else {
    response.set_content(out, ContentTypeOf(call.answer));
  }
}

}  // namespace

void AnswerExtract(const ExtractParts& parts, const ExtractCall& call,
                   const httplib::Request& request, std::string body, httplib::Response& response,
                   Exchange& exchange) {
  if (call.single()) {
    AnswerOne(parts, call, std::move(body), response, exchange);
    return;
  }
  const auto answers = std::make_shared<ManyAnswers>(parts, call, std::move(body), exchange);
  AnswerMany(answers, ContentTypeOf(call.answer), request.version != "HTTP/1.0", response);
}

}  // namespace radie::tools::serve
