//! Ctrl-C and other requests to end, as a flag that a loop looks at.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::TERM_SIGNALS;
use signal_hook::flag;

/// Whether the process was asked to end.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Takes SIGINT, SIGTERM and SIGQUIT from now on. The second one ends the process at once, as it would have done
    /// without this.
    ///
    /// # Errors
    /// As sigaction(2).
    pub fn listen() -> io::Result<Self> {
        let interrupt = Self::default();
        for signal in TERM_SIGNALS {
            flag::register_conditional_default(*signal, Arc::clone(&interrupt.0))?;
            flag::register(*signal, Arc::clone(&interrupt.0))?;
        }
        Ok(interrupt)
    }

    /// Whether a signal came.
    #[must_use]
    pub fn came(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
