// SPDX-License-Identifier: MIT OR Apache-2.0
// Programs without a section of their own: all code is in `.text`, and one function is called.

#include "fixture.h"

__noinline int called(int value)
{
	return value + 1;
}

int first(struct xdp_md *context)
{
	return called(context->ingress_ifindex) ? 2 : 1;
}

int second(struct xdp_md *context)
{
	return 2;
}
