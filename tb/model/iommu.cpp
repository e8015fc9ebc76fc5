// SPDX-License-Identifier: Apache-2.0
//
// Translation: "Process to translate an IOVA" and what it calls.
#include "model/iommu.hpp"

#include <array>

#include "model/iommu_bits.hpp"

namespace cw::model {

using namespace iommu_detail;

namespace {

// tc
constexpr unsigned kTcV = 0, kTcDtf = 4, kTcPdtv = 5, kTcDpe = 9;
// iosatp.MODE with SXL = 0
constexpr unsigned kBare = 0, kModeSv39 = 8, kModeSv48 = 9;

}  // namespace

// The only kind of interrupt there is decides fctl.WSI for good (6.4).
Iommu::Iommu(uint64_t capabilities, IommuMemory& memory)
    : capabilities_(capabilities),
      memory_(memory),
      fctl_(bits(capabilities, 29, kIgs) == kIgsWsi ? 2 : 0) {}

// Version, Sv39, Sv48, IGS, HPM, DBG and PAS; what else there is belongs to a second stage, process
// directories or address translation service.
uint64_t Iommu::unsupported(uint64_t capabilities) {
  constexpr uint64_t kKnown = ones(8) | uint64_t{1} << kSv39 | uint64_t{1} << kSv48 |
                              uint64_t{3} << kIgs | uint64_t{1} << kHpm | uint64_t{1} << kDbg |
                              ones(6) << kPas;
  uint64_t bad = capabilities & ~kKnown;
  if (bits(capabilities, 29, kIgs) == 3) bad |= uint64_t{3} << kIgs;
  constexpr unsigned kLeastPas = 32, kMostPas = 46;
  const uint64_t pas = bits(capabilities, 37, kPas);
  if (pas < kLeastPas || pas > kMostPas) bad |= ones(6) << kPas;
  return bad;
}

bool Iommu::beyond_physical(uint64_t hpa, unsigned bytes) const {
  return (hpa + bytes - 1) >> physical_bits() != 0;
}

void Iommu::count(IommuEvent event, const IommuRequest& request, std::optional<uint32_t> pscid) {
  if (!has(kHpm) || request.debug) return;
  const bool interrupt = counters_.count(
      event, {.device_id = request.device_id, .process_id = request.process_id, .pscid = pscid});
  if (interrupt) interrupts_.raise(IommuInterrupt::Counter, wired());
}

IommuAnswer Iommu::translate(const IommuRequest& request) {
  const IommuAnswer answer = process(request);
  signal();
  return answer;
}

// 3.3, process to translate an IOVA.
IommuAnswer Iommu::process(const IommuRequest& request) {
  const auto refuse = [&](IommuCause cause, bool faults_disabled) {
    report(cause, request, faults_disabled);
    return IommuAnswer{.fault = cause};
  };
  if (request.address_type == 0) count(IommuEvent::UntranslatedRequest, request);

  // Step 1
  if (mode() == kModeOff) return refuse(IommuCause::AllDisallowed, false);
  // Step 2
  if (mode() == kModeBare) {
    if (request.address_type != 0) return refuse(IommuCause::TypeDisallowed, false);
    return {.hpa = request.iova};
  }
  // Steps 3 and 4: the base format, as capabilities.MSI_FLAT is 0
  const uint64_t ddi1 = bits(request.device_id, 15, 7), ddi2 = bits(request.device_id, 23, 16);
  // Step 5
  const bool too_wide =
      (mode() == kMode2Lvl && ddi2 != 0) || (mode() == kMode1Lvl && (ddi2 != 0 || ddi1 != 0));
  if (too_wide) return refuse(IommuCause::TypeDisallowed, false);
  // Step 6
  DeviceContext context;
  count(IommuEvent::DirectoryWalk, request);
  if (const auto cause = locate_context(request.device_id, context)) return refuse(*cause, false);
  const bool faults_disabled = bit(context.tc, kTcDtf);
  // Step 7: EN_ATS is 0; a process id needs a process directory
  const bool disallowed =
      request.address_type != 0 || (request.process_id && !bit(context.tc, kTcPdtv));
  if (disallowed) return refuse(IommuCause::TypeDisallowed, faults_disabled);
  // Steps 8 to 16: iosatp of the context, or, as pdtp.MODE can only be Bare, no first stage: fsc
  // has the mode in the same place
  // Step 17
  const Walk walk = first_stage(context, request);
  if (walk.fault) return refuse(*walk.fault, faults_disabled);
  // Steps 18 and 19: no MSI page tables, no second stage
  // Step 20
  return {.hpa = walk.hpa};
}

// 3.3.1, process to locate the Device-context.
std::optional<IommuCause> Iommu::locate_context(uint32_t device_id, DeviceContext& context) {
  const std::array<uint64_t, 3> ddi = {bits(device_id, 6, 0), bits(device_id, 15, 7),
                                       bits(device_id, 23, 16)};
  // Step 1
  uint64_t a = bits(ddtp_, 53, 10) << 12;
  // Steps 2 and 7
  for (unsigned i = mode() - kMode1Lvl; i > 0; --i) {
    // Step 3
    const uint64_t address = a + ddi[i] * 8;
    std::array<uint8_t, 8> raw{};
    if (beyond_physical(address, 8)) return IommuCause::DdtLoadFault;
    const auto answer = memory_.read(address, raw);
    if (answer == IommuMemory::Answer::AccessFault) return IommuCause::DdtLoadFault;
    // Step 4
    if (answer == IommuMemory::Answer::Corrupted) return IommuCause::DdtCorrupted;
    const uint64_t ddte = load(raw, 0);
    // Step 5
    if (!bit(ddte, 0)) return IommuCause::DdtNotValid;
    // Step 6
    if (bits(ddte, 9, 1) != 0 || bits(ddte, 63, 54) != 0) return IommuCause::DdtMisconfigured;
    a = bits(ddte, 53, 10) << 12;
  }
  // Step 8
  constexpr unsigned kContextBytes = 32;
  const uint64_t address = a + ddi[0] * kContextBytes;
  std::array<uint8_t, kContextBytes> raw{};
  if (beyond_physical(address, kContextBytes)) return IommuCause::DdtLoadFault;
  const auto answer = memory_.read(address, raw);
  if (answer == IommuMemory::Answer::AccessFault) return IommuCause::DdtLoadFault;
  if (answer == IommuMemory::Answer::Corrupted) return IommuCause::DdtCorrupted;
  context = {
      .tc = load(raw, 0), .iohgatp = load(raw, 8), .ta = load(raw, 16), .fsc = load(raw, 24)};
  // Step 9
  if (!bit(context.tc, kTcV)) return IommuCause::DdtNotValid;
  // Steps 10 and 11
  if (context_misconfigured(context)) return IommuCause::DdtMisconfigured;
  return std::nullopt;
}

// 3.1.4, device-context configuration checks: numbers are those of its list.
bool Iommu::context_misconfigured(const DeviceContext& context) const {
  // 1 to 7, 22 to 25: EN_ATS, EN_PRI, T2GPA, PRPR, GADE, SADE, SBE and SXL each need a capability
  // that is not there; bits 31:24 are for custom use, 23:12 and all above are reserved
  constexpr uint64_t kUsable = uint64_t{1} << kTcV | uint64_t{1} << kTcDtf |
                               uint64_t{1} << kTcPdtv | uint64_t{1} << kTcDpe | ones(8) << 24;
  if ((context.tc & ~kUsable) != 0) return true;
  const bool pdtv = bit(context.tc, kTcPdtv);
  // 12
  if (bit(context.tc, kTcDpe) && !pdtv) return true;
  // 13 and 14: iohgatp.MODE can only be Bare
  if (bits(context.iohgatp, 63, 60) != 0) return true;
  // 1: the reserved fields of ta and fsc; RCID and MCID need QOSID
  if (bits(context.ta, 11, 0) != 0 || bits(context.ta, 63, 32) != 0) return true;
  if (bits(context.fsc, 59, 44) != 0) return true;
  const uint64_t mode = bits(context.fsc, 63, 60);
  // 8
  if (pdtv) return mode != kBare;
  // 9 and 10
  return !(mode == kBare || (mode == kModeSv39 && has(kSv39)) || (mode == kModeSv48 && has(kSv48)));
}

// Privileged architecture, "Virtual Address Translation Process", on behalf of user privilege.
Iommu::Walk Iommu::first_stage(const DeviceContext& context, const IommuRequest& request) {
  const uint64_t mode = bits(context.fsc, 63, 60);
  if (mode == kBare) return {.hpa = request.iova};
  const auto pscid = static_cast<uint32_t>(bits(context.ta, 31, 12));
  count(IommuEvent::TlbMiss, request, pscid);
  count(IommuEvent::FirstStageWalk, request, pscid);
  // Faults correspond to the original access type
  const auto page_fault = request.write     ? IommuCause::WritePageFault
                          : request.execute ? IommuCause::InstructionPageFault
                                            : IommuCause::ReadPageFault;
  const auto access_fault = request.write     ? IommuCause::WriteAccessFault
                            : request.execute ? IommuCause::InstructionAccessFault
                                              : IommuCause::ReadAccessFault;

  // The bits above the virtual address are copies of its highest
  const int levels = mode == kModeSv39 ? 3 : 4;
  const unsigned top_bit = 12 + 9 * levels - 1;
  const auto extension = static_cast<int64_t>(request.iova) >> top_bit;
  if (extension != 0 && extension != -1) return {.fault = page_fault};

  // Step 1
  uint64_t a = bits(context.fsc, 43, 0) << 12;
  for (int i = levels - 1;; --i) {
    // Step 2
    const unsigned shift = 12 + 9 * i;
    const uint64_t address = a + bits(request.iova, shift + 8, shift) * 8;
    std::array<uint8_t, 8> raw{};
    if (beyond_physical(address, 8)) return {.fault = access_fault};
    const auto answer = memory_.read(address, raw);
    if (answer == IommuMemory::Answer::AccessFault) return {.fault = access_fault};
    if (answer == IommuMemory::Answer::Corrupted) return {.fault = IommuCause::PtCorrupted};
    const uint64_t pte = load(raw, 0);
    const bool v = bit(pte, 0), r = bit(pte, 1), w = bit(pte, 2), x = bit(pte, 3), u = bit(pte, 4),
               accessed = bit(pte, 6), dirty = bit(pte, 7), n = bit(pte, 63);
    // Step 3: 62:61 are PBMT and 60:59 are for software only with capabilities that are not there
    if (!v || (!r && w) || bits(pte, 62, 54) != 0) return {.fault = page_fault};
    const uint64_t ppn = bits(pte, 53, 10);
    // Step 4: D, A, U and N of a pointer are reserved
    if (!r && !x) {
      if (n || accessed || dirty || u || i == 0) return {.fault = page_fault};
      a = ppn << 12;
      continue;
    }
    // Step 3, Svnapot: other encodings than 64 KiB at the last level are reserved
    constexpr uint64_t kNapot64K = 8;
    if (n && (i != 0 || bits(ppn, 3, 0) != kNapot64K)) return {.fault = page_fault};
    // Step 5
    if (i > 0 && bits(ppn, 9 * i - 1, 0) != 0) return {.fault = page_fault};
    // Step 6
    if (!u) return {.fault = page_fault};
    // Steps 7 and 8
    if (request.write ? !w : request.execute ? !x : !r) return {.fault = page_fault};
    // Step 9, without updates of A and D
    if (!accessed || (request.write && !dirty)) return {.fault = page_fault};
    // Step 10
    const unsigned offset_bits = n ? 16 : shift;
    const uint64_t offset = request.iova & ones(offset_bits);
    return {.hpa = (ppn << 12 >> offset_bits << offset_bits) | offset};
  }
}

}  // namespace cw::model
