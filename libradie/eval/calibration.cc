#include <algorithm>
#include <cmath>

#include "libradie/base/float_environment.h"
#include "radie/error.h"
#include "radie/evaluation.h"

namespace radie {
namespace {

constexpr double kSmallestProbability = 1e-12;

}  // namespace

Calibration MeasureCalibration(std::span<const Judged> judged, std::size_t bins) {
  const FloatEnvironment environment;
  if (bins == 0) throw Error(ErrorCode::kInvalidArgument, "bins: must be at least 1");
  Calibration result;
  result.bins.resize(bins);
  result.count = judged.size();
  if (judged.empty()) return result;
  for (const Judged& item : judged) {
    if (!(item.confidence >= 0 && item.confidence <= 1)) {
      throw Error(ErrorCode::kInvalidArgument, "confidence: is not 0 to 1");
    }
    const auto place = static_cast<std::size_t>(item.confidence * static_cast<double>(bins));
    Calibration::Bin& bin = result.bins[std::min(place, bins - 1)];
    ++bin.count;
    bin.confidence += item.confidence;
    bin.accuracy += item.correct ? 1 : 0;
    result.confidence += item.confidence;
    result.accuracy += item.correct ? 1 : 0;
    const double given = item.correct ? item.confidence : 1 - item.confidence;
    result.log_loss -= std::log(std::max(given, kSmallestProbability));
  }
  const auto all = static_cast<double>(judged.size());
  for (Calibration::Bin& bin : result.bins) {
    if (bin.count == 0) continue;
    result.error += std::abs(bin.accuracy - bin.confidence) / all;
    bin.confidence /= static_cast<double>(bin.count);
    bin.accuracy /= static_cast<double>(bin.count);
  }
  result.confidence /= all;
  result.accuracy /= all;
  result.log_loss /= all;
  return result;
}

}  // namespace radie
