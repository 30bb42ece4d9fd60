// SPDX-License-Identifier: MIT OR Apache-2.0
// Section names of every sort, code that no symbol names, and no licence.
// build: no-debug

#include "fixture.h"

SEC("prog") int in_prog(void *context) { return 1; }
SEC("static") int in_static(void *context) { return 2; }
SEC("42") int in_number(void *context) { return 3; }
SEC("?xdp.frags") int asked_for(void *context) { return 4; }
SEC("fentry.s/tcp_connect") int sleeps(void *context) { return 5; }
SEC("lsm/") int without_hook(void *context) { return 6; }
SEC("uprobe//usr/bin/a b:c+0x10") int user(void *context) { return 7; }
SEC("xdp") int plain(void *context) { return 8; }
SEC("XDP/second") int upper(void *context) { return 9; }
SEC("cgroup/connect4") int connect(void *context) { return 10; }
SEC("struct_ops/init") int init(void *context) { return 11; }

// Two functions of one name, of different sections: only one is called so by the linker.
asm(".section \"?tc/egress\",\"ax\",@progbits\n"
    "r0 = 12\n"
    "exit\n"
    ".section \"raw_tp/sys enter\",\"ax\",@progbits\n"
    "r1 = 13 ll\n"
    "r0 = r1\n"
    "exit\n");
