// SPDX-License-Identifier: MIT OR Apache-2.0
// Functions whose symbols have neither type nor size, as old compilers write them, and labels between them.
// build: no-debug, bpfeb

#include "fixture.h"

asm(".section xdp,\"ax\",@progbits\n"
    ".globl first\n"
    "first:\n"
    "r0 = 1\n"
    "if r0 == 0 goto label\n"
    "r0 = 2\n"
    "label:\n"
    "exit\n"
    ".weak second\n"
    "second:\n"
    "r0 = 3\n"
    "exit\n"
    ".section license,\"aw\",@progbits\n"
    ".asciz \"GPL\"\n");
