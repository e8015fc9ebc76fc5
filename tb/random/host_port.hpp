// SPDX-License-Identifier: Apache-2.0
//
// The host's side of the traffic: hands out tags, sends requests through the injector, waits for
// their answers. Several sequences share it; one of them may hold all others for a moment.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "dut/kernel.hpp"
#include "random/endpoint_model.hpp"
#include "random/partner.hpp"

namespace cw::random {

inline constexpr pcie::Bdf kHostId{}, kEndpointId{.bus = 3, .device = 0};
inline constexpr uint64_t kRegistersAt = 0x4000'0000, kCardAt = 0x10'0000'0000;
inline constexpr uint32_t kIoAt = 0xe000'0000, kUserAt = 0x7000'0000;

class HostPort {
 public:
  // A sequence whose endpoint has been reset under it.
  struct Ended {};

  HostPort(dut::Kernel& kernel, EndpointModel& model, Partner& partner, Injector& injector,
           model::HostMemory& memory);
  HostPort(const HostPort&) = delete;
  HostPort& operator=(const HostPort&) = delete;

  dut::Kernel& kernel() { return kernel_; }
  EndpointModel& model() { return model_; }
  Partner& partner() { return partner_; }
  const model::ConfigSpace& config() { return model_.ledger().config(); }

  // Until the sequences may send.
  dut::Task<> open();
  // Until there is room for one more request; posted ones wait for their turn as well.
  dut::Task<> room();
  dut::Task<> idle(uint64_t cycles);

  enum class Care { Clean, MayBreak };  // whether the injector sees it
  void post(pcie::RawTlp raw, Care care = Care::MayBreak);
  // Sends a non-posted request and goes on. There must be room().
  void start(pcie::RawTlp raw, Care care = Care::MayBreak);
  dut::Task<Answer> ask(pcie::RawTlp raw, Care care = Care::MayBreak);

  void write32(uint64_t at, uint32_t value);
  dut::Task<uint32_t> read32(uint64_t at);
  dut::Task<uint32_t> config_read(uint16_t offset);
  dut::Task<> config_write(uint16_t offset, uint32_t value, uint8_t enables = 0xf);

  // Software's own store to host memory.
  void store(uint64_t at, const std::vector<uint8_t>& bytes);
  const model::HostMemory& memory() const { return memory_; }

  // The last operations, for a report.
  void begin_log() { logs_ = true; }
  bool logs() const { return logs_; }
  void note(std::string text);
  const std::deque<std::string>& log() const { return log_; }

  size_t outstanding() const { return in_use_; }
  // Told by the model.
  void done(pcie::Tag tag, const Answer& answer);
  // All others wait in open() until release(); not in the middle of a section.
  dut::Task<> hold();
  void release();
  // What one sequence begins and must end, held or not: a channel that is stopped is started again.
  class Section {
   public:
    explicit Section(HostPort& host) : host_(host) { ++host_.sections_; }
    ~Section() { --host_.sections_; }
    Section(const Section&) = delete;
    Section& operator=(const Section&) = delete;

   private:
    HostPort& host_;
  };
  void set_most(unsigned requests) { most_ = requests; }
  // The endpoint was reset: nothing is outstanding, every sequence ends.
  void end_all();

 private:
  static constexpr unsigned kTags = 255;  // posted requests carry the last
  struct Slot {
    bool used = false;
    bool finished = false;
    bool awaited = false;
    Answer answer{};
  };

  uint16_t take_tag();
  void send(pcie::RawTlp raw, Care care, bool posted);

  dut::Kernel& kernel_;
  EndpointModel& model_;
  Partner& partner_;
  Injector& injector_;
  model::HostMemory& memory_;
  std::array<Slot, kTags> slots_{};
  unsigned last_tag_ = kTags - 1;
  unsigned in_use_ = 0;
  unsigned most_ = 16;
  bool held_ = false;
  unsigned sections_ = 0;
  uint64_t life_ = 0;
  bool logs_ = false;
  std::deque<std::string> log_;
  dut::Event changed_;
};

}  // namespace cw::random
