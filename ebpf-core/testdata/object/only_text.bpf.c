// SPDX-License-Identifier: MIT OR Apache-2.0
// One function in `.text`, which is a program because there is no other.
// build: no-debug

int only(void *context)
{
	return 2;
}
