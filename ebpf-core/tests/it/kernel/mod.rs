//! What only the kernel's backend has, and its messages.

mod attach;
mod events;
mod introspect;
mod links;
mod objects;
mod privileges;
mod probes;
mod programs;
mod sockets;
mod stacks;
mod tc;
mod trace;
mod types;
