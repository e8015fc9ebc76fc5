// SPDX-License-Identifier: Apache-2.0
// cw-variant: W=64 N=3
#include <array>
#include <memory>
#include <vector>

#include "Vcw_tlp_merge.h"
#include "Vcw_tlp_merge_w64_n3.h"
#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "dut/bits.hpp"
#include "dut/module.hpp"
#include "unit/port_traffic.hpp"

namespace cw::unit {
namespace {

using namespace dut::literals;

template <class V>
struct Merge {
  static constexpr unsigned kChannels = sizeof(V::in_data_i) / sizeof(V::out_data_o);
  static constexpr unsigned kLanes = sizeof(V::out_data_o) / 4, kCtlBits = 212;

  // One channel of the array of them.
  struct Channel {
    std::array<uint32_t, dut::kTlpCtlWords> ctl{};
    std::array<uint32_t, kLanes> data{};
    uint8_t valid = 0, ready = 0;
  };
  // Takes its readies apart, before the sources look; puts them together, after they have driven.
  struct Split : dut::Clocked {
    explicit Split(Merge& owner) : merge(owner) {}
    void sample() override {
      for (unsigned n = 0; n < kChannels; ++n) {
        merge.channels[n].ready = merge.p.in_ready_o >> n & 1;
      }
    }
    Merge& merge;
  };
  struct Join : dut::Clocked {
    explicit Join(Merge& owner) : merge(owner) {}
    void sample() override {}
    void commit() override {
      merge.p.in_valid_i = 0;
      for (unsigned n = 0; n < kChannels; ++n) {
        const Channel& from = merge.channels[n];
        merge.p.in_valid_i |= from.valid << n;
        for (unsigned bit = 0; bit < kCtlBits; bit += 32) {
          const unsigned width = std::min(32u, kCtlBits - bit);
          dut::set_bits(merge.p.in_ctl_i, n * kCtlBits + bit, width, from.ctl[bit / 32]);
        }
        for (unsigned lane = 0; lane < kLanes; ++lane) {
          dut::set_bits(merge.p.in_data_i, 32 * (n * kLanes + lane), 32, from.data[lane]);
        }
      }
    }
    Merge& merge;
  };

  explicit Merge(uint64_t seed = 1, agent::Stall stall = agent::Stall::None)
      : module(seed),
        sink(module.kernel(), dut::channel(p.out_ctl_o, p.out_data_o, p.out_valid_o, p.out_ready_i),
             {seed, "out"}, stall) {
    module.kernel().add(split);
    for (unsigned n = 0; n < kChannels; ++n) {
      Channel& to = channels[n];
      sources.push_back(std::make_unique<agent::TlpSource>(
          module.kernel(), dut::channel(to.ctl, to.data, to.valid, to.ready),
          agent::Rng(seed, "in").fork(std::to_string(n)), stall));
    }
    module.kernel().add(join);
    p.in_valid_i = 0;
    module.reset();
  }
  ~Merge() {
    module.kernel().remove(split);
    module.kernel().remove(join);
  }

  dut::Module<V> module;
  V& p = module.pins();
  std::array<Channel, kChannels> channels{};
  Split split{*this};
  Join join{*this};
  agent::TlpSink sink;
  std::vector<std::unique_ptr<agent::TlpSource>> sources;
};

TEMPLATE_TEST_CASE("Channels that are joined keep their TLPs whole and in order",
                   "[unit][tlp][R31]", Vcw_tlp_merge, Vcw_tlp_merge_w64_n3) {
  uint64_t seed = 70;
  for (const agent::Stall stall : agent::kEveryStall) {
    Merge<TestType> merge(++seed, stall);
    agent::Rng rng(seed, "tlps");
    constexpr unsigned kEach = 60;
    std::array<std::deque<pcie::RawTlp>, Merge<TestType>::kChannels> sent, came;
    for (unsigned n = 0; n < sent.size() * kEach; ++n) {
      const unsigned from = n % sent.size();
      pcie::RawTlp tlp = test::random_write(rng, 256);
      tlp.hdr[1] = (tlp.hdr[1] & 0xffff) | from << 16;  // the requester says whose it is
      sent[from].push_back(tlp);
      merge.sources[from]->send(tlp);
    }
    merge.module.run_until([&] { return merge.sink.size() == sent.size() * kEach; },
                           100'000_cycles);
    for (const auto& tlp : merge.sink.received()) came[tlp.hdr[1] >> 16].push_back(tlp);
    CHECK(came == sent);
  }
}

TEST_CASE("Channels that are joined have the same share, and none waits for one that is empty",
          "[unit][tlp][performance]") {
  Merge<Vcw_tlp_merge> merge;
  agent::Rng rng(1, "tlps");
  for (unsigned n = 0; n < 50; ++n) {
    for (unsigned from = 0; from < 2; ++from) {
      pcie::RawTlp tlp = test::random_write(rng, 32);
      tlp.hdr[1] = (tlp.hdr[1] & 0xffff) | from << 16;
      merge.sources[from]->send(tlp);
    }
  }
  merge.module.run_until([&] { return merge.sink.size() == 40; }, 60_cycles);
  unsigned seconds = 0;
  for (const auto& tlp : merge.sink.received()) seconds += tlp.hdr[1] >> 16;
  CHECK(seconds == 20);
  Merge<Vcw_tlp_merge> alone;
  for (unsigned n = 0; n < 20; ++n) alone.sources[1]->send(test::random_write(rng, 32));
  alone.module.run_until([&] { return alone.sink.size() == 20; }, 30_cycles);
}

}  // namespace
}  // namespace cw::unit
