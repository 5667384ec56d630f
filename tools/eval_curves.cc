#include "tools/eval_curves.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <string_view>
#include <vector>

#include "tools/exit_codes.h"

namespace radie::tools {
namespace {

constexpr double kSide = 340, kTop = 84, kWidth = 900, kHeight = 560;
constexpr double kLeft[] = {70, 520};                           // of the two panels
constexpr std::string_view kColors[] = {"#0b5394", "#b45309"};  // apart for the colour-blind too
constexpr double kMarked[] = {0.5, 0.9, 0.99};                  // minima that the curve names

std::string Number(const char* format, double value) {
  char digits[32];
  std::snprintf(digits, sizeof digits, format, value);
  return digits;
}

std::string At(double value) { return Number("%.1f", value); }

struct Point {
  double x = 0, y = 0;
};

// What is predicted with at least a confidence: the points from the surest on.
struct Threshold {
  double minimum = 0, precision = 0, recall = 0;
};

std::vector<Threshold> ThresholdsOf(const StageConfidences& stage) {
  std::vector<Judged> judged = *stage.judged;
  std::sort(judged.begin(), judged.end(),
            [](const Judged& a, const Judged& b) { return a.confidence > b.confidence; });
  std::vector<Threshold> thresholds;
  std::size_t correct = 0;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    correct += judged[i].correct ? 1 : 0;
    if (i + 1 < judged.size() && judged[i + 1].confidence == judged[i].confidence) continue;
    thresholds.push_back({judged[i].confidence, double(correct) / double(i + 1),
                          stage.gold == 0 ? 0 : double(correct) / double(stage.gold)});
  }
  return thresholds;
}

// A square whose axes end at 1.
class Panel {
 public:
  Panel(std::string& out, double left, Point low) : out_(out), left_(left), low_(low) {}

  void Frame(const std::string& title, const std::string& x_name, const std::string& y_name) {
    out_ += "<text class=\"h\" x=\"" + At(left_) + "\" y=\"" + At(kTop - 14) + "\">" + title +
            "</text>\n";
    for (int i = 0; i <= 5; ++i) {
      const Point value = {low_.x + (1 - low_.x) * i / 5, low_.y + (1 - low_.y) * i / 5};
      const Point place = Place(value);
      Line({place.x, kTop}, {place.x, kTop + kSide}, "grid");
      Line({left_, place.y}, {left_ + kSide, place.y}, "grid");
      Text({place.x, kTop + kSide + 18}, "middle", Number("%.2f", value.x));
      Text({left_ - 8, place.y + 4}, "end", Number("%.2f", value.y));
    }
    Text({left_ + kSide / 2, kTop + kSide + 40}, "middle", x_name);
    const std::string x = At(left_ - 48), y = At(kTop + kSide / 2);
    out_ += "<text text-anchor=\"middle\" x=\"" + x + "\" y=\"" + y + "\" transform=\"rotate(-90 " +
            x + " " + y + ")\">" + y_name + "</text>\n";
  }

  void Diagonal() { Line(Place(low_), Place({1, 1}), "diagonal"); }

  void Curve(const std::vector<Point>& points, std::string_view color, std::string_view dashes) {
    std::string path, last;
    for (const Point& point : points) {
      const Point place = Place(point);
      const std::string text = At(place.x) + "," + At(place.y);
      if (text != last) path += (path.empty() ? "" : " ") + text;
      last = text;
    }
    out_ += "<polyline fill=\"none\" stroke-width=\"2\" stroke=\"" + std::string(color) +
            "\" stroke-dasharray=\"" + std::string(dashes) + "\" points=\"" + path + "\"/>\n";
  }

  void Dot(const Point& point, double radius, std::string_view color, const std::string& title) {
    const Point place = Place(point);
    out_ += "<circle cx=\"" + At(place.x) + "\" cy=\"" + At(place.y) + "\" r=\"" + At(radius) +
            "\" fill=\"" + std::string(color) + "\"><title>" + title + "</title></circle>\n";
  }

  void Label(const Point& point, std::string_view color, const std::string& text) {
    const Point place = Place(point);
    out_ += "<text class=\"s\" fill=\"" + std::string(color) + "\" text-anchor=\"end\" x=\"" +
            At(place.x - 7) + "\" y=\"" + At(place.y + 14) + "\">" + text + "</text>\n";
  }

 private:
  // What lies below the axes is drawn on them.
  Point Place(const Point& value) const {
    const auto share = [](double v, double low) {
      return std::clamp((v - low) / (1 - low), 0.0, 1.0);
    };
    return {left_ + kSide * share(value.x, low_.x), kTop + kSide * (1 - share(value.y, low_.y))};
  }

  void Line(const Point& from, const Point& to, std::string_view style) {
    out_ += "<line class=\"" + std::string(style) + "\" x1=\"" + At(from.x) + "\" y1=\"" +
            At(from.y) + "\" x2=\"" + At(to.x) + "\" y2=\"" + At(to.y) + "\"/>\n";
  }

  void Text(const Point& at, std::string_view anchor, const std::string& text) {
    out_ += "<text class=\"s\" text-anchor=\"" + std::string(anchor) + "\" x=\"" + At(at.x) +
            "\" y=\"" + At(at.y) + "\">" + text + "</text>\n";
  }

  std::string& out_;
  double left_;
  Point low_;  // where the axes begin
};

std::string_view DashesOf(std::size_t stage) { return stage == 0 ? "none" : "7 3"; }

void DrawReliability(Panel panel, const std::vector<StageConfidences>& stages) {
  panel.Frame("Reliability", "confidence", "share that was right");
  panel.Diagonal();
  for (std::size_t s = 0; s < stages.size(); ++s) {
    const Calibration found = MeasureCalibration(*stages[s].judged);
    std::vector<Point> points;
    for (const Calibration::Bin& bin : found.bins) {
      if (bin.count == 0) continue;
      points.push_back({bin.confidence, bin.accuracy});
      // The area grows with the logarithm of the count: bins differ by factors of a thousand.
      panel.Dot(points.back(), 2 + 1.6 * std::log10(double(bin.count)), kColors[s],
                std::to_string(bin.count) + ": " + Number("%.3f", bin.confidence) + ", " +
                    Number("%.3f", bin.accuracy));
    }
    panel.Curve(points, kColors[s], DashesOf(s));
  }
}

// The highest of some round numbers that is not above the value: fifths of the rest are round too.
double AxisBelow(double value) {
  for (const double low : {0.9, 0.75, 0.5}) {
    if (low <= value) return low;
  }
  return 0;
}

// So that all of the curve that lies below the highest minimum is inside.
Point LowestOf(const std::vector<std::vector<Threshold>>& curves) {
  Point low = {1, 1};
  for (const auto& curve : curves) {
    for (const Threshold& threshold : curve) {
      low.y = std::min(low.y, threshold.precision);
      if (threshold.minimum <= kMarked[2]) low.x = std::min(low.x, threshold.recall);
    }
  }
  return {AxisBelow(low.x), AxisBelow(low.y)};
}

void DrawPrecision(std::string& out, const std::vector<StageConfidences>& stages) {
  std::vector<std::vector<Threshold>> curves;
  curves.reserve(stages.size());
  for (const StageConfidences& stage : stages) curves.push_back(ThresholdsOf(stage));
  Panel panel(out, kLeft[1], LowestOf(curves));
  panel.Frame("Precision and recall by least confidence", "recall", "precision");
  for (std::size_t s = 0; s < curves.size(); ++s) {
    std::vector<Point> points;
    for (const Threshold& t : curves[s]) points.push_back({t.recall, t.precision});
    panel.Curve(points, kColors[s], DashesOf(s));
    for (const double minimum : kMarked) {
      const auto past = std::find_if(curves[s].begin(), curves[s].end(),
                                     [&](const Threshold& t) { return t.minimum < minimum; });
      if (past == curves[s].begin()) continue;
      const Threshold& at = *(past - 1);
      const std::string name = Number("%g", minimum);
      panel.Dot({at.recall, at.precision}, 4, kColors[s], "confidence of at least " + name);
      panel.Label({at.recall, at.precision}, kColors[s], name);
    }
  }
}

void DrawLegend(std::string& out, const std::vector<StageConfidences>& stages) {
  for (std::size_t s = 0; s < stages.size(); ++s) {
    const Calibration found = MeasureCalibration(*stages[s].judged);
    const double y = kTop + kSide + 72 + 24 * double(s);
    out += "<line x1=\"70\" x2=\"104\" y1=\"" + At(y - 4) + "\" y2=\"" + At(y - 4) +
           "\" stroke-width=\"2\" stroke=\"" + std::string(kColors[s]) + "\" stroke-dasharray=\"" +
           std::string(DashesOf(s)) + "\"/>\n<text x=\"114\" y=\"" + At(y) + "\">" +
           stages[s].title + ": " + std::to_string(found.count) + " predicted, mean confidence " +
           Number("%.3f", found.confidence) + ", " + Number("%.3f", found.accuracy) +
           " right, calibration error " + Number("%.3f", found.error) + "</text>\n";
  }
}

}  // namespace

std::string CurvesAsSvg(const EvalFigures& figures) {
  const std::vector<StageConfidences> stages = ConfidencesOf(figures);
  if (stages.empty())
    throw ExitError(kExitSomeFailed, "--curves: nothing was predicted with confidences");
  std::string out =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + Number("%.0f", kWidth) +
      "\" height=\"" + Number("%.0f", kHeight) + "\" viewBox=\"0 0 " + Number("%.0f", kWidth) +
      " " + Number("%.0f", kHeight) +
      "\" role=\"img\">\n<title>Confidence: " + std::to_string(figures.reports) +
      " reports</title>\n<style>text{font:13px sans-serif}.h{font-weight:bold;font-size:15px}"
      ".s{font-size:12px}.grid{stroke:#e1e5ea}.diagonal{stroke:#6b7785;stroke-dasharray:2 4}"
      "</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
      "<text class=\"h\" x=\"70\" y=\"36\">What confidences are worth: " +
      std::to_string(figures.reports) + " reports</text>\n";
  DrawReliability(Panel(out, kLeft[0], {0, 0}), stages);
  DrawPrecision(out, stages);
  DrawLegend(out, stages);
  return out + "</svg>\n";
}

void WriteCurves(const EvalFigures& figures, const std::string& path) {
  const std::string svg = CurvesAsSvg(figures);
  std::ofstream file(path, std::ios::binary);
  file << svg;
  file.close();
  if (!file) throw ExitError(kExitSomeFailed, path + ": cannot be written");
}

}  // namespace radie::tools
