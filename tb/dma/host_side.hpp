// SPDX-License-Identifier: Apache-2.0
//
// Host memory as the DMA engine reaches it: a requester that answers reads late, in any order and
// in pieces, or with an error, and takes writes when it likes.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "agent/rng.hpp"
#include "agent/stall_policy.hpp"
#include "dma/engine_dut.hpp"
#include "env/dma_watch.hpp"
#include "model/host_memory.hpp"

namespace cw::dma {

class HostSide : public dut::Clocked {
 public:
  struct Options {
    uint64_t latency_low = 1;
    uint64_t latency_high = 1;
    bool reorder = false;
    agent::Stall stall = agent::Stall::None;
    unsigned outstanding = 32;
    unsigned data_faults = 0;        // of 1000 reads
    unsigned descriptor_faults = 0;  // of 1000 reads
  };
  struct SeenBy {
    unsigned channel = 0;
    env::SeenRead* read = nullptr;
  };
  // Who must know: each is told when the engine's request, or a beat of an answer, is taken.
  struct Listener {
    virtual ~Listener() = default;
    virtual SeenBy on_read(bool descriptor, const fields::ReadReq& req) = 0;
    virtual void on_answer(const SeenBy& read) = 0;
    virtual void on_write(bool record, const fields::WriteBeat& beat,
                          std::vector<uint8_t> data) = 0;
  };

  HostSide(EngineDut& dut, Listener& listener, model::HostMemory& memory, agent::Rng rng,
           Options options);
  ~HostSide() override;
  HostSide(const HostSide&) = delete;
  HostSide& operator=(const HostSide&) = delete;

  // A function-level reset: with `stop` nothing new is taken, but for the end of a write that has
  // begun; forget() drops what is owed and a write that has not ended.
  void stop(bool stopped) { stopped_ = stopped; }
  bool writing() const;
  void forget();

  size_t reads_open() const { return asked_.size() + (packet_ ? 1 : 0); }

  void sample() override;
  void commit() override;
  void reset() override;

 private:
  struct Fault {
    unsigned status = fields::RdUr;
    uint32_t bytes_before = 0;
  };
  struct Asked {
    unsigned client = 0;
    fields::ReadReq req{};
    uint64_t due = 0;
    uint32_t done = 0;
    std::optional<Fault> fault{};
    SeenBy seen{};
  };
  struct Packet {
    fields::ReadRsp rsp{};
    std::vector<uint8_t> data{};  // from byte 0 of lane 0; at least one byte, so there is a beat
    SeenBy seen{};
  };

  void take_read(unsigned client, const fields::ReadReq& req);
  void take_write(unsigned port, const fields::WriteBeat& beat);
  void start_packet();
  void end_beat();
  void drive_answer();

  EngineDut& dut_;
  Listener& listener_;
  model::HostMemory& memory_;
  agent::Rng rng_;
  Options options_;
  agent::StallPolicy answer_stall_;
  std::vector<agent::StallPolicy> read_stalls_, write_stalls_;
  uint64_t now_ = 0;
  bool read_ready_[kReadClients] = {}, write_ready_[kWritePorts] = {};
  bool driven_ = false;
  bool stopped_ = false;
  std::deque<Asked> asked_;
  std::optional<Packet> packet_;
  size_t packet_beat_ = 0;
  struct OpenWrite {
    fields::WriteBeat first{};
    std::vector<uint8_t> data{};
  };
  std::optional<OpenWrite> open_writes_[kWritePorts];
};

}  // namespace cw::dma
