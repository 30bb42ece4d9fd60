/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The header for authors, without a `struct bpf_map_def`: objects of other loaders' times bring their own. */
#pragma once

#define BPF_NO_MAP_DEF
#include "bpf_helpers.h"
