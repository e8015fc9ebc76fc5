// SPDX-License-Identifier: Apache-2.0
//
// Every port of every simulated design is watched. A design without a port has nothing to bind to.
bind cw_port cw_tlp_checker #(.W(W), .FacesRoot(FacesRoot)) u_checker (.*);
