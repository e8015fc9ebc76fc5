// SPDX-License-Identifier: Apache-2.0
//
// The DMA engine with its fake surroundings, a driver that fills rings and rings doorbells, and the
// comparison of everything that happened with the model.
#pragma once

#include <numeric>
#include <string>

#include "dut/module.hpp"
#include "unit/dma_fake.hpp"
#include "unit/dma_pins.hpp"

namespace cw::unit::dma {

using dut::operator""_cycles;
using model::DmaDescriptor;
using model::DmaError;

// One ring entry: a descriptor and the rest of its chain; the bench links them.
using Entry = std::vector<DmaDescriptor>;

template <class V, class Pins>
class DmaBench : public dut::Module<V> {
 public:
  using dut::Module<V>::pins;

  explicit DmaBench(FakePolicy policy = {}, uint64_t seed = 1)
      : dut::Module<V>(seed), engine({{&pins()}}), fake(engine, policy, seed), rng_(seed, "bench") {
    pins().max_payload_i = 1;  // 256 bytes
    pins().max_read_i = 2;     // 512 bytes
    for (unsigned c = 0; c < 2; c++) {
      ctl[c] = {.enable = true,
                .ring = 0x10'0000'0000 + (uint64_t{c} << 32),
                .records = 0x20'0000'0000 + (uint64_t{c} << 32),
                .ring_log2 = 3};
      engine.ctl(c, ctl[c]);
    }
    this->kernel().add(fake);
    this->reset();
  }

  Pins engine;
  DmaFake<Pins> fake;
  Ctl ctl[2];
  std::vector<Entry> entries[2];
  size_t moved[2] = {}, entry_errors[2] = {};

  // A clock, with its pulses counted.
  void tick() {
    this->settle();
    for (unsigned c = 0; c < 2; c++) {
      const Sta sta = engine.sta(c);
      if (sta.moved) moved[c] += sta.moved_bytes;
      entry_errors[c] += sta.entry_error;
    }
    this->step();
  }

  void doorbell(unsigned channel, uint16_t tail) {
    ctl[channel].tail = tail;
    ctl[channel].tail_write = true;
    engine.ctl(channel, ctl[channel]);
    tick();
    ctl[channel].tail_write = false;
    engine.ctl(channel, ctl[channel]);
  }

  // Chains lie in memory of their own, 32 bytes apart or more.
  void write_entry(unsigned channel, size_t index) {
    const Entry& entry = entries[channel][index];
    const uint64_t mask = (1u << ctl[channel].ring_log2) - 1;
    uint64_t at = ctl[channel].ring + (index & mask) * 32;
    for (size_t n = 0; n < entry.size(); n++) {
      DmaDescriptor d = entry[n];
      const uint64_t next = chain_iova(channel, index, n + 1);
      if (n + 1 < entry.size()) {
        d.chain = true;
        d.next = {next};
      }
      fake.host.write(at, model::encode(d));
      at = next;
    }
  }
  static uint64_t chain_iova(unsigned channel, size_t index, size_t place) {
    return 0x30'0000'0000 + (uint64_t{channel} << 32) + index * 0x10'0000 + place * 0x60;
  }

  // Hands all entries over as the ring has room; then waits until they are retired or it halts.
  void run(dut::Cycles budget = 200'000_cycles) {
    size_t tail[2] = {};
    const auto end = this->now() + budget;
    for (;;) {
      bool all_done = true;
      for (unsigned c = 0; c < 2; c++) {
        const Sta sta = engine.sta(c);
        const auto room = (size_t{1} << ctl[c].ring_log2) - (tail[c] - sta.head);
        const size_t count = std::min(room, entries[c].size() - tail[c]);
        if (count != 0 && !sta.halted && (fake.policy.stall_percent == 0 || rng_.chance(5))) {
          const size_t some = fake.policy.stall_percent ? rng_.range(1, count) : count;
          for (size_t n = 0; n < some; n++) write_entry(c, tail[c]++);
          doorbell(c, static_cast<uint16_t>(tail[c]));
        }
        if (entries[c].empty()) continue;
        all_done &= (sta.halted || sta.head == entries[c].size()) && !sta.busy;
      }
      if (all_done) break;
      if (this->now() > end) throw dut::Timeout("the entries do not end");
      tick();
    }
    for (int n = 0; n < 4; n++) tick();
    CHECK(fake.idle());
  }

  // Everything in the log is what the model says, and nothing else.
  void verify(unsigned channel);

 private:
  // The read that brought a descriptor of entry `index`: the ring is read once in every round.
  std::optional<model::DmaDescriptorRead> last_read_of(pcie::Iova iova, unsigned channel,
                                                       size_t index) const {
    const bool in_ring = iova.value - ctl[channel].ring < (32u << ctl[channel].ring_log2);
    size_t round = in_ring ? index >> ctl[channel].ring_log2 : 0;
    for (const auto& read : fake.descriptor_reads[channel]) {
      if (iova.value - read.iova.value < read.bytes && round-- == 0) return read;
    }
    return std::nullopt;
  }

  agent::Rng rng_;
};

template <class V, class Pins>
void DmaBench<V, Pins>::verify(unsigned channel) {
  const bool to_card = channel == 0;
  const unsigned done_port = to_card ? H2cDone : C2hDone;
  std::vector<uint8_t> card = fake.card;
  model::DmaChannelModel model(
      {.to_card = to_card,
       .ring = {ctl[channel].ring},
       .records = {ctl[channel].records},
       .ring_log2 = ctl[channel].ring_log2,
       .limit_bytes = 128u << (to_card ? pins().max_read_i : pins().max_payload_i)},
      {.byte = [this](pcie::Iova iova) { return fake.host.byte(iova.value); },
       .fault = [this](pcie::Iova iova, uint32_t n) { return fake.fault(iova.value, n); }},
      card);

  size_t reads_at = 0, data_at = 0, done_at = 0, irq_at = 0, bytes_done = 0, errors = 0;
  const auto next_write = [&](size_t& at, unsigned port) -> const LoggedWrite& {
    while (at < fake.writes.size() && fake.writes[at].port != port) at++;
    if (at == fake.writes.size()) throw std::runtime_error("a write is missing");
    return fake.writes[at++];
  };
  for (size_t n = 0; n < entries[channel].size() && !model.halted(); n++) {
    INFO("channel " << channel << " entry " << n);
    write_entry(channel, n);  // the ring may have gone round since
    REQUIRE(model.doorbell(static_cast<uint16_t>(n + 1)));
    const LoggedWrite& record = next_write(done_at, done_port);
    const auto seen_record =
        model::decode_record(std::span<const uint8_t, 16>(record.data.data(), 16));
    const auto entry = model.next(
        {.data_reads = std::span(fake.data_reads).subspan(to_card ? reads_at : 0),
         .descriptor_read = [&](pcie::Iova iova) { return last_read_of(iova, channel, n); },
         .error = seen_record.error});
    CHECK(entry->violation == "");

    for (const auto& chunk : entry->data_reads) {
      REQUIRE(reads_at < fake.data_reads.size());
      CHECK(fake.data_reads[reads_at++] == chunk);
      const auto fault = fake.fault(chunk.iova.value, chunk.bytes);
      const uint32_t landed = fault ? fault->bytes_before : chunk.bytes;
      bool all_there = true;
      for (uint32_t b = 0; b < landed; b++) {
        all_there &= record.card[chunk.card_addr + b] == fake.host.byte(chunk.iova.value + b);
      }
      CHECK(all_there);  // before the record
    }
    for (const auto& write : entry->writes) {
      const LoggedWrite& logged = next_write(data_at, C2hData);
      CHECK(logged.iova == write.iova.value);
      CHECK(logged.data == write.data);
      CHECK(data_at < done_at);  // before the record
    }
    CHECK(record.iova == entry->record_iova.value);
    CHECK(seen_record == entry->record);
    const auto encoded = model::encode(entry->record);
    CHECK(record.data == std::vector<uint8_t>(encoded.begin(), encoded.end()));
    if (entry->interrupt) {
      while (irq_at < fake.irqs.size() && fake.irqs[irq_at].channel != channel) irq_at++;
      REQUIRE(irq_at < fake.irqs.size());
      CHECK(fake.irqs[irq_at++].writes_before >= done_at);  // after the record
    }
    bytes_done += entry->record.bytes_done;
    errors += entry->record.error != DmaError::Ok;
  }
  const auto left = [&](unsigned port, size_t at) {
    return std::ranges::count(std::span(fake.writes).subspan(at), port, &LoggedWrite::port);
  };
  CHECK(left(done_port, done_at) == 0);
  if (to_card) CHECK(reads_at == fake.data_reads.size());
  if (to_card) CHECK(card == fake.card);
  if (!to_card) CHECK(left(C2hData, data_at) == 0);
  CHECK(std::ranges::count(std::span(fake.irqs).subspan(irq_at), channel, &LoggedIrq::channel) ==
        0);
  CHECK(engine.sta(channel).head == model.head());
  CHECK(engine.sta(channel).halted == model.halted());
  CHECK(moved[channel] == bytes_done);
  CHECK(entry_errors[channel] == errors);
}

}  // namespace cw::unit::dma
