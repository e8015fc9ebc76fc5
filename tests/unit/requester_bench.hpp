// SPDX-License-Identifier: Apache-2.0
//
// The requester with an agent at each of its channels: clients that read and write, and a port
// whose completions the test sends itself.
#pragma once

#include <array>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "agent/tlp_monitor.hpp"
#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "dut/channel_pins.hpp"
#include "dut/module.hpp"
#include "unit/requester_fields.hpp"

namespace cw::unit {

using namespace cw::dut::literals;

// Asks for reads, each client its own in order.
template <class V>
class ReadSource : public dut::Clocked {
 public:
  ReadSource(dut::Module<V>& module, agent::Rng rng, agent::Stall stall)
      : module_(module), stall_(stall, rng) {
    module.kernel().add(*this);
  }
  void send(const Read& read) { queue_[read.client].push_back(read); }
  void forget() {
    reset();
    for (auto& queue : queue_) queue.clear();
  }
  bool idle() const { return queue_[0].empty() && queue_[1].empty(); }
  struct Taken {
    Read read;
    uint64_t at;
  };
  const std::vector<Taken>& taken() const { return taken_; }

  void sample() override {
    for (unsigned c = 0; c < 2; ++c) {
      if (!(valid_ & module_.pins().rd_ready_o & 1u << c)) continue;
      taken_.push_back({queue_[c].front(), module_.now().value});
      queue_[c].pop_front();
      valid_ &= ~(1u << c);
    }
  }
  void commit() override {
    for (unsigned c = 0; c < 2; ++c) {
      if ((valid_ & 1u << c) || queue_[c].empty() || stall_.stalls()) continue;
      drive(module_.pins().rd_req_i, queue_[c].front());
      valid_ |= 1u << c;
    }
    module_.pins().rd_valid_i = valid_;
  }
  void reset() override { module_.pins().rd_valid_i = valid_ = 0; }

 private:
  dut::Module<V>& module_;
  agent::StallPolicy stall_;
  std::array<std::deque<Read>, 2> queue_;
  unsigned valid_ = 0;
  std::vector<Taken> taken_;
};

// A packet of an answer, its bytes cut out of their lanes.
struct Answer {
  unsigned client = 0, mark = 0;
  uint64_t dest = 0;
  bool last = false;
  unsigned status = RdOk;
  unsigned offset = 0;
  std::vector<uint8_t> bytes;
  uint64_t at = 0;
};

template <class V>
class AnswerSink : public dut::Clocked {
 public:
  AnswerSink(dut::Module<V>& module, agent::Rng rng, agent::Stall stall)
      : module_(module), stall_(stall, rng) {
    module.kernel().add(*this);
  }
  std::deque<Answer> answers;
  uint64_t beats = 0;
  void block(bool blocked) { blocked_ = blocked; }

  void sample() override {
    V& pins = module_.pins();
    if (pins.fn_rst_o & 1) inside_ = false;
    if (pins.fn_rst_o & 1) return;  // the clients are in reset
    if (!(pins.rsp_valid_o && pins.rsp_ready_i)) return;
    const AnswerBeat beat(pins.rsp_o);
    ++beats;
    REQUIRE(beat.sop == !inside_);
    if (beat.sop) {
      now_ = {.client = beat.client,
              .mark = beat.mark,
              .dest = beat.dest,
              .last = beat.last,
              .status = beat.status,
              .offset = beat.offset,
              .bytes = {},
              .at = 0};
      left_ = beat.bytes;
    }
    std::array<uint8_t, sizeof(pins.rsp_data_o)> lanes;
    std::memcpy(lanes.data(), &pins.rsp_data_o, lanes.size());
    for (size_t i = beat.sop ? beat.offset : 0; i < lanes.size() && left_; ++i, --left_) {
      now_.bytes.push_back(lanes[i]);
    }
    inside_ = !beat.eop;
    if (!beat.eop) return;
    REQUIRE(left_ == 0);
    now_.at = module_.now().value;
    answers.push_back(now_);
  }
  void commit() override { module_.pins().rsp_ready_i = !blocked_ && !stall_.stalls(); }
  void reset() override { module_.pins().rsp_ready_i = 0; }

 private:
  dut::Module<V>& module_;
  agent::StallPolicy stall_;
  Answer now_;
  unsigned left_ = 0;
  bool inside_ = false, blocked_ = false;
};

template <class V>
class RequesterBench : public dut::Clocked {
 public:
  explicit RequesterBench(uint64_t seed = 1, agent::Stall stall = agent::Stall::None)
      : module(seed),
        rng(seed, "requester"),
        reads(module, rng.fork("reads"), stall),
        answers(module, rng.fork("answers"), stall),
        np(module.kernel(),
           dut::channel(p().np_ctl_o, p().np_data_o, p().np_valid_o, p().np_ready_i),
           rng.fork("np"), stall),
        posted(module.kernel(),
               dut::channel(p().p_ctl_o, p().p_data_o, p().p_valid_o, p().p_ready_i), rng.fork("p"),
               stall),
        cpl(module.kernel(),
            dut::channel(p().cpl_ctl_i, p().cpl_data_i, p().cpl_valid_i, p().cpl_ready_o),
            rng.fork("cpl"), stall) {
    module.kernel().add(*this);
    dut::clear_bits(p().state_i);
    configure({});
    p().wr_valid_i = p().np_left_i = 0;
    module.reset();
    step(257);  // until every tag is cleared
  }
  V& p() { return module.pins(); }
  void configure(const CfgState& state) { drive(p().state_i, state); }
  size_t held() const { return inside_.size(); }
  void step(unsigned cycles = 1) { module.step(dut::Cycles{cycles}); }
  // As the port: a request leaves a clock after it came, unless it is held back; one that is to be
  // dropped leaves in any case, unless it is stuck behind a write.
  void commit() override {
    const bool leaves = !inside_.empty() && !stuck && (!hold || (p().np_drop_o & 1));
    p().np_left_i = leaves;
    if (!leaves) return;
    p().np_left_tag_i = inside_.front();
    inside_.pop_front();
  }
  void sample() override {  // events are counted by name
    if (p().np_valid_o && p().np_ready_i) {
      pcie::RawTlp tlp{.hdr = np_pins_.ctl().hdr};
      inside_.push_back(static_cast<uint16_t>(tag_of(tlp)));
    }
    const unsigned kinds = report_kinds(p().report_o);
    for (unsigned bit = 0; bit < events_.size(); ++bit) events_[bit] += kinds >> bit & 1;
    if (!kinds) return;
    CHECK(report_functions(p().report_o) == (kinds & EventMalformed ? 0xff : 1));
    last_header = report_header(p().report_o);
  }
  unsigned events(Event which) const {
    unsigned bit = 0;
    while (!(which >> bit & 1)) ++bit;
    return events_[bit];
  }

  // The tag of the next MRd.
  unsigned next_tag(dut::Cycles budget = 200_cycles) {
    module.run_until([&] { return !np.empty(); }, budget);
    return tag_of(np.pop());
  }
  void request_reset() {
    dut::set_bits(p().state_i, 422, 1, 1);  // flr
    step();
    dut::set_bits(p().state_i, 422, 1, 0);
  }
  // Function 0 is reset, and its clients with it.
  void reset_function() {
    request_reset();
    module.run_until([&] { return (p().fn_rst_o & 1) != 0; }, 50_cycles);
    reads.forget();
    answers.answers.clear();
    module.run_until([&] { return !(p().stop_o & 1); }, 300_cycles);
  }
  // The next packet of an answer.
  Answer next_answer(dut::Cycles budget = 200_cycles) {
    module.run_until([&] { return !answers.answers.empty(); }, budget);
    const Answer answer = answers.answers.front();
    answers.answers.pop_front();
    return answer;
  }
  // A true completion of `bytes` from `address` on, with `left` owed before it.
  pcie::RawTlp truth(unsigned tag, uint64_t address, uint32_t bytes, uint32_t left) {
    return encode(honest_cpl(tag, address, bytes, left), memory_dwords(address, bytes));
  }

  dut::Module<V> module;
  agent::Rng rng;
  ReadSource<V> reads;
  AnswerSink<V> answers;
  agent::TlpSink np, posted;
  agent::TlpSource cpl;
  std::array<uint32_t, 4> last_header{};  // with the last error
  bool hold = false;                      // the port sends nothing
  bool stuck = false;                     // nor drops anything

 private:
  dut::ChannelPins np_pins_{
      dut::channel(p().np_ctl_o, p().np_data_o, p().np_valid_o, p().np_ready_i)};
  std::deque<uint16_t> inside_;  // tags of requests that the port holds
  std::array<unsigned, 14> events_{};
};

}  // namespace cw::unit
