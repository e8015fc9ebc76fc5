// SPDX-License-Identifier: Apache-2.0
//
// Messages: their codes, how each may be routed, and which carry a dword of data.
// Spec: PCIe Base 2.2.8, appendix F (message code usage).
package cw_msg_pkg;

  import cw_tlp_pkg::*;

  // Type[2:0] of a message (table 2-20).
  typedef enum logic [2:0] {
    RouteToRoot    = 3'b000,
    RouteByAddress = 3'b001,
    RouteById      = 3'b010,
    RouteBroadcast = 3'b011,  // from the root complex
    RouteLocal     = 3'b100,  // ends at the receiver
    RouteGather    = 3'b101   // gathered, then to the root complex
  } msg_route_e;

  typedef enum logic [7:0] {
    MsgUnlock            = 8'b0000_0000,
    MsgLtr               = 8'b0001_0000,
    MsgObff              = 8'b0001_0010,
    MsgPmActiveStateNak  = 8'b0001_0100,
    MsgPmPme             = 8'b0001_1000,
    MsgPmeTurnOff        = 8'b0001_1001,
    MsgPmeToAck          = 8'b0001_1011,
    MsgAssertIntA        = 8'b0010_0000,
    MsgAssertIntB        = 8'b0010_0001,
    MsgAssertIntC        = 8'b0010_0010,
    MsgAssertIntD        = 8'b0010_0011,
    MsgDeassertIntA      = 8'b0010_0100,
    MsgDeassertIntB      = 8'b0010_0101,
    MsgDeassertIntC      = 8'b0010_0110,
    MsgDeassertIntD      = 8'b0010_0111,
    MsgErrCor            = 8'b0011_0000,
    MsgErrNonFatal       = 8'b0011_0001,
    MsgErrFatal          = 8'b0011_0011,
    MsgIgnored0          = 8'b0100_0000,  // once used by hot plug: silently dropped (2.2.8.7)
    MsgIgnored1          = 8'b0100_0001,
    MsgIgnored3          = 8'b0100_0011,
    MsgIgnored4          = 8'b0100_0100,
    MsgIgnored5          = 8'b0100_0101,
    MsgIgnored7          = 8'b0100_0111,
    MsgIgnored8          = 8'b0100_1000,
    MsgSetSlotPowerLimit = 8'b0101_0000,
    MsgVendorType0       = 8'b0111_1110,
    MsgVendorType1       = 8'b0111_1111
  } msg_code_e;

  function automatic msg_route_e msg_route(tlp_hdr_t hdr);
    return msg_route_e'(hdr.dw0.kind[2:0]);
  endfunction

  // INTx, PM_PME, PME_TO_Ack, errors and LTR go towards the root only (2.2.8.1 to 2.2.8.8).
  function automatic logic msg_goes_up(msg_hdr_t msg);
    return msg.code inside {MsgLtr, MsgPmPme, MsgPmeToAck, [MsgAssertIntA:MsgDeassertIntD],
                        MsgErrCor, MsgErrNonFatal, MsgErrFatal};
  endfunction

  function automatic logic msg_is_vendor(logic [7:0] code);
    return code inside {MsgVendorType0, MsgVendorType1};
  endfunction

  // Whether a message that this specification defines has the routing and the data that it must
  // have. Codes that it does not define are nobody's to judge.
  function automatic logic msg_format_legal(msg_hdr_t msg);
    msg_route_e route;
    logic       data;
    route = msg_route(tlp_hdr_t'(msg));
    data  = has_payload(tlp_hdr_t'(msg));
    unique case (msg.code) inside
      MsgUnlock, MsgPmeTurnOff: return route == RouteBroadcast && !data;
      MsgLtr, MsgObff, MsgPmActiveStateNak, [MsgAssertIntA:MsgDeassertIntD]:
        return route == RouteLocal && !data;
      MsgPmPme, MsgErrCor, MsgErrNonFatal, MsgErrFatal: return route == RouteToRoot && !data;
      MsgPmeToAck: return route == RouteGather && !data;
      MsgSetSlotPowerLimit:
        return route == RouteLocal && data && length_dw(tlp_hdr_t'(msg)) == 11'd1;
      MsgVendorType0, MsgVendorType1:
        return route inside {RouteToRoot, RouteById, RouteBroadcast, RouteLocal};
      default: return 1'b1;
    endcase
  endfunction

  // Traffic class 0, but for vendors' messages (2.2.8).
  function automatic logic msg_tc_legal(msg_hdr_t msg);
    return msg.dw0.tc == '0 || msg_is_vendor(msg.code);
  endfunction

  // INTA to INTD (`pin` 0 to 3) has risen or fallen.
  function automatic msg_code_e intx_message(logic [1:0] pin, logic high);
    return msg_code_e'(high ? 8'(MsgAssertIntA) + 8'(pin) : 8'(MsgDeassertIntA) + 8'(pin));
  endfunction

  // What an LTR message says (2.2.8.8, 6.18): its last header dword.
  typedef struct packed {
    logic       requirement;
    logic [1:0] rsvd14_13;
    logic [2:0] scale;        // the unit is 32^scale ns
    logic [9:0] value;
  } latency_t;

  typedef struct packed {
    latency_t no_snoop;
    latency_t snoop;
  } ltr_t;

  // Whether one latency is longer than the other. Two steps of the scale are more than any value.
  function automatic logic longer(latency_t one, latency_t other);
    if (one.scale == other.scale)        return one.value > other.value;
    if (one.scale == other.scale + 3'd1) return {one.value, 5'd0} > 15'(other.value);
    if (other.scale == one.scale + 3'd1) return 15'(one.value) > {other.value, 5'd0};
    return one.value != '0 && (one.scale > other.scale || other.value == '0);
  endfunction

  // What a device may ask for where software allows `most` (7.8.2). No requirement stays none.
  function automatic latency_t at_most(latency_t asked, latency_t most);
    if (!asked.requirement || !longer(asked, most)) return asked;
    return '{requirement: 1'b1, scale: most.scale, value: most.value, default: '0};
  endfunction

  // A message without data, from `requester_id`.
  function automatic msg_hdr_t make_msg(msg_route_e route, msg_code_e code, bdf_t requester_id);
    msg_hdr_t msg;
    msg              = '0;
    msg.dw0.kind     = tlp_kind_e'({5'b001_10, route});
    msg.requester_id = requester_id;
    msg.code         = code;
    return msg;
  endfunction

endpackage
