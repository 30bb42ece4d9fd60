// SPDX-License-Identifier: MIT OR Apache-2.0
// The same without types: only symbols tell the variables.
// build: no-debug

#include "data.bpf.c"
