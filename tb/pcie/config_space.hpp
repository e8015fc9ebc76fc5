// SPDX-License-Identifier: Apache-2.0
//
// Configuration space: register offsets and bits under the specification's names, and a view of one
// function's bytes.
// Spec: PCIe Base 7.5, 7.7.2.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "pcie/types.hpp"

namespace cw::pcie {

inline constexpr uint32_t kConfigBytes = 4096;
inline constexpr uint16_t kPciConfigBytes = 256;
inline constexpr uint16_t kNoVendor = 0xffff;

namespace reg {  // byte offsets: any header, type 0, type 1
inline constexpr uint16_t kVendorId = 0x00, kDeviceId = 0x02, kCommand = 0x04, kStatus = 0x06,
                          kRevision = 0x08, kClassCode = 0x09, kHeaderType = 0x0e, kBar0 = 0x10,
                          kRomBar = 0x30, kCapPointer = 0x34;
inline constexpr uint16_t kSubsystemVendor = 0x2c, kSubsystemId = 0x2e;
inline constexpr uint16_t kBusNumbers = 0x18, kIoWindow = 0x1c, kRomBarBridge = 0x38,
                          kMemWindow = 0x20, kPrefWindow = 0x24, kPrefBaseUpper = 0x28,
                          kPrefLimitUpper = 0x2c, kBridgeControl = 0x3e;
}  // namespace reg

namespace command {
inline constexpr uint16_t kIoEnable = 1 << 0, kMemEnable = 1 << 1, kBusMasterEnable = 1 << 2,
                          kIntxDisable = 1 << 10;
}  // namespace command

inline constexpr uint16_t kStatusCapList = 1 << 4;
inline constexpr uint8_t kHeaderMultiFunction = 0x80;
inline constexpr uint32_t kBridgeControlSecondaryReset = 1 << 6;

namespace bar {  // low bits of a base address register (7.5.1.2.1)
inline constexpr uint32_t kIo = 1, kTypeMask = 6, k64Bit = 4, kPrefetchable = 8;
inline constexpr uint32_t kMemMask = ~uint32_t{15}, kIoMask = ~uint32_t{3},
                          kRomMask = ~uint32_t{0x7ff};
}  // namespace bar

enum class CapId : uint8_t { Pm = 0x01, Vpd = 0x03, Msi = 0x05, Pcie = 0x10, MsiX = 0x11 };

namespace pcie_cap {  // offsets from the PCI Express capability (7.5.3)
inline constexpr uint16_t kCapabilities = 0x02, kDevCap = 0x04, kDevCtl = 0x08, kDevSta = 0x0a,
                          kLinkCap = 0x0c, kDevCtl2 = 0x28;
inline constexpr uint16_t kCorrectableReport = 1 << 0, kNonFatalReport = 1 << 1,
                          kFatalReport = 1 << 2, kUnsupportedReport = 1 << 3,
                          kRelaxedEnable = 1 << 4, kExtTagEnable = 1 << 8, kNoSnoopEnable = 1 << 11;
inline constexpr unsigned kMaxPayloadLsb = 5, kMaxReadRequestLsb = 12, kPortTypeLsb = 4;
inline constexpr uint16_t kSizeMask = 7;
inline constexpr uint32_t kExtTagSupported = 1u << 5;
}  // namespace pcie_cap

namespace msix_cap {  // offsets from the MSI-X capability (7.7.2)
inline constexpr uint16_t kControl = 0x02, kTable = 0x04, kPba = 0x08;
inline constexpr uint16_t kEnable = 1 << 15, kFunctionMask = 1 << 14, kSizeMask = 0x7ff;
inline constexpr uint32_t kBirMask = 7;
inline constexpr uint32_t kEntryBytes = 16;
}  // namespace msix_cap

namespace pm_cap {
inline constexpr uint16_t kControl = 0x04;
inline constexpr uint16_t kPowerStateMask = 3;
}  // namespace pm_cap

// Max_Payload_Size and Max_Read_Request_Size: bytes of an encoding (7.5.3.4).
constexpr uint32_t size_bytes(uint32_t encoded) { return 128u << encoded; }

struct Capability {
  CapId id{};
  uint8_t offset = 0;

  bool operator==(const Capability&) const = default;
};

// The bytes of one function.
class ConfigView {
 public:
  explicit ConfigView(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  uint8_t u8(uint16_t offset) const { return bytes_[offset]; }
  uint16_t u16(uint16_t offset) const { return load<uint16_t>(offset); }
  uint32_t u32(uint16_t offset) const { return load<uint32_t>(offset); }

  bool present() const { return u16(reg::kVendorId) != kNoVendor; }
  bool is_bridge() const { return (u8(reg::kHeaderType) & 0x7f) == 1; }
  uint32_t class_code() const { return u32(reg::kRevision) >> 8; }

  // The list from the capability pointer on, in its order; a list that loops ends.
  std::vector<Capability> capabilities() const {
    std::vector<Capability> found;
    if ((u16(reg::kStatus) & kStatusCapList) == 0) return found;
    constexpr size_t kMost = (kPciConfigBytes - 0x40) / 4;
    for (auto at = static_cast<uint8_t>(u8(reg::kCapPointer) & ~3u);
         at >= 0x40 && found.size() < kMost; at = static_cast<uint8_t>(u8(at + 1) & ~3u)) {
      found.push_back({.id = static_cast<CapId>(u8(at)), .offset = at});
    }
    return found;
  }

 private:
  template <class T>
  T load(uint16_t offset) const {
    T value;
    std::memcpy(&value, bytes_.subspan(offset, sizeof value).data(), sizeof value);
    return value;
  }

  std::span<const uint8_t> bytes_;
};

}  // namespace cw::pcie
