//! What only the kernel's backend has, and its messages.

mod attach;
mod objects;
mod probes;
mod programs;
