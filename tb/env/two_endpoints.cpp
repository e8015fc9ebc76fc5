// SPDX-License-Identifier: Apache-2.0
#include "env/two_endpoints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "Vcw_two_endpoints_top_w128.h"
#include "env/msix_setup.hpp"
#include "env/root_pins.hpp"
#include "env/scoreboard_fault.hpp"

namespace cw::env {

namespace {

constexpr uint64_t kMemoryBytes = uint64_t{4} << 30;  // pages come from all over this much RAM
constexpr uint16_t kVendor = 0xca5e, kEndpoint = 0xca05;
constexpr uint32_t kMsiData = 0x4000, kMsiStep = 0x100;
constexpr unsigned kQueueLog2 = 9;  // of the IOMMU: every request of a transfer can fault

DmaDriver::Options one_of(model::DmaKind kind, unsigned ring_log2) {
  return {.channel = static_cast<unsigned>(kind),
          .ring_log2 = ring_log2,
          .vector = static_cast<uint16_t>(kind)};
}

}  // namespace

struct TwoEndpoints::Dut {
  using V = Vcw_two_endpoints_top_w128;

  explicit Dut(uint64_t seed) : module(seed) {
    V& p = module.pins();
    p.hold = 0;
    p.m_axis0_tready = p.m_axis1_tready = 1;
    p.s_axis0_tvalid = p.s_axis1_tvalid = 0;
  }

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
  agent::AxisPins stream_out(unsigned n) {
    V& p = module.pins();
    return n == 0 ? stream(p.m_axis0_tdata, p.m_axis0_tkeep,
                           {p.m_axis0_tlast, p.m_axis0_tid, p.m_axis0_tuser}, p.m_axis0_tvalid,
                           p.m_axis0_tready)
                  : stream(p.m_axis1_tdata, p.m_axis1_tkeep,
                           {p.m_axis1_tlast, p.m_axis1_tid, p.m_axis1_tuser}, p.m_axis1_tvalid,
                           p.m_axis1_tready);
  }
  agent::AxisPins stream_in(unsigned n) {
    V& p = module.pins();
    return n == 0 ? stream(p.s_axis0_tdata, p.s_axis0_tkeep,
                           {p.s_axis0_tlast, p.s_axis0_tid, p.s_axis0_tuser}, p.s_axis0_tvalid,
                           p.s_axis0_tready)
                  : stream(p.s_axis1_tdata, p.s_axis1_tkeep,
                           {p.s_axis1_tlast, p.s_axis1_tid, p.s_axis1_tuser}, p.s_axis1_tvalid,
                           p.s_axis1_tready);
  }
  bool link_down(unsigned n) { return (module.pins().hot_reset >> n & 1) != 0; }

  dut::Module<V> module;

 private:
  template <class Data, class Keep, class Bit>
  static agent::AxisPins stream(Data& data, Keep& keep, agent::AxisSidePins::Flat side, Bit& valid,
                                Bit& ready) {
    return {.data = data, .keep = keep, .side = side, .valid = valid, .ready = ready};
  }
};

struct TwoEndpoints::Link {
  Link(Dut& dut, HostModel& model, unsigned n)
      : down(dut.module.kernel(), dut.down(n), options(dut, n, "rp{}>ep{}")),
        up(dut.module.kernel(), dut.up(n), options(dut, n, "ep{}>rp{}")),
        checker(down, up),
        board(down, up, model) {
    board.card_refuses({.bytes = uint64_t{1} << model::kDmaCardAxiBit});  // nobody is there
  }

  static agent::TlpMonitor::Options options(Dut& dut, unsigned n, const char* name) {
    return {.name = fmt::format(fmt::runtime(name), n, n),
            .well_formed = true,
            .link_down = [&dut, n] { return dut.link_down(n); }};
  }

  agent::TlpMonitor down, up;
  LinkChecker checker;
  Scoreboard board;
};

// ---- An endpoint

TwoEndpoints::Card::Card(TwoEndpoints& system, unsigned number, const Function& found)
    : function(found),
      registers(found.bar(0).base),
      card_memory(found.bar(2).base),
      msi_data(kMsiData + number * kMsiStep),
      space(*system.iommu_, system.memory_, system.pages_, found.bdf, /*pscid=*/number + 1),
      h2c(*system.host_, space, registers, one_of(model::DmaKind::H2c, system.options_.ring_log2)),
      c2h(*system.host_, space, registers, one_of(model::DmaKind::C2h, system.options_.ring_log2)),
      h2h(*system.host_, space, registers, one_of(model::DmaKind::H2h, system.options_.ring_log2)),
      c2c(*system.host_, space, registers, one_of(model::DmaKind::C2c, system.options_.ring_log2)),
      h2s(*system.host_, space, registers, one_of(model::DmaKind::H2s, system.options_.ring_log2)),
      s2h(*system.host_, space, registers, one_of(model::DmaKind::S2h, system.options_.ring_log2)),
      host_(*system.host_) {
  // The doorbell page is mapped like any page: an interrupt is a write, and writes are translated.
  space.table().map({map::kMsi.base.value}, map::kMsi.base);
  restart();
  const auto image = space.map(memory_bytes());
  std::vector<uint8_t> bytes(image.bytes);
  agent::Rng rng(system.options_.seed, fmt::format("card.{}", number));
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(rng.u32());
  space.write(image, 0, bytes);
  move_memory(h2c, image);
}

void TwoEndpoints::Card::move_memory(DmaDriver& channel, const DmaSpace::Buffer& buffer) {
  channel.submit(
      {.segments = {
           {.iova = buffer.iova, .card_addr = 0, .bytes = static_cast<uint32_t>(buffer.bytes)}}});
  channel.ring_doorbell();
  const auto record = channel.take_record();
  if (record.error == model::DmaError::Ok && record.bytes_done == buffer.bytes) return;
  throw std::runtime_error("all of card memory was to move: " + to_text(record));
}

void TwoEndpoints::Card::restart() {
  set_up_msix(host_, function, msi_data);
  for (DmaDriver* channel : {&h2c, &c2h, &h2h}) channel->start();
}

DmaDriver& TwoEndpoints::Card::channel(model::DmaKind kind) {
  DmaDriver* const all[] = {&h2c, &c2h, &h2h, &c2c, &h2s, &s2h};
  return **std::ranges::find(all, kind, &DmaDriver::kind);
}

// ---- The system

TwoEndpoints::TwoEndpoints(const TwoEndpointsOptions& options)
    : options_(options),
      dut_(std::make_unique<Dut>(options.seed)),
      model_(memory_),
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
  for (unsigned n = 0; n < kEndpoints; ++n) links_[n] = std::make_unique<Link>(*dut_, model_, n);
  bring_up();
}

TwoEndpoints::~TwoEndpoints() = default;

void TwoEndpoints::bring_up() {
  dut_->module.reset();
  topology_ = enumerate(*host_, options_.enumeration);
  iommu_ = std::make_unique<IommuDriver>(*host_, memory_, pages_,
                                         IommuDriver::Options{.queue_log2 = kQueueLog2});
  iommu_->start();
  model_.turn_on(*host_, *iommu_);
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
Scoreboard& TwoEndpoints::board(unsigned n) { return links_.at(n)->board; }
agent::AxisPins TwoEndpoints::stream_out(unsigned n) { return dut_->stream_out(n); }
agent::AxisPins TwoEndpoints::stream_in(unsigned n) { return dut_->stream_in(n); }

void TwoEndpoints::hold(unsigned n, bool held) {
  auto& pins = dut_->module.pins().hold;
  pins = static_cast<uint8_t>(held ? pins | 1u << n : pins & ~(1u << n));
}

// ---- What is owed

std::vector<IommuFault> TwoEndpoints::take_faults() {
  auto faults = iommu_->take_faults();
  recorded_.insert(recorded_.end(), faults.begin(), faults.end());
  return faults;
}

bool TwoEndpoints::quiet() {
  uint64_t interrupts = 0;
  for (const auto& link : links_) {
    interrupts += link->board.interrupts();
    if (link->board.outstanding() != 0 || link->checker.outstanding() != 0) return false;
  }
  return memory_port_->idle() && interrupts_->messages().size() == interrupts;
}

void TwoEndpoints::finish() {
  constexpr unsigned kPolls = 200;
  constexpr dut::Cycles kPoll{50}, kLate{300};
  // Behind all writes of the host
  for (const auto& card : cards_) host_->read32(card->registers);
  for (unsigned n = 0; n < kPolls && !quiet(); ++n) run(kPoll);
  run(kLate);  // long enough for what should not come
  if (!quiet()) {
    std::string text = "something is owed:";
    for (const auto& link : links_) {
      text += fmt::format(" {} by the endpoint, {} on its link, {} interrupts sent;",
                          link->board.outstanding(), link->checker.outstanding(),
                          link->board.interrupts());
    }
    throw ScoreboardFault(text + fmt::format(" {} interrupts came, memory idle {}",
                                             interrupts_->messages().size(), memory_port_->idle()));
  }
  for (const IommuFault& fault : model_.take_faults()) owed_.push_back(fault);
  take_faults();
  // A record is written behind the refusal that it tells of, at the pace of memory.
  for (unsigned n = 0; n < kPolls && recorded_.size() < owed_.size(); ++n) {
    run(kPoll);
    take_faults();
  }
  if (!std::ranges::is_permutation(recorded_, owed_)) {
    throw ScoreboardFault(fmt::format("{} fault records, and {} are owed, or others",
                                      recorded_.size(), owed_.size()));
  }
  recorded_.clear();
  owed_.clear();
  const std::string difference = model_.memory().difference();
  if (!difference.empty()) throw ScoreboardFault(difference);
}

}  // namespace cw::env
