// SPDX-License-Identifier: Apache-2.0
//
// Advanced Error Reporting: its registers in wire order, and what becomes of an error: which class
// it has, which status bits it sets, whether its header is logged, which message is owed.
// Spec: PCIe Base 7.8.4 (registers), 6.2 (error signaling and logging).
package cw_aer_pkg;

  import cw_cfg_pkg::*;

  // ---- Registers

  typedef enum logic [9:0] {
    AerDwHeader     = 10'd0,
    AerDwStatus     = 10'd1,      // of uncorrectable errors, as mask and severity
    AerDwMask       = 10'd2,
    AerDwSeverity   = 10'd3,
    AerDwCorStatus  = 10'd4,      // of correctable errors
    AerDwCorMask    = 10'd5,
    AerDwControl    = 10'd6,
    AerDwHeaderLog0 = 10'd7,      // the header's first dword
    AerDwHeaderLog1 = 10'd8,
    AerDwHeaderLog2 = 10'd9,
    AerDwHeaderLog3 = 10'd10,
    AerDwPrefixLog  = 10'd14      // the first of four: one prefix is supported
  } aer_dw_e;

  // A bit for each uncorrectable error (7.8.4.2). Reserved here are those that an endpoint without
  // peer-to-peer traffic, flow control checks or encryption does not have.
  typedef struct packed {
    logic [8:0] rsvd31_23;
    logic       internal_error;
    logic       rsvd21;
    logic       unsupported;
    logic       ecrc_error;
    logic       malformed;
    logic       overflow;
    logic       unexpected_cpl;
    logic       completer_abort;
    logic       cpl_timeout;
    logic       rsvd13;
    logic       poisoned;
    logic [6:0] rsvd11_5;
    logic       data_link;        // nothing here raises it
    logic [3:0] rsvd3_0;
  } uncorrectable_t;

  localparam uncorrectable_t UncorrectableBits = '{
      internal_error: 1'b1, unsupported: 1'b1, ecrc_error: 1'b1, malformed: 1'b1, overflow: 1'b1,
      unexpected_cpl: 1'b1, completer_abort: 1'b1, cpl_timeout: 1'b1, poisoned: 1'b1,
      data_link: 1'b1, default: '0};
  localparam uncorrectable_t MaskReset     = '{internal_error: 1'b1, default: '0};
  localparam uncorrectable_t SeverityReset = '{
      internal_error: 1'b1, malformed: 1'b1, overflow: 1'b1, data_link: 1'b1, default: '0};

  // A bit for each correctable error (7.8.4.5); those of the data link layer are never raised here.
  typedef struct packed {
    logic [17:0] rsvd31_14;
    logic        advisory;        // non-fatal, but the requester knows
    logic        replay_timeout;
    logic [2:0]  rsvd11_9;
    logic        replay_rollover;
    logic        bad_dllp;
    logic        bad_tlp;
    logic [5:0]  rsvd5_0;
  } correctable_t;

  localparam correctable_t CorrectableBits = '{
      advisory: 1'b1, replay_timeout: 1'b1, replay_rollover: 1'b1, bad_dllp: 1'b1, bad_tlp: 1'b1,
      default: '0};
  localparam correctable_t CorMaskReset = '{advisory: 1'b1, default: '0};

  // Capabilities and Control (7.8.4.7).
  typedef struct packed {
    logic [19:0] rsvd31_12;       // no log of completion timeouts
    logic        prefix_present;
    logic [1:0]  rsvd10_9;        // one header is recorded at a time
    logic        ecrc_check;
    logic        ecrc_check_capable;
    logic        ecrc_generate;
    logic        ecrc_generate_capable;
    logic [4:0]  first_error;     // bit number in the status register; valid while that bit is set
  } aer_control_t;

  localparam aer_control_t ControlReset = '{
      ecrc_check_capable: 1'b1, ecrc_generate_capable: 1'b1, default: '0};
  localparam aer_control_t ControlRw = '{ecrc_check: 1'b1, ecrc_generate: 1'b1, default: '0};

  // ---- What software decides about errors

  typedef struct packed {
    uncorrectable_t severity;     // 1: fatal
    uncorrectable_t mask;
    logic           mask_advisory;
  } aer_settings_t;

  localparam aer_settings_t SettingsReset = '{
      severity: SeverityReset, mask: MaskReset, mask_advisory: 1'b1};

  // ---- Errors by their bits

  // The errors of one clock. Those of `told` are known to the requester, or concern nobody; they
  // are advisory where their severity is non-fatal (6.2.3.2.4).
  typedef struct packed {
    uncorrectable_t told;
    uncorrectable_t untold;
  } errors_t;

  // A poisoned TLP is never advisory: its data are not used, so what it was for is lost (2.7.2.2,
  // 6.2.3.2.4.3). Nor is a completion timeout: no request is sent again (6.2.3.2.4.4).
  // `posted`: of posted requests alone, so that no completion tells of an abort.
  function automatic errors_t errors_of(cfg_event_t seen, logic posted);
    errors_t errors;
    errors = '0;
    errors.untold.internal_error  = seen.internal_error;
    errors.untold.overflow        = seen.overflow;
    errors.untold.malformed       = seen.malformed;
    errors.untold.ecrc_error      = seen.ecrc_error;
    errors.untold.poisoned        = seen.poisoned;
    errors.untold.cpl_timeout     = seen.cpl_timeout;
    errors.untold.unsupported     = seen.unsupported && !seen.advisory;
    errors.untold.completer_abort = seen.completer_abort && posted;
    errors.told.unsupported       = seen.unsupported && seen.advisory;  // 6.2.3.2.4.1
    errors.told.completer_abort   = seen.completer_abort && !posted;
    errors.told.unexpected_cpl    = seen.unexpected_cpl;                // 6.2.3.2.4.5
    return errors;
  endfunction

  // Told or not.
  function automatic uncorrectable_t any_of(errors_t errors);
    return errors.told | errors.untold;
  endfunction

  // Advisory non-fatal errors, which are reported as correctable ones.
  function automatic uncorrectable_t advisory(errors_t errors, aer_settings_t settings);
    return errors.told & ~settings.severity;
  endfunction

  // All others: reported by their severity.
  function automatic uncorrectable_t grave(errors_t errors, aer_settings_t settings);
    return errors.untold | (errors.told & settings.severity);
  endfunction

  // Bits that are set in the Uncorrectable Error Status register: a masked advisory error leaves no
  // trace there, a masked grave one does (6.2.3.2.4, 6.2.4).
  function automatic uncorrectable_t status_set(errors_t errors, aer_settings_t settings);
    return grave(errors, settings)
        | (settings.mask_advisory ? '0 : advisory(errors, settings));
  endfunction

  // Of these, the ones that may become the first error, and have their header logged.
  function automatic uncorrectable_t logged(errors_t errors, aer_settings_t settings);
    return status_set(errors, settings) & ~settings.mask;
  endfunction

  // The bit number of the error that counts of those of one clock (6.2.3.2.3); a timeout is of no
  // received TLP, and comes last.
  function automatic logic [4:0] first_of(uncorrectable_t errors);
    if (errors.internal_error)  return 5'd22;
    if (errors.overflow)        return 5'd17;
    if (errors.malformed)       return 5'd18;
    if (errors.ecrc_error)      return 5'd19;
    if (errors.unsupported)     return 5'd20;
    if (errors.completer_abort) return 5'd15;
    if (errors.unexpected_cpl)  return 5'd16;
    if (errors.poisoned)        return 5'd12;
    if (errors.cpl_timeout)     return 5'd14;
    return 5'd0;                // a reserved bit: no error
  endfunction

  // What Device Status says of the errors, masked or not (7.5.3.5).
  function automatic error_class_t error_class(errors_t errors, aer_settings_t settings);
    error_class_t seen;
    uncorrectable_t any;
    any              = any_of(errors);
    seen.unsupported = any.unsupported;
    seen.fatal       = (grave(errors, settings) & settings.severity) != '0;
    seen.non_fatal   = (grave(errors, settings) & ~settings.severity) != '0;
    seen.correctable = advisory(errors, settings) != '0;
    return seen;
  endfunction

  // The messages that they owe (6.2.5, 6.2.6): errors of one clock and one class share one. An
  // Unsupported Request needs an enable of its own as well.
  function automatic error_message_t error_messages(
      errors_t errors, aer_settings_t settings, report_enable_t report);
    error_message_t owed;
    uncorrectable_t loud, silent;
    silent             = '0;
    silent.unsupported = !report.unsupported;
    loud = grave(errors, settings) & ~settings.mask & ~(report.serr ? '0 : silent);
    owed.fatal       = (loud & settings.severity) != '0 && (report.fatal || report.serr);
    owed.non_fatal   = (loud & ~settings.severity) != '0 && (report.non_fatal || report.serr);
    owed.correctable = (advisory(errors, settings) & ~silent) != '0
        && !settings.mask_advisory && report.correctable;
    return owed;
  endfunction

  // ---- Errors of one clock as a function hears of them

  typedef struct packed {
    errors_t              own;
    errors_t              shared;  // of no function in particular: all of them hear of it (6.2.4)
    cw_tlp_pkg::tlp_hdr_t hdr;     // of the one that is logged, if any is; zero: no TLP
    logic                 prefix_valid;
    logic [31:0]          prefix;
  } function_errors_t;

endpackage
