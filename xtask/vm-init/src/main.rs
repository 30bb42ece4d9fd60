//! The first process of the machines that `cargo xtask vm` boots: it mounts what tests expect, loads modules, runs the
//! test programs one after the other and switches the machine off.
//!
//! What to do is in the file `/vm/plan`, a line each, words separated by tabs:
//!
//! ```text
//! module  FILE                          load it
//! env     NAME  VALUE                   a variable of every program
//! limit   SECONDS                       how long a program may take
//! run     DIRECTORY  PROGRAM  ARGUMENT… run it
//! ```
//!
//! What happens goes to the second serial port, a line each, words separated by tabs; `N` counts the programs from 0:
//!
//! ```text
//! boot   RELEASE          the plan is read
//! note   TEXT             something is missing that a test may want
//! start  N
//! >      TEXT             a line of the program's standard output
//! !      TEXT             a line of its standard error
//! skip   TEXT             a line of the file that `EBPF_SKIP_LOG` names: a test that skipped itself
//! probe  TEXT             a line of the file that `EBPF_PROBE_LOG` names: a feature and whether it is there
//! end    N  STATUS        `exit status: 0`, `signal: 9 (SIGKILL)`, `limit`, …
//! done                    all programs have ended
//! ```

#[cfg(target_os = "linux")]
mod guest;

#[cfg(target_os = "linux")]
fn main() {
    guest::main();
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("this program is for Linux");
}
