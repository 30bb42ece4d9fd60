// SPDX-License-Identifier: MIT OR Apache-2.0
// Nothing but a zeroed variable.

long nothing[4];
