//! The examples' programs as users run them.
#![cfg(target_os = "linux")]

mod bpfobj;
mod demo;
mod firewall;
mod frames;
mod process;
mod rules;
