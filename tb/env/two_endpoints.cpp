// SPDX-License-Identifier: Apache-2.0
#include "env/two_endpoints.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "Vcw_two_endpoints_top_w128.h"
#include "env/msix_setup.hpp"
#include "env/root_pins.hpp"

namespace cw::env {

namespace {

constexpr uint64_t kMemoryBytes = uint64_t{4} << 30;  // pages come from all over this much RAM
constexpr uint16_t kVendor = 0xca5e, kEndpoint = 0xca05;
constexpr uint32_t kMsiData = 0x4000, kMsiStep = 0x100;

DmaDriver::Options channel(model::DmaKind kind, unsigned ring_log2) {
  return {.channel = static_cast<unsigned>(kind),
          .ring_log2 = ring_log2,
          .vector = static_cast<uint16_t>(kind)};
}

}  // namespace

struct TwoEndpoints::Dut {
  using V = Vcw_two_endpoints_top_w128;

  explicit Dut(uint64_t seed) : module(seed) { module.pins().hold = 0; }

  agent::AxiPins cpu() { return cpu_pins(module.pins()); }
  agent::AxiPins host_memory() { return host_memory_pins(module.pins()); }
  agent::AxiPins walk_memory() { return walk_memory_pins(module.pins()); }
  MsiPins msi() {
    V& p = module.pins();
    return {.valid = p.msi_valid, .addr = p.msi_addr, .data = p.msi_data};
  }
  dut::ChannelPins down(unsigned n) {
    V& p = module.pins();
    return n == 0 ? dut::channel(p.down0_ctl, p.down0_data, p.down0_valid, p.down0_ready)
                  : dut::channel(p.down1_ctl, p.down1_data, p.down1_valid, p.down1_ready);
  }
  dut::ChannelPins up(unsigned n) {
    V& p = module.pins();
    return n == 0 ? dut::channel(p.up0_ctl, p.up0_data, p.up0_valid, p.up0_ready)
                  : dut::channel(p.up1_ctl, p.up1_data, p.up1_valid, p.up1_ready);
  }
  bool link_down(unsigned n) { return (module.pins().hot_reset >> n & 1) != 0; }

  dut::Module<V> module;
};

struct TwoEndpoints::Link {
  Link(Dut& dut, unsigned n)
      : down(dut.module.kernel(), dut.down(n), options(dut, n, "rp{}>ep{}")),
        up(dut.module.kernel(), dut.up(n), options(dut, n, "ep{}>rp{}")),
        checker(down, up) {}

  static agent::TlpMonitor::Options options(Dut& dut, unsigned n, const char* name) {
    return {.name = fmt::format(fmt::runtime(name), n, n),
            .well_formed = true,
            .link_down = [&dut, n] { return dut.link_down(n); }};
  }

  agent::TlpMonitor down, up;
  LinkChecker checker;
};

// ---- An endpoint

TwoEndpoints::Card::Card(TwoEndpoints& system, unsigned number, const Function& found)
    : function(found),
      registers(found.bar(0).base),
      card_memory(found.bar(2).base),
      msi_data(kMsiData + number * kMsiStep),
      space(*system.iommu_, system.memory_, system.pages_, found.bdf, /*pscid=*/number + 1),
      h2c(*system.host_, space, registers, channel(model::DmaKind::H2c, system.options_.ring_log2)),
      c2h(*system.host_, space, registers, channel(model::DmaKind::C2h, system.options_.ring_log2)),
      h2h(*system.host_, space, registers, channel(model::DmaKind::H2h, system.options_.ring_log2)),
      host_(*system.host_) {
  // The doorbell page is mapped like any page: an interrupt is a write, and writes are translated.
  space.table().map({map::kMsi.base.value}, map::kMsi.base);
  restart();
}

void TwoEndpoints::Card::restart() {
  set_up_msix(host_, function, msi_data);
  for (DmaDriver* channel : {&h2c, &c2h, &h2h}) channel->start();
}

// ---- The system

TwoEndpoints::TwoEndpoints(const TwoEndpointsOptions& options)
    : options_(options),
      dut_(std::make_unique<Dut>(options.seed)),
      pages_({.base = map::kRam.base, .bytes = kMemoryBytes}, options.seed) {
  const auto rng = [&](std::string_view tape) { return agent::Rng(options.seed, tape); };
  const agent::AxiMemory::Options memory{.read_latency = options.read_latency,
                                         .write_latency = options.write_latency,
                                         .stall = options.stall};
  memory_port_ = std::make_unique<agent::AxiMemory>(kernel(), dut_->host_memory(), memory_,
                                                    rng("host.memory"), memory);
  walk_port_ = std::make_unique<agent::AxiMemory>(kernel(), dut_->walk_memory(), memory_,
                                                  rng("host.walk"), memory);
  cpu_ = std::make_unique<agent::AxiHost>(kernel(), dut_->cpu(), rng("host.cpu"),
                                          agent::AxiHost::Options{.stall = options.stall});
  host_ = std::make_unique<Host>(kernel(), *cpu_);
  interrupts_ = std::make_unique<MsiListener>(kernel(), dut_->msi());
  for (unsigned n = 0; n < kEndpoints; ++n) links_[n] = std::make_unique<Link>(*dut_, n);
  bring_up();
}

TwoEndpoints::~TwoEndpoints() = default;

void TwoEndpoints::bring_up() {
  dut_->module.reset();
  topology_ = enumerate(*host_);
  iommu_ = std::make_unique<IommuDriver>(*host_, memory_, pages_, IommuDriver::Options{});
  iommu_->start();
  unsigned found = 0;
  for (const Function& function : topology_.functions) {
    if (function.vendor_id != kVendor || function.device_id != kEndpoint) continue;
    if (found == kEndpoints) throw std::runtime_error("enumeration found too many endpoints");
    cards_[found] = std::make_unique<Card>(*this, found, function);
    ++found;
  }
  if (found != kEndpoints) throw std::runtime_error("enumeration did not find both endpoints");
}

dut::Kernel& TwoEndpoints::kernel() { return dut_->module.kernel(); }
void TwoEndpoints::run(dut::Cycles cycles) { dut_->module.step(cycles); }

agent::TlpMonitor& TwoEndpoints::down(unsigned n) { return links_.at(n)->down; }
agent::TlpMonitor& TwoEndpoints::up(unsigned n) { return links_.at(n)->up; }
LinkChecker& TwoEndpoints::link(unsigned n) { return links_.at(n)->checker; }

void TwoEndpoints::hold(unsigned n, bool held) {
  auto& pins = dut_->module.pins().hold;
  pins = static_cast<uint8_t>(held ? pins | 1u << n : pins & ~(1u << n));
}

}  // namespace cw::env
