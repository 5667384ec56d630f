#include "tools/serve/access_log.h"

#include <unistd.h>

#include <chrono>
#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>

namespace radie::tools::serve {
namespace {

using Json = nlohmann::ordered_json;

std::string Now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto all = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const std::time_t seconds = all / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[sizeof "2026-01-31T12:00:00"];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::string fraction = std::to_string(1000 + all % 1000);
  fraction[0] = '.';
  return text + fraction + "Z";
}

double Microseconds(double seconds) { return std::round(seconds * 1e6) / 1e6; }

void Write(const Json& line) {
  const std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

void LogRequest(const Exchange& exchange) {
  Json line = {{"time", Now()},
               {"event", "request"},
               {"client", exchange.client},
               {"method", exchange.method},
               {"route", exchange.route},
               {"status", exchange.status},
               {"bytes_in", exchange.bytes_in},
               {"bytes_out", exchange.bytes_out},
               {"seconds", Microseconds(exchange.seconds)}};
  if (!exchange.code.empty()) line["code"] = exchange.code;
  if (exchange.reports > 0) {
    line["reports"] = exchange.reports;
    line["failed"] = exchange.failed;
    line["tokens"] = exchange.tokens;
    line["queue_seconds"] = Microseconds(exchange.queue_seconds);
  }
  if (exchange.cut_short) line["cut_short"] = true;
  Write(line);
}

void LogListening(const std::string& address, int port, const std::string& model) {
  Write({{"time", Now()},
         {"event", "listening"},
         {"address", address},
         {"port", port},
         {"model", model}});
}

void LogEvent(const char* event) { Write({{"time", Now()}, {"event", event}}); }

}  // namespace radie::tools::serve
