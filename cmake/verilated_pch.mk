# verilated.h precompiled, by the variables that Verilator's makefiles of untraced models have.
VM_COVERAGE = 0
VM_SC = 0
VM_TIMING = 0
VM_TRACE = 0
VM_TRACE_FST = 0
VM_TRACE_VCD = 0
VM_TRACE_SAIF = 0
VM_VPI = 0
include $(VERILATOR_ROOT)/include/verilated.mk

cw_verilated.h.gch: cw_verilated.h
	$(OBJCACHE) $(CXX) -O0 $(CXXFLAGS) $(CPPFLAGS) $(CFG_CXXFLAGS_PCH) $< -o $@
