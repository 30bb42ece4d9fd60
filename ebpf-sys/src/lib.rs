//! Raw bindings of the Linux eBPF user-space API.
#![no_std]
