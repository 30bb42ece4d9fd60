//! The firewall at work: two private namespaces, real packets, and what was counted beside what was sent.

#[cfg(target_os = "linux")]
mod flags;
#[cfg(target_os = "linux")]
mod meter;
#[cfg(target_os = "linux")]
mod network;
#[cfg(target_os = "linux")]
mod plan;
#[cfg(target_os = "linux")]
mod report;
#[cfg(target_os = "linux")]
mod run;
#[cfg(target_os = "linux")]
mod traffic;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    run::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> std::process::ExitCode {
    eprintln!("error: the demo attaches to the Linux kernel, which this machine does not run");
    std::process::ExitCode::FAILURE
}
