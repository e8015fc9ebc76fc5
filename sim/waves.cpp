// SPDX-License-Identifier: Apache-2.0
#include "waves.hpp"

#include <fmt/core.h>

#include <string>

#include "usage.hpp"

namespace cw::sim {

namespace {

// Flags of a trace in a save file: base, and whether enum names of the dump are shown.
constexpr const char* kBit = "@28";
constexpr const char* kHex = "@22";
constexpr const char* kDec = "@24";
constexpr const char* kEnum = "@100000028";
constexpr unsigned kOrange = 2, kYellow = 3, kGreen = 4;

class SaveFile {
 public:
  explicit SaveFile(const SaveFileOptions& options) {
    // A cycle is two steps of the dump's time; the zoom shows some thirty of them.
    const uint64_t start = 2 * options.from.value;
    text_ = fmt::format(
        "[dumpfile] \"{}\"\n[timestart] {}\n[size] 1600 900\n*-3.500000 {}\n"
        "[signals_width] 340\n",
        std::filesystem::absolute(options.dump).string(), start, start);
  }

  void open(const char* name) { text_ += fmt::format("@800200\n-{}\n", name); }
  void close(const char* name) { text_ += fmt::format("@1000200\n-{}\n", name); }
  void row(const char* flags, const std::string& path, unsigned colour = 0) {
    text_ += std::string(flags) + "\n";
    if (colour != 0) text_ += fmt::format("[color] {}\n", colour);
    text_ += path + "\n";
  }

  // What goes over one direction of the link.
  void tlp_rows(const char* title, const std::string& channel, const std::string& ctl,
                unsigned colour, unsigned data_bits) {
    open(title);
    row(kBit, fmt::format("top.cw_system_top.{}_valid", channel), colour);
    row(kBit, fmt::format("top.cw_system_top.{}_ready", channel));
    row(kEnum, ctl + ".hdr.dw0.kind[7:0]", colour);
    row(kDec, ctl + ".hdr.dw0.length[9:0]");
    row(kHex, ctl + ".hdr.dw1[31:0]");
    row(kHex, ctl + ".hdr.dw2[31:0]");
    row(kHex, ctl + ".hdr.dw3[31:0]");
    row(kBit, ctl + ".sop");
    row(kBit, ctl + ".eop");
    row(kHex, fmt::format("top.cw_system_top.{}_data[{}:0]", channel, data_bits - 1));
    close(title);
  }

  void write(const std::filesystem::path& to) const { write_file(to, text_); }

 private:
  std::string text_;
};

}  // namespace

void write_save_file(const std::filesystem::path& save, const SaveFileOptions& options) {
  SaveFile file(options);
  const unsigned width = options.width;
  file.row(kBit, "top.cw_system_top.clk");
  file.row(kBit, "top.cw_system_top.rst");
  file.tlp_rows("link down: root port to endpoint", "down", "top.cw_system_top.down", kOrange,
                width);
  file.tlp_rows("link up: endpoint to root port", "up", "top.cw_system_top.up", kGreen, width);
  file.open("interrupts");
  file.row(kBit, "top.cw_system_top.msi_valid", kYellow);
  file.row(kHex, "top.cw_system_top.msi_addr[63:0]");
  file.row(kHex, "top.cw_system_top.msi_data[31:0]");
  file.row(kBit, "top.cw_system_top.iommu_irq[3:0]");
  file.close("interrupts");
  file.open("host memory");
  file.row(kBit, "top.cw_system_top.m_axi_arvalid");
  file.row(kHex, "top.cw_system_top.m_axi_araddr[63:0]");
  file.row(kBit, "top.cw_system_top.m_axi_rvalid");
  file.row(kBit, "top.cw_system_top.m_axi_awvalid");
  file.row(kHex, "top.cw_system_top.m_axi_awaddr[63:0]");
  file.row(kBit, "top.cw_system_top.m_axi_walk_arvalid");
  file.row(kHex, "top.cw_system_top.m_axi_walk_araddr[63:0]");
  file.close("host memory");
  file.write(save);
}

}  // namespace cw::sim
