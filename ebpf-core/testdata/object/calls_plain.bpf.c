// SPDX-License-Identifier: MIT OR Apache-2.0
// The same without types.
// build: no-debug -DPLAIN

#include "calls.bpf.c"
