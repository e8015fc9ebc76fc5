#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Generates RTL, C header and register pages from rtl/regs/cw_regs.rdl; --check only says whether
# what is checked in is what would be generated. PYTHON names another Python that has PeakRDL.
set -eu
cd "$(dirname "$0")/.."
: "${PYTHON:=.venv/bin/python}"
rdl=rtl/regs/cw_regs.rdl

generate() {  # generate ROOT: into ROOT/rtl, ROOT/sw and ROOT/docs
  mkdir -p "$1/rtl/regs/generated" "$1/sw/include/cw" "$1/docs/registers"
  for block in "cw_regs --addr-width 12" cw_dma_regs; do
    "$PYTHON" -m peakrdl regblock "$rdl" -o "$1/rtl/regs/generated" --top $block \
      --cpuif passthrough --type-style hier
  done
  "$PYTHON" -m peakrdl c-header "$rdl" -o "$1/sw/include/cw/cw_regs.h" --top cw_regs \
    --std gnu11 --type-style lexical
  "$PYTHON" scripts/regs_md.py "$rdl" "$1/docs/registers/cw_regs.md"
}

case ${1-} in
  "") generate . ;;
  --check)
    fresh=$(mktemp -d)
    trap 'rm -rf "$fresh"' EXIT
    generate "$fresh"
    for path in rtl/regs/generated sw/include/cw/cw_regs.h docs/registers; do
      diff -ru "$path" "$fresh/$path" || {
        echo "gen_regs: $path is not what scripts/gen_regs.sh generates" >&2
        exit 1
      }
    done ;;
  *) echo "usage: gen_regs.sh [--check]" >&2; exit 2 ;;
esac
