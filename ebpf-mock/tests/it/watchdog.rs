//! Ends the tests when threads wait for each other's locks, and says where.

use std::sync::OnceLock;
use std::time::Duration;

use parking_lot::deadlock::check_deadlock;

/// Watches all locks of this process from now on.
pub(crate) fn watch() {
    static WATCHING: OnceLock<()> = OnceLock::new();
    WATCHING.get_or_init(|| {
        std::thread::spawn(|| {
            loop {
                std::thread::sleep(Duration::from_millis(500));
                let deadlocks = check_deadlock();
                if deadlocks.is_empty() {
                    continue;
                }
                for (number, threads) in deadlocks.iter().enumerate() {
                    eprintln!("deadlock {number} of {} threads", threads.len());
                    for thread in threads {
                        eprintln!("{:?}: {:?}", thread.thread_id(), thread.backtrace());
                    }
                }
                // Threads that wait for ever cannot be made to fail.
                std::process::abort();
            }
        });
    });
}
