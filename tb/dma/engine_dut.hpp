// SPDX-License-Identifier: Apache-2.0
//
// The DMA engine alone, at the width that is asked for: its ports as plain values. At 128 bits it
// has 16 channels, at the other widths six: one of each kind, over and over.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "agent/axi_pins.hpp"
#include "agent/axis_pins.hpp"
#include "dut/module.hpp"
#include "model/dma.hpp"
#include "unit/dma_fields.hpp"

namespace cw::dma {

namespace fields = unit::dma;

inline constexpr unsigned kEngineWidths[] = {64, 128, 256, 512};
inline constexpr uint64_t kCardBytes = 65536;

// Who writes to host memory: the ports of the engine.
enum WritePort : unsigned { kRecordPort, kDataPort };
inline constexpr unsigned kWritePorts = 2, kReadClients = 2;

struct CardWrite {
  uint64_t addr = 0;
  std::vector<uint8_t> data{};
  uint64_t strobe = 0;
};

class EngineDut {
 public:
  virtual ~EngineDut() = default;
  virtual dut::ModuleBase& module() = 0;
  virtual unsigned beat_bytes() const = 0;
  virtual unsigned channels() const = 0;
  model::DmaKind kind(unsigned channel) const { return static_cast<model::DmaKind>(channel % 6); }

  // Registers
  virtual void ctl(unsigned channel, const fields::Ctl& ctl) = 0;
  virtual fields::Sta sta(unsigned channel) = 0;
  virtual void limits(unsigned max_payload, unsigned max_read) = 0;  // encodings
  virtual void others(bool want) = 0;                                // somebody else wants the bus
  virtual void flush(bool on) = 0;                                   // a function-level reset
  virtual std::optional<unsigned> irq() = 0;                         // of which channel

  // Host memory
  virtual std::optional<fields::ReadReq> read(unsigned client) = 0;  // on offer
  virtual void read_ready(unsigned client, bool ready) = 0;
  virtual void answer(const fields::ReadRsp& rsp, std::span<const uint8_t> data) = 0;
  virtual void answer_valid(bool valid) = 0;
  virtual bool answer_ready() = 0;
  virtual std::optional<fields::WriteBeat> write(unsigned port) = 0;  // on offer
  virtual std::vector<uint8_t> write_data(unsigned port) = 0;
  virtual void write_ready(unsigned port, bool ready) = 0;

  // Card memory
  virtual std::optional<CardWrite> card_write() = 0;
  virtual void card_write_ready(bool ready) = 0;
  virtual std::optional<uint64_t> card_read() = 0;
  virtual void card_read_ready(bool ready) = 0;
  virtual void card_answer(std::span<const uint8_t> data) = 0;  // none: nothing
  virtual agent::AxiPins axi() = 0;

  // Streams, in the order of the channels
  virtual std::vector<agent::AxisPins> stream_outputs() = 0;
  virtual std::vector<agent::AxisPins> stream_inputs() = 0;

  virtual void drive_pins() = 0;  // what is on those of AXI4 and of the streams

  // Software writes one register at a time: whether a doorbell may be written in this clock.
  bool take_doorbell() {
    const bool first = rung_at_ != module().now();
    rung_at_ = module().now();
    return first;
  }

  static bool built(unsigned width);
  // std::invalid_argument for a width that was not built. The seed sets registers and memories.
  static std::unique_ptr<EngineDut> make(unsigned width, uint64_t seed);

 private:
  std::optional<dut::Cycles> rung_at_{};
};

}  // namespace cw::dma
