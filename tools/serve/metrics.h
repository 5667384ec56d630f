// What the server counts, in Prometheus' text format.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace radie::tools::serve {

// Thread-safe.
class Metrics {
 public:
  // `route` is one of the server's own, never a client's path.
  void Request(const std::string& route, int status, double seconds);
  void Reports(std::uint64_t read, std::uint64_t tokens);
  void ReportError(const std::string& code);
  void Batch(std::size_t reports, double seconds);
  void RefusedConnection() { ++refused_; }

  std::atomic<std::int64_t> connections{0};
  std::atomic<std::int64_t> queued{0};  // reports

  // The exposition format 0.0.4. `version` is radie's.
  std::string Text(const std::string& version) const;

 private:
  static constexpr std::array kBounds = {0.005, 0.01, 0.025, 0.05, 0.1,  0.25,
                                         0.5,   1.0,  2.5,   5.0,  10.0, 30.0};
  struct Histogram {
    std::array<std::uint64_t, kBounds.size() + 1> counts{};
    double sum = 0;
    std::uint64_t total = 0;
  };

  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, std::uint64_t> requests_;
  std::map<std::string, Histogram> seconds_;
  std::map<std::string, std::uint64_t> errors_;
  std::uint64_t reports_ = 0, tokens_ = 0, batches_ = 0, batch_reports_ = 0;
  double batch_seconds_ = 0;
  std::atomic<std::uint64_t> refused_{0};
};

}  // namespace radie::tools::serve
