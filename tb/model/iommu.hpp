// SPDX-License-Identifier: Apache-2.0
//
// Reference model of the IOMMU: the RISC-V IOMMU specification 1.0 without any cache, in the
// profile that `capabilities` asks for (base device contexts, first stage, no process directory).
// Each step carries the number that the specification gives it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace cw::model {

// Physical memory as the IOMMU's walks and queues see it.
struct IommuMemory {
  enum class Answer { Ok, AccessFault, Corrupted };

  virtual ~IommuMemory() = default;
  virtual Answer read(uint64_t hpa, std::span<uint8_t> bytes) = 0;
  virtual Answer write(uint64_t hpa, std::span<const uint8_t> bytes) = 0;
};

// Table 11 of the specification: CAUSE of a fault record.
enum class IommuCause : uint16_t {
  ReadAccessFault = 5,
  WriteAccessFault = 7,
  ReadPageFault = 13,
  WritePageFault = 15,
  AllDisallowed = 256,
  DdtLoadFault = 257,
  DdtNotValid = 258,
  DdtMisconfigured = 259,
  TypeDisallowed = 260,
  DdtCorrupted = 268,
  PtCorrupted = 274,
};

struct IommuRequest {
  uint32_t device_id = 0;  // segment, bus, device, function: 24 bits
  uint64_t iova = 0;
  bool write = false;
  uint8_t address_type = 0;  // AT of the TLP: 0 untranslated, 1 translation request, 2 translated
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
                          kCqcsr = 0x048, kFqcsr = 0x04c, kIpsr = 0x054, kIcvec = 0x2f8;
}  // namespace iommu_reg

class Iommu {
 public:
  Iommu(uint64_t capabilities, IommuMemory& memory);

  // One request; a fault is reported to the fault queue as the device context allows.
  IommuAnswer translate(const IommuRequest& request);

  // Registers, at their offset in `size` 4 or 8 bytes. A write to cqt runs the commands it adds.
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
  };
  struct Walk {
    std::optional<IommuCause> fault{};
    uint64_t hpa = 0;
  };

  std::optional<IommuCause> locate_context(uint32_t device_id, DeviceContext& context);
  bool context_misconfigured(const DeviceContext& context) const;
  Walk first_stage(const DeviceContext& context, const IommuRequest& request);
  bool beyond_physical(uint64_t hpa, unsigned bytes) const;
  bool has(unsigned capability) const { return (capabilities_ >> capability & 1) != 0; }

  void report(IommuCause cause, const IommuRequest& request, bool faults_disabled);
  void run_commands();
  bool command_illegal(uint64_t low, uint64_t high) const;
  bool run_fence(uint64_t low, uint64_t high);
  void write_csr(Queue& queue, uint32_t value, uint32_t errors);
  void raise_pending();

  uint64_t capabilities_;
  IommuMemory& memory_;
  uint32_t fctl_ = 0;
  uint64_t ddtp_ = 0;
  Queue commands_;
  Queue faults_;
  uint32_t ipsr_ = 0;
  uint64_t icvec_ = 0;
};

}  // namespace cw::model
