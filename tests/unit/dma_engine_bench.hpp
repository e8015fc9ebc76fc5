// SPDX-License-Identifier: Apache-2.0
//
// The whole DMA engine, a channel of each kind, between a requester that answers reads in order
// after a latency, built-in card memory, memory behind AXI4 and streams. It keeps a log with
// clocks, so that tests can say what came when; channels are driven as docs/dma.md tells a driver
// to.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "agent/axi_memory.hpp"
#include "agent/axis_sink.hpp"
#include "agent/axis_source.hpp"
#include "agent/rng.hpp"
#include "agent/stall_policy.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "model/host_memory.hpp"
#include "unit/axi_struct.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {

using Bytes = std::vector<uint8_t>;

constexpr uint64_t kAxiCard = uint64_t{1} << 40;

template <class V>
class EngineBench : public dut::Module<V>, private dut::Clocked {
 public:
  static constexpr unsigned kBeat = sizeof(V::rsp_data_i);
  static constexpr unsigned kStatusBits = 34;  // of a channel
  static constexpr unsigned kChannels = sizeof(V::sta_o) * 8 / kStatusBits;
  static constexpr unsigned kRecordPort = 0, kDataPort = 1;
  static constexpr uint64_t kCardBytes = 65536;

  struct Options {
    unsigned latency = 10;  // from a read taken to the first beat of its answer
    agent::Stall stall = agent::Stall::None;
    unsigned max_payload = 1, max_read = 2;  // encodings: 256, 512 bytes
    uint64_t seed = 1;
  };
  struct ReadSeen {
    unsigned client = 0;
    ReadReq req{};
    uint64_t clock = 0;
  };
  struct WriteSeen {
    unsigned port = 0;
    uint64_t iova = 0;
    unsigned attr = 0;
    Bytes data{};
    uint64_t begun = 0, clock = 0;  // of its first beat, of its last
  };
  struct IrqSeen {
    unsigned chan = 0;
    size_t writes_before = 0;
  };

  explicit EngineBench(const Options& options = {})
      : dut::Module<V>(options.seed),
        options(options),
        card(kCardBytes),
        axi_opener_(this->kernel(), *this),
        axi(this->kernel(),
            axi_port_.pins(this->pins().axi_wdata_o, this->pins().axi_wstrb_o,
                           this->pins().axi_rdata_i),
            axi_space, {options.seed, "axi"}, {.stall = options.stall}),
        axi_closer_(this->kernel(), *this),
        stream_out(this->kernel(), out_pins(), {options.seed, "out"}, options.stall),
        stream_in(this->kernel(), in_pins(), {options.seed, "in"}, options.stall),
        rng_(options.seed, "engine"),
        stall_(options.stall, rng_.fork("stall")) {
    auto& p = this->pins();
    p.max_payload_i = options.max_payload;
    p.max_read_i = options.max_read;
    p.others_i = p.flush_i = 0;
    dut::clear_bits(p.ctl_i);
    p.rsp_valid_i = 0;
    for (uint8_t& byte : card) byte = static_cast<uint8_t>(rng_.u32());
    this->kernel().add(*this);
    dut::Module<V>::reset();  // not this agent's own
    for (unsigned c = 0; c < kChannels; ++c) start(c);
  }
  ~EngineBench() override { this->kernel().remove(*this); }

  // A reset of the engine and of what is on its way to the host, not of AXI4 and streams.
  void flush() {
    this->pins().flush_i = 1;
    this->step(dut::Cycles{2});
    reset();
    this->step(dut::Cycles{1});
    this->pins().flush_i = 0;
  }

  // ---- Channels

  struct Channel {
    Ctl ctl{};
    uint16_t tail = 0;
    unsigned records = 0;  // taken since restart
  };
  static uint64_t ring(unsigned chan) { return 0x10'0000'0000 + (uint64_t{chan} << 24); }
  static uint64_t record_ring(unsigned chan) { return 0x20'0000'0000 + (uint64_t{chan} << 24); }

  // As after reset or a restart.
  void start(unsigned chan, unsigned log2 = 5) {
    Channel& c = channels[chan];
    c = {.ctl = {.enable = true,
                 .irq_enable = true,
                 .ring = ring(chan),
                 .records = record_ring(chan),
                 .ring_log2 = log2}};
    host.fill({ring(chan)}, 32u << log2, 0);
    host.fill({record_ring(chan)}, 16u << log2, 0);
    set(chan);
  }
  void set(unsigned chan) { drive(this->pins().ctl_i, channels[chan].ctl, chan); }
  void pulse(unsigned chan, bool Ctl::*what) {
    channels[chan].ctl.*what = true;
    set(chan);
    this->step();
    channels[chan].ctl.*what = false;
    set(chan);
  }
  // Slots that the ring has left.
  unsigned room(unsigned chan) {
    const Channel& c = channels[chan];
    return (1u << c.ctl.ring_log2) - static_cast<uint16_t>(c.tail - status(chan).head);
  }
  // Puts a descriptor into the ring; the card is not told.
  void put(unsigned chan, Desc d) {
    Channel& c = channels[chan];
    d.phase = (c.tail >> c.ctl.ring_log2 & 1) == 0;
    host.write({c.ctl.ring + 32 * (c.tail & ((1u << c.ctl.ring_log2) - 1))}, to_bytes(d));
    ++c.tail;
  }
  void ring_doorbell(unsigned chan) {
    channels[chan].ctl.tail = channels[chan].tail;
    rung_at = clock_;
    pulse(chan, &Ctl::tail_write);
  }
  void submit(unsigned chan, const std::vector<Desc>& descs) {
    for (const Desc& d : descs) put(chan, d);
    ring_doorbell(chan);
  }
  Sta status(unsigned chan) {
    this->settle();
    return sta(this->pins().sta_o, chan);
  }
  // The next record, if it is there.
  std::optional<Record> take_record(unsigned chan) {
    Channel& c = channels[chan];
    const unsigned size = 1u << c.ctl.ring_log2;
    const Record r = record(host.read({record_ring(chan) + 16 * (c.records % size)}, 16));
    if (r.phase != (c.records / size % 2 == 0)) return std::nullopt;
    ++c.records;
    return r;
  }
  Record wait_record(unsigned chan, unsigned budget = 5000) {
    for (unsigned n = 0; n < budget; ++n) {
      if (const auto r = take_record(chan)) return *r;
      this->step();
    }
    throw dut::Timeout("no record of channel " + std::to_string(chan));
  }
  void wait_rest(unsigned chan, unsigned budget = 5000) {
    this->run_until([&] { return !sta(this->pins().sta_o, chan).busy; }, dut::Cycles{budget});
  }
  // As a driver does after a halt.
  void restart(unsigned chan) {
    wait_rest(chan);
    channels[chan].ctl.enable = false;
    set(chan);
    this->step();
    pulse(chan, &Ctl::restart);
    start(chan, channels[chan].ctl.ring_log2);
    this->step();
  }

  // ---- Memories

  Bytes random(size_t count) {
    Bytes bytes(count);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(rng_.u32());
    return bytes;
  }
  Bytes fill_host(uint64_t at, size_t count) {
    const Bytes bytes = random(count);
    host.write({at}, bytes);
    return bytes;
  }
  Bytes fill_card(uint64_t at, size_t count) {
    const Bytes bytes = random(count);
    if (at & kAxiCard) {
      axi_space.write({at & ~kAxiCard}, bytes);
    } else {
      std::copy(bytes.begin(), bytes.end(), card.begin() + static_cast<ptrdiff_t>(at));
    }
    return bytes;
  }
  Bytes read_host(uint64_t at, size_t count) const { return host.read({at}, count); }
  Bytes read_card(uint64_t at, size_t count) const {
    if (at & kAxiCard) return axi_space.read({at & ~kAxiCard}, count);
    const auto from = card.begin() + static_cast<ptrdiff_t>(at);
    return {from, from + static_cast<ptrdiff_t>(count)};
  }
  // Reads that touch these bytes fail.
  void fail_reads(uint64_t at, uint64_t count, Status status) { faults[at] = {count, status}; }

  size_t data_writes() const {
    return static_cast<size_t>(std::count_if(
        writes.begin(), writes.end(), [](const WriteSeen& w) { return w.port == kDataPort; }));
  }
  size_t data_reads() const {
    return static_cast<size_t>(std::count_if(
        reads.begin(), reads.end(), [](const ReadSeen& r) { return r.client == ClientData; }));
  }
  bool host_idle() const { return asked_.empty(); }
  uint64_t clock() const { return clock_; }

  Options options;
  model::HostMemory host, axi_space;
  Bytes card;
  Channel channels[kChannels];
  std::map<uint64_t, std::pair<uint64_t, Status>> faults;
  bool hold_writes = false, hold_answers = false, in_reset = false;
  uint64_t rung_at = 0;
  std::vector<ReadSeen> reads;
  std::vector<WriteSeen> writes;
  std::vector<IrqSeen> irqs;
  uint64_t moved[kChannels] = {};
  unsigned errors[kChannels] = {}, bad_doorbells[kChannels] = {};

 private:
  struct Asked {
    ReadReq req;
    unsigned client;
    uint64_t due;
    Status status;
    uint32_t good;  // bytes before the failure
  };

  agent::AxisPins out_pins() {
    auto& p = this->pins();
    return {.data = p.h2s_data_o,
            .keep = p.h2s_keep_o,
            .side = p.h2s_o,
            .valid = p.h2s_valid_o,
            .ready = p.h2s_ready_i};
  }
  agent::AxisPins in_pins() {
    auto& p = this->pins();
    return {.data = p.s2h_data_i,
            .keep = p.s2h_keep_i,
            .side = p.s2h_i,
            .valid = p.s2h_valid_i,
            .ready = p.s2h_ready_o};
  }

  void sample() override {
    auto& p = this->pins();
    ++clock_;
    if (in_reset) return;
    for (unsigned c = 0; c < kChannels; ++c) {
      const Sta s = sta(p.sta_o, c);
      if (s.moved) moved[c] += s.moved_bytes;
      errors[c] += s.entry_error;
      bad_doorbells[c] += s.bad_doorbell;
    }
    if (p.irq_valid_o) irqs.push_back({p.irq_chan_o, writes.size()});
    for (unsigned client = 0; client < 2; ++client) {
      if ((p.rd_valid_o & p.rd_ready_i) >> client & 1) take_read(client);
    }
    if (p.rsp_valid_i && p.rsp_ready_o) {
      at_ += kBeat;
      if (at_ >= packet_size()) {
        asked_.pop_front();
        at_ = 0;
      }
      answering_ = false;
    }
    for (unsigned port = 0; port < 2; ++port) {
      if ((p.wr_valid_o & p.wr_ready_i) >> port & 1) take_write(port);
    }
    if (p.cm_wr_valid_o && p.cm_wr_ready_i) {
      const Bytes data = get_bytes(p.cm_wr_data_o, 0, kBeat);
      REQUIRE(p.cm_wr_addr_o % kBeat == 0);
      for (unsigned n = 0; n < kBeat; ++n) {
        if (p.cm_wr_strb_o >> n & 1) card.at(p.cm_wr_addr_o + n) = data[n];
      }
    }
    card_answer_ = card_asked_;
    card_asked_.reset();
    if (p.cm_rd_valid_o && p.cm_rd_ready_i) card_asked_ = read_card(p.cm_rd_addr_o, kBeat);
  }
  void commit() override {
    auto& p = this->pins();
    p.rd_ready_i = stall_.stalls() ? 0 : 3;
    p.wr_ready_i = stall_.stalls() || hold_writes ? 0 : 3;
    p.cm_wr_ready_i = !stall_.stalls();
    p.cm_rd_ready_i = !stall_.stalls();
    p.cm_rd_rvalid_i = card_answer_.has_value();
    if (card_answer_) drive_bytes(p.cm_rd_rdata_i, *card_answer_);
    const bool due = !asked_.empty() && asked_.front().due <= clock_ + 1 && !hold_answers;
    answering_ = answering_ || (due && !stall_.stalls());
    p.rsp_valid_i = answering_;
    if (answering_) drive_answer();
  }
  void reset() override {
    auto& p = this->pins();
    p.rd_ready_i = p.wr_ready_i = p.rsp_valid_i = 0;
    p.cm_wr_ready_i = p.cm_rd_ready_i = p.cm_rd_rvalid_i = 0;
    asked_.clear();
    answering_ = false;
    at_ = 0;
    card_asked_.reset();
    card_answer_.reset();
  }

  void take_read(unsigned client) {
    const ReadReq req = read_req(this->pins().rd_req_o, client);
    REQUIRE(req.bytes >= 1);
    REQUIRE(req.iova % 4096 + req.bytes <= 4096);
    REQUIRE(req.bytes + req.iova % 4 <= 128u << options.max_read);
    reads.push_back({client, req, clock_});
    Asked asked{req, client, clock_ + options.latency, RdOk, req.bytes};
    for (const auto& [at, fault] : faults) {
      if (at >= req.iova + req.bytes || req.iova >= at + fault.first) continue;
      asked.status = fault.second;
      asked.good = at > req.iova ? static_cast<uint32_t>(at - req.iova) / 64 * 64 : 0;
    }
    asked_.push_back(asked);
  }
  // One packet with what is good, another with the error.
  size_t packet_size() const {
    const Asked& a = asked_.front();
    return a.status == RdOk ? a.req.iova % 4 + a.req.bytes : 1;
  }
  void drive_answer() {
    auto& p = this->pins();
    const Asked& a = asked_.front();
    const auto offset = static_cast<unsigned>(a.req.iova % 4);
    const bool fails = a.status != RdOk;
    drive(p.rsp_i, ReadRsp{.client = a.client,
                           .mark = a.req.mark,
                           .dest = a.req.dest,
                           .offset = offset,
                           .bytes = fails ? 0 : a.req.bytes,
                           .sop = at_ == 0,
                           .eop = at_ + kBeat >= packet_size(),
                           .last = true,
                           .status = a.status});
    drive_bytes(p.rsp_data_i, host.read({a.req.iova - offset + at_}, kBeat));
  }
  void take_write(unsigned port) {
    auto& p = this->pins();
    const WriteBeat beat = write_beat(p.wr_beat_o, port);
    WriteSeen& w = open_[port];
    if (beat.sop) {
      REQUIRE(beat.iova % 4096 + beat.bytes <= 4096);
      if (port == kDataPort) REQUIRE(beat.bytes + beat.iova % 4 <= 128u << options.max_payload);
      w = {.port = port, .iova = beat.iova, .attr = beat.attr, .data = {}, .begun = clock_};
    }
    const auto first = static_cast<unsigned>(beat.sop ? beat.iova % 4 : 0);
    const auto left = static_cast<unsigned>(beat.bytes - w.data.size());
    const Bytes part = get_bytes(p.wr_data_o, port * kBeat + first, std::min(kBeat - first, left));
    w.data.insert(w.data.end(), part.begin(), part.end());
    REQUIRE(beat.eop == (w.data.size() == beat.bytes));
    if (!beat.eop) return;
    w.clock = clock_;
    host.write({w.iova}, w.data);
    writes.push_back(w);
  }

  // The AXI4 memory samples between the one and commits before the other.
  struct Opener : dut::Clocked {
    Opener(dut::Kernel& kernel, EngineBench& bench) : bench(bench) { kernel.add(*this); }
    void sample() override { bench.axi_port_.open(bench.pins().axi_o); }
    EngineBench& bench;
  };
  struct Closer : dut::Clocked {
    Closer(dut::Kernel& kernel, EngineBench& bench) : bench(bench) { kernel.add(*this); }
    void sample() override {}
    void commit() override { bench.axi_port_.close(bench.pins().axi_i); }
    void reset() override { bench.axi_port_.close(bench.pins().axi_i); }
    EngineBench& bench;
  };

  AxiStruct axi_port_;
  Opener axi_opener_;

 public:
  agent::AxiMemory axi;

 private:
  Closer axi_closer_;

 public:
  agent::AxisSink stream_out;
  agent::AxisSource stream_in;

 private:
  agent::Rng rng_;
  agent::StallPolicy stall_;
  uint64_t clock_ = 0;
  std::deque<Asked> asked_;
  size_t at_ = 0;
  bool answering_ = false;
  WriteSeen open_[2];
  std::optional<Bytes> card_asked_, card_answer_;
};

}  // namespace cw::unit::dma
