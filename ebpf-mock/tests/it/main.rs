//! Integration tests of the simulated system.

mod conformance;
