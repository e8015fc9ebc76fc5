// SPDX-License-Identifier: Apache-2.0
#include "svg_plot.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace cw::sim {

namespace {

// A plot and its margins; what is beside a plot of its own is its legend.
struct Layout {
  double width = 920, height = 520;
  double left = 70, right = 210, top = 50, bottom = 60;
  double title_above = 22, x_label_above = 14, y_label_at = 20;
  unsigned title_size = 16;
};
constexpr Layout kAlone;
constexpr Layout kPanel{.width = 310,
                        .height = 280,
                        .left = 52,
                        .right = 14,
                        .top = 34,
                        .bottom = 52,
                        .title_above = 10,
                        .x_label_above = 14,
                        .y_label_at = 14,
                        .title_size = 13};
constexpr double kSheetTitle = 40, kSheetLegend = 40, kLegendStep = 220;
constexpr std::array<const char*, 6> kColours = {"#1b6ca8", "#c8553d", "#3a7d44",
                                                 "#8e5ea2", "#b8860b", "#555555"};

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else
      out += c;
  }
  return out;
}

std::string opening(double width, double height) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" "
      "font-family=\"sans-serif\" "
      "font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
      width, height);
}

std::string text_at(double x, double y, const std::string& text, const char* anchor,
                    const std::string& more = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y,
                     anchor, more, escaped(text));
}

std::string title_style(unsigned size) {
  return fmt::format(" font-size=\"{}\" font-weight=\"bold\"", size);
}

std::string line_from(double x1, double y1, double x2, double y2, const std::string& style) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1, y1,
                     x2, y2, style);
}

std::string dash_of(const Curve& curve) { return curve.dashed ? " stroke-dasharray=\"6 4\"" : ""; }

const char* colour_of(const Curve& curve) { return kColours[curve.colour % kColours.size()]; }

std::string legend_entry(const Curve& curve, double x, double y) {
  const std::string style =
      fmt::format("stroke=\"{}\" stroke-width=\"2\"{}", colour_of(curve), dash_of(curve));
  return line_from(x, y, x + 30, y, style) + text_at(x + 38, y + 4, curve.name, "start");
}

class Drawing {
 public:
  Drawing(const Plot& plot, const Layout& layout) : plot_(plot), l_(layout) {
    constexpr double kSlack = 0.05;
    for (const Curve& curve : plot.curves) {
      for (const double value : curve.values) top_ = std::max(top_, value);
    }
    top_ = std::ceil(top_ * 5 - kSlack) / 5;  // a line of the grid at every fifth
  }

  std::string text() {
    label(l_.left, l_.top - l_.title_above, plot_.title, "start", title_style(l_.title_size));
    axes();
    for (const Marker& marker : plot_.markers) mark(marker);
    for (const Curve& each : plot_.curves) curve(each);
    return out_;
  }
  std::string legend() const {
    std::string out;
    for (size_t n = 0; n < plot_.curves.size(); ++n) {
      out += legend_entry(plot_.curves[n], right() + 14, l_.top + 20 * static_cast<double>(n));
    }
    return out;
  }

 private:
  double x(uint64_t bytes) const {
    const double first = std::log2(static_cast<double>(plot_.bytes.front()));
    const double last = std::log2(static_cast<double>(plot_.bytes.back()));
    const double span = std::max(1.0, last - first);
    return l_.left + (std::log2(static_cast<double>(bytes)) - first) / span * (right() - l_.left);
  }
  double y(double value) const { return bottom() - value / top_ * (bottom() - l_.top); }
  double right() const { return l_.width - l_.right; }
  double bottom() const { return l_.height - l_.bottom; }

  void label(double at_x, double at_y, const std::string& text, const char* anchor,
             const std::string& more = "") {
    out_ += text_at(at_x, at_y, text, anchor, more);
  }
  void line(double x1, double y1, double x2, double y2, const char* style) {
    out_ += line_from(x1, y1, x2, y2, style);
  }

  void axes() {
    constexpr double kStep = 0.2;
    for (double value = 0; value <= top_ + kStep / 2; value += kStep) {
      line(l_.left, y(value), right(), y(value), "stroke=\"#dddddd\"");
      label(l_.left - 8, y(value) + 4, fmt::format("{:.1f}", value), "end");
    }
    for (size_t n = 0; n < plot_.bytes.size(); n += 2) {
      line(x(plot_.bytes[n]), bottom(), x(plot_.bytes[n]), bottom() + 5, "stroke=\"black\"");
      label(x(plot_.bytes[n]), bottom() + 20, bytes_text(plot_.bytes[n]), "middle");
    }
    line(l_.left, bottom(), right(), bottom(), "stroke=\"black\"");
    line(l_.left, l_.top, l_.left, bottom(), "stroke=\"black\"");
    label((l_.left + right()) / 2, l_.height - l_.x_label_above, plot_.x_label, "middle");
    const std::string turned =
        fmt::format(" transform=\"rotate(-90 {} {:.0f})\"", l_.y_label_at, l_.height / 2);
    label(l_.y_label_at, l_.height / 2, plot_.y_label, "middle", turned);
  }

  void mark(const Marker& marker) {
    line(x(marker.bytes), l_.top, x(marker.bytes), bottom(),
         "stroke=\"#888888\" stroke-dasharray=\"2 3\"");
    label(x(marker.bytes) + 5, bottom() - 8, marker.label, "start", " fill=\"#555555\"");
  }

  void curve(const Curve& curve) {
    if (curve.values.size() != plot_.bytes.size()) throw std::logic_error("a curve with gaps");
    std::string points;
    for (size_t at = 0; at < curve.values.size(); ++at) {
      points += fmt::format("{:.1f},{:.1f} ", x(plot_.bytes[at]), y(curve.values[at]));
    }
    out_ +=
        fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"{}/>\n",
                    points, colour_of(curve), dash_of(curve));
  }

  const Plot& plot_;
  const Layout& l_;
  double top_ = 0.2;
  std::string out_;
};

}  // namespace

std::string svg(const Plot& plot) {
  Drawing drawing(plot, kAlone);
  return opening(kAlone.width, kAlone.height) + drawing.text() + drawing.legend() + "</svg>\n";
}

std::string svg(const Sheet& sheet) {
  const size_t rows = (sheet.panels.size() + sheet.columns - 1) / sheet.columns;
  const double width = kPanel.width * sheet.columns;
  const double height = kSheetTitle + kPanel.height * static_cast<double>(rows) + kSheetLegend;
  std::string out = opening(width, height);
  out +=
      text_at(kPanel.left, kSheetTitle - 14, sheet.title, "start", title_style(kAlone.title_size));
  for (size_t n = 0; n < sheet.panels.size(); ++n) {
    out += fmt::format("<g transform=\"translate({} {})\">\n{}</g>\n",
                       kPanel.width * static_cast<double>(n % sheet.columns),
                       kSheetTitle + kPanel.height * static_cast<double>(n / sheet.columns),
                       Drawing(sheet.panels[n], kPanel).text());
  }
  const auto& curves = sheet.panels.front().curves;
  for (size_t n = 0; n < curves.size(); ++n) {
    out += legend_entry(curves[n], kPanel.left + kLegendStep * static_cast<double>(n),
                        height - kSheetLegend / 2);
  }
  return out + "</svg>\n";
}

std::string bytes_text(uint64_t bytes) {
  constexpr std::array<const char*, 4> kUnits = {"B", "KiB", "MiB", "GiB"};
  size_t unit = 0;
  for (; bytes >= 1024 && bytes % 1024 == 0 && unit + 1 < kUnits.size(); ++unit) bytes /= 1024;
  return fmt::format("{} {}", bytes, kUnits[unit]);
}

}  // namespace cw::sim
