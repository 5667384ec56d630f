#include "tools/serve/metrics.h"

#include <algorithm>
#include <cstdio>

namespace radie::tools::serve {
namespace {

std::string Number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

void Head(std::string& out, const char* name, const char* type, const char* help) {
  out += std::string("# HELP ") + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

void One(std::string& out, const char* name, const char* type, const char* help,
         const std::string& value) {
  Head(out, name, type, help);
  out += std::string(name) + " " + value + "\n";
}

}  // namespace

void Metrics::Request(const std::string& route, int status, double seconds) {
  const std::lock_guard lock(mutex_);
  ++requests_[{route, status}];
  Histogram& histogram = seconds_[route];
  const auto* bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  ++histogram.counts[static_cast<std::size_t>(bound - kBounds.begin())];
  histogram.sum += seconds;
  ++histogram.total;
}

void Metrics::Reports(std::uint64_t read, std::uint64_t tokens) {
  const std::lock_guard lock(mutex_);
  reports_ += read;
  tokens_ += tokens;
}

void Metrics::ReportError(const std::string& code) {
  const std::lock_guard lock(mutex_);
  ++errors_[code];
}

void Metrics::Batch(std::size_t reports, double seconds) {
  const std::lock_guard lock(mutex_);
  ++batches_;
  batch_reports_ += reports;
  batch_seconds_ += seconds;
}

std::string Metrics::Text(const std::string& version) const {
  const std::lock_guard lock(mutex_);
  std::string out;
  Head(out, "radie_build_info", "gauge", "Version of radie.");
  out += "radie_build_info{version=\"" + version + "\"} 1\n";
  Head(out, "radie_requests_total", "counter", "Requests answered, by route and status.");
  for (const auto& [key, count] : requests_) {
    out += "radie_requests_total{route=\"" + key.first + "\",code=\"" + std::to_string(key.second) +
           "\"} " + std::to_string(count) + "\n";
  }
  Head(out, "radie_request_seconds", "histogram",
       "From the first byte of a request to the last of its answer.");
  for (const auto& [route, histogram] : seconds_) {
    const std::string label = "route=\"" + route + "\"";
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
      sum += histogram.counts[i];
      out += "radie_request_seconds_bucket{" + label + ",le=\"" +
             (i < kBounds.size() ? Number(kBounds[i]) : "+Inf") + "\"} " + std::to_string(sum) +
             "\n";
    }
    out += "radie_request_seconds_sum{" + label + "} " + Number(histogram.sum) + "\n";
    out += "radie_request_seconds_count{" + label + "} " + std::to_string(histogram.total) + "\n";
  }
  One(out, "radie_reports_total", "counter", "Reports extracted.", std::to_string(reports_));
  One(out, "radie_tokens_total", "counter", "Tokens of stage 1 in reports extracted.",
      std::to_string(tokens_));
  Head(out, "radie_report_errors_total", "counter", "Reports that failed, by error code.");
  for (const auto& [code, count] : errors_) {
    out += "radie_report_errors_total{code=\"" + code + "\"} " + std::to_string(count) + "\n";
  }
  One(out, "radie_batches_total", "counter", "Calls of the extractor.", std::to_string(batches_));
  One(out, "radie_batch_reports_total", "counter", "Reports in these calls.",
      std::to_string(batch_reports_));
  One(out, "radie_batch_seconds_total", "counter", "Time in these calls.", Number(batch_seconds_));
  One(out, "radie_queue_reports", "gauge", "Reports that wait for the extractor.",
      std::to_string(queued.load()));
  One(out, "radie_connections", "gauge", "Open connections.", std::to_string(connections.load()));
  One(out, "radie_connections_refused_total", "counter",
      "Connections over the limit, answered with 503.", std::to_string(refused_.load()));
  return out;
}

}  // namespace radie::tools::serve
