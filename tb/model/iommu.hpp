// SPDX-License-Identifier: Apache-2.0
//
// Reference model of the IOMMU: the RISC-V IOMMU specification 1.0 without any cache and without a
// clock, in the profile that `capabilities` asks for (base device contexts, first stage, no process
// directory). Each step carries the number that the specification gives it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "model/iommu_counters.hpp"
#include "model/iommu_interrupts.hpp"

namespace cw::model {

// Physical memory as the IOMMU's walks, queues and messages see it.
struct IommuMemory {
  enum class Answer { Ok, AccessFault, Corrupted };

  virtual ~IommuMemory() = default;
  virtual Answer read(uint64_t hpa, std::span<uint8_t> bytes) = 0;
  virtual Answer write(uint64_t hpa, std::span<const uint8_t> bytes) = 0;
};

// "Fault record CAUSE field encodings": CAUSE of a fault record.
enum class IommuCause : uint16_t {
  InstructionAccessFault = 1,
  ReadAccessFault = 5,
  WriteAccessFault = 7,
  InstructionPageFault = 12,
  ReadPageFault = 13,
  WritePageFault = 15,
  AllDisallowed = 256,
  DdtLoadFault = 257,
  DdtNotValid = 258,
  DdtMisconfigured = 259,
  TypeDisallowed = 260,
  DdtCorrupted = 268,
  MsiWriteFault = 273,
  PtCorrupted = 274,
};

struct IommuRequest {
  uint32_t device_id = 0;  // segment, bus, device, function: 24 bits
  uint64_t iova = 0;
  bool write = false;
  uint8_t address_type = 0;  // AT of the TLP: 0 untranslated, 1 translation request, 2 translated
  bool debug = false;        // by the debug interface: not counted, as 7 leaves open
  bool execute = false;      // a read for execute: by the debug interface alone
  std::optional<uint32_t> process_id{};  // likewise
  bool privileged = false;               // means something with a process id
};

struct IommuAnswer {
  std::optional<IommuCause> fault{};
  uint64_t hpa = 0;  // where there is no fault

  bool operator==(const IommuAnswer&) const = default;
};

// Offsets of the register file (chapter 6 of the specification).
namespace iommu_reg {
inline constexpr uint32_t kCapabilities = 0x000, kFctl = 0x008, kDdtp = 0x010, kCqb = 0x018,
                          kCqh = 0x020, kCqt = 0x024, kFqb = 0x028, kFqh = 0x030, kFqt = 0x034,
                          kCqcsr = 0x048, kFqcsr = 0x04c, kIpsr = 0x054, kIocountovf = 0x058,
                          kIocountinh = 0x05c, kIohpmcycles = 0x060, kIohpmctr = 0x068,
                          kIohpmevt = 0x160, kTrReqIova = 0x258, kTrReqCtl = 0x260,
                          kTrResponse = 0x268, kIcvec = 0x2f8, kMsiCfgTbl = 0x300;
}  // namespace iommu_reg

class Iommu {
 public:
  Iommu(uint64_t capabilities, IommuMemory& memory);

  // Bits of `capabilities` that ask for more than this profile has; 0 where it can be modelled.
  static uint64_t unsupported(uint64_t capabilities);

  // One request; a fault is reported to the fault queue as the device context allows.
  IommuAnswer translate(const IommuRequest& request);

  // Registers, at their offset in `size` 4 or 8 bytes. All that a write starts is done when it
  // returns: commands, a debug translation, messages.
  void write_register(uint32_t offset, unsigned size, uint64_t value);
  uint64_t read_register(uint32_t offset, unsigned size) const;

  // Bit v: the wired interrupt v is asserted.
  uint16_t interrupts() const;

 private:
  struct DeviceContext {
    uint64_t tc = 0, iohgatp = 0, ta = 0, fsc = 0;
  };
  struct Queue {
    uint64_t base = 0;
    uint32_t head = 0, tail = 0, csr = 0;
    uint32_t entries() const { return 2u << (base & 31); }
    uint32_t mask() const { return entries() - 1; }
    uint64_t address() const { return (base >> 10 & 0xfff'ffff'ffff) << 12; }
    bool on() const { return (csr >> 16 & 1) != 0; }
    bool full() const { return ((tail + 1) & mask()) == head; }
  };
  struct Walk {
    std::optional<IommuCause> fault{};
    uint64_t hpa = 0;
  };
  struct Record {
    IommuCause cause{};
    uint64_t type = 0;  // TTYP
    uint32_t device_id = 0;
    std::optional<uint32_t> process_id{};
    bool privileged = false;
    uint64_t iotval = 0;
  };

  // Translation (3.3)
  IommuAnswer process(const IommuRequest& request);
  std::optional<IommuCause> locate_context(uint32_t device_id, DeviceContext& context);
  bool context_misconfigured(const DeviceContext& context) const;
  Walk first_stage(const DeviceContext& context, const IommuRequest& request);
  bool beyond_physical(uint64_t hpa, unsigned bytes) const;
  bool has(unsigned capability) const { return (capabilities_ >> capability & 1) != 0; }
  unsigned physical_bits() const { return capabilities_ >> 32 & 63; }
  unsigned mode() const { return ddtp_ & 15; }
  bool wired() const { return (fctl_ >> 1 & 1) != 0; }
  void count(IommuEvent event, const IommuRequest& request,
             std::optional<uint32_t> pscid = std::nullopt);

  // Fault queue (4.2)
  void report(IommuCause cause, const IommuRequest& request, bool faults_disabled);
  void record(const Record& record);

  // Command queue (4.1)
  void run_commands();
  bool command_illegal(uint64_t low, uint64_t high) const;
  bool run_fence(uint64_t low, uint64_t high);

  // Registers (6)
  uint64_t merged(uint64_t old, uint32_t offset, unsigned size, uint64_t value) const;
  void write_fctl(uint64_t value);
  void write_ddtp(uint64_t value);
  void write_base(Queue& queue, uint32_t& index, uint64_t value);
  bool write_csr(Queue& queue, uint32_t value, uint32_t errors);
  void write_debug(uint64_t value);
  bool write_counters(uint32_t offset, unsigned size, uint64_t value);
  uint64_t read_aligned(uint32_t offset) const;
  uint64_t ppn_mask() const;

  // Interrupts (6.13, 6.22)
  void signal();

  uint64_t capabilities_;
  IommuMemory& memory_;
  uint32_t fctl_ = 0;
  uint64_t ddtp_ = 0;
  Queue commands_;
  Queue faults_;
  IommuInterrupts interrupts_;
  IommuCounters counters_;
  uint64_t debug_iova_ = 0, debug_control_ = 0, debug_response_ = 0;
};

}  // namespace cw::model
