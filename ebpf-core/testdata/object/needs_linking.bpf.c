// SPDX-License-Identifier: MIT OR Apache-2.0
// A function that another object defines: this one has to be linked with it first.

#include "fixture.h"

extern int elsewhere(int value);

SEC("xdp") int caller(struct xdp_md *context)
{
	return elsewhere(1);
}
