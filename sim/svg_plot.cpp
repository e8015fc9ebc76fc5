// SPDX-License-Identifier: Apache-2.0
#include "svg_plot.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <stdexcept>

namespace cw::sim {

namespace {

constexpr double kWidth = 920, kHeight = 520;
constexpr double kLeft = 70, kRight = 210, kTop = 50, kBottom = 60;  // margins
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

class Drawing {
 public:
  explicit Drawing(const Plot& plot) : plot_(plot) {
    for (const Curve& curve : plot.curves) {
      for (const double value : curve.values) top_ = std::max(top_, value);
    }
    top_ = std::ceil(top_ * 5) / 5;  // a line of the grid at every fifth
  }

  std::string text() {
    out_ = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" "
        "font-family=\"sans-serif\" "
        "font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        kWidth, kHeight);
    label(kLeft, kTop - 22, plot_.title, "start", " font-size=\"16\" font-weight=\"bold\"");
    axes();
    for (const Marker& marker : plot_.markers) mark(marker);
    for (size_t n = 0; n < plot_.curves.size(); ++n) curve(n);
    return out_ + "</svg>\n";
  }

 private:
  double x(uint64_t bytes) const {
    const double first = std::log2(static_cast<double>(plot_.bytes.front()));
    const double last = std::log2(static_cast<double>(plot_.bytes.back()));
    const double span = std::max(1.0, last - first);
    return kLeft + (std::log2(static_cast<double>(bytes)) - first) / span * (right() - kLeft);
  }
  double y(double value) const { return bottom() - value / top_ * (bottom() - kTop); }
  static double right() { return kWidth - kRight; }
  static double bottom() { return kHeight - kBottom; }

  void label(double at_x, double at_y, const std::string& text, const char* anchor,
             const char* more = "") {
    out_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", at_x,
                        at_y, anchor, more, escaped(text));
  }
  void line(double x1, double y1, double x2, double y2, const char* style) {
    out_ += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1,
                        y1, x2, y2, style);
  }

  void axes() {
    constexpr double kStep = 0.2;
    for (double value = 0; value <= top_ + kStep / 2; value += kStep) {
      line(kLeft, y(value), right(), y(value), "stroke=\"#dddddd\"");
      label(kLeft - 8, y(value) + 4, fmt::format("{:.1f}", value), "end");
    }
    for (size_t n = 0; n < plot_.bytes.size(); n += 2) {
      line(x(plot_.bytes[n]), bottom(), x(plot_.bytes[n]), bottom() + 5, "stroke=\"black\"");
      label(x(plot_.bytes[n]), bottom() + 20, bytes_text(plot_.bytes[n]), "middle");
    }
    line(kLeft, bottom(), right(), bottom(), "stroke=\"black\"");
    line(kLeft, kTop, kLeft, bottom(), "stroke=\"black\"");
    label((kLeft + right()) / 2, kHeight - 14, plot_.x_label, "middle");
    const std::string turned = fmt::format(" transform=\"rotate(-90 20 {0:.0f})\"", kHeight / 2);
    label(20, kHeight / 2, plot_.y_label, "middle", turned.c_str());
  }

  void mark(const Marker& marker) {
    line(x(marker.bytes), kTop, x(marker.bytes), bottom(),
         "stroke=\"#888888\" stroke-dasharray=\"2 3\"");
    label(x(marker.bytes) + 5, bottom() - 8, marker.label, "start", " fill=\"#555555\"");
  }

  void curve(size_t n) {
    const Curve& curve = plot_.curves[n];
    const char* colour = kColours[curve.colour % kColours.size()];
    if (curve.values.size() != plot_.bytes.size()) throw std::logic_error("a curve with gaps");
    std::string points;
    for (size_t at = 0; at < curve.values.size(); ++at) {
      points += fmt::format("{:.1f},{:.1f} ", x(plot_.bytes[at]), y(curve.values[at]));
    }
    const char* dash = curve.dashed ? " stroke-dasharray=\"6 4\"" : "";
    out_ +=
        fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"{}/>\n",
                    points, colour, dash);
    const double at = kTop + 20 * static_cast<double>(n);
    const std::string style = fmt::format("stroke=\"{}\" stroke-width=\"2\"{}", colour, dash);
    line(right() + 14, at, right() + 44, at, style.c_str());
    label(right() + 52, at + 4, curve.name, "start");
  }

  const Plot& plot_;
  double top_ = 0.2;
  std::string out_;
};

}  // namespace

std::string svg(const Plot& plot) { return Drawing(plot).text(); }

void write_svg(const std::filesystem::path& to, const Plot& plot) {
  std::filesystem::create_directories(to.parent_path());
  std::ofstream file(to);
  file << svg(plot);
  if (!file.flush()) throw std::runtime_error("cannot write " + to.string());
}

std::string bytes_text(uint64_t bytes) {
  constexpr std::array<const char*, 4> kUnits = {"B", "KiB", "MiB", "GiB"};
  size_t unit = 0;
  for (; bytes >= 1024 && bytes % 1024 == 0 && unit + 1 < kUnits.size(); ++unit) bytes /= 1024;
  return fmt::format("{} {}", bytes, kUnits[unit]);
}

}  // namespace cw::sim
