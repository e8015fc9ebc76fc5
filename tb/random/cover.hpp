// SPDX-License-Identifier: Apache-2.0
//
// The bins of the random runs. One object for all episodes of a run; the models and the traffic hit
// what they see.
#pragma once

#include "env/dma_watch.hpp"
#include "pcie/tlp.hpp"
#include "random/coverage.hpp"

namespace cw::random {

// Faults that the injector can put between the ports, by name of the command line.
extern const std::vector<std::string> kRequestFaults;
extern const std::vector<std::string> kCompletionFaults;
extern const std::vector<std::string> kLinkFaults;

struct Cover {
  Cover();

  // The host's requests, and their answers
  void read(pcie::ByteEnables enables, uint32_t dw, uint64_t address);
  void write(pcie::ByteEnables enables, uint32_t dw, uint64_t address);
  void claimed(bool hit, unsigned bar);
  void completed(const pcie::Tlp& request, pcie::CplStatus status);
  void split(bool in_parts) { splits.hit(in_parts); }
  void saw_byte(bool exact) { races.hit(exact ? 0 : 1); }
  void message(uint8_t code, bool known);
  void operation(const pcie::Atomic& request, bool changed);

  // The endpoint's requests, and their answers
  void request(const pcie::MemRead& read, uint32_t dw, bool descriptor);
  void data_write(const pcie::MemWrite& write, uint32_t dw);
  void answered(bool in_one) { answer_parts.hit(in_one ? 0 : 1); }
  void read_failed(model::DmaError error);
  void entry(bool to_card, const env::DmaWatch::Ended& entry);
  void doorbell_of(uint16_t fresh, uint16_t claimed, unsigned ring_log2);

  Coverage all;
  Point kind_down, kind_up;
  Point read_length, write_length, read_enables, write_enables, claims, splits, races, messages;
  Cross answers;
  Point request_length, request_format, request_bytes;
  Point limits_mps, limits_mrrs;
  Point answer_parts, failures;
  Cross entries;
  Point entry_shape, doorbell, queue;
  Point stray;
  Point interrupt;
  Point config, gate;
  Point malformed;
  Point inject;
  Point credits, order;
  Point reset;
  Point atomic, ecrc;
  Point error_message, error_log;
  Point rest;

 private:
  void enables_of(Point& point, pcie::ByteEnables enables, uint32_t dw);
};

}  // namespace cw::random
