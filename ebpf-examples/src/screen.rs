//! Shows what changes: redrawn in place on a terminal, a line now and then elsewhere.

use std::env;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// How often a terminal is redrawn, and how often a line is written elsewhere.
const REDRAW: Duration = Duration::from_millis(150);
const LINE: Duration = Duration::from_secs(1);

/// Standard output, as a place for a table that changes.
#[derive(Debug)]
pub struct Screen {
    redraws: bool,
    start: Instant,
    last: Option<Instant>,
    drawn_lines: usize,
}

impl Screen {
    /// Redraws if standard output is a terminal that can; `TERM=dumb` says that it cannot.
    #[must_use]
    pub fn new() -> Self {
        let dumb = env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        let redraws = io::stdout().is_terminal() && !dumb;
        Self {
            redraws,
            start: Instant::now(),
            last: None,
            drawn_lines: 0,
        }
    }

    /// Whether what was last shown is old enough to be shown anew.
    #[must_use]
    pub fn is_due(&self) -> bool {
        let every = if self.redraws { REDRAW } else { LINE };
        self.last.is_none_or(|last| last.elapsed() >= every)
    }

    /// Shows how things stand: `table` where it can be redrawn, else `line`.
    ///
    /// # Errors
    /// As writing to standard output.
    pub fn show(&mut self, table: &str, line: &str) -> io::Result<()> {
        self.last = Some(Instant::now());
        if self.redraws {
            self.redraw(table)
        } else {
            writeln!(
                io::stdout(),
                "{:5.1} s: {line}",
                self.start.elapsed().as_secs_f64()
            )
        }
    }

    /// Shows how things ended: `table`, in place of what was shown before or below it.
    ///
    /// # Errors
    /// As writing to standard output.
    pub fn finish(&mut self, table: &str) -> io::Result<()> {
        if self.redraws {
            self.redraw(table)
        } else {
            writeln!(io::stdout(), "\n{}", table.trim_end())
        }
    }

    fn redraw(&mut self, table: &str) -> io::Result<()> {
        let mut text = String::new();
        if self.drawn_lines > 0 {
            // Back to the first line of the table.
            text.push_str(&format!("\x1b[{}A", self.drawn_lines));
        }
        for line in table.lines() {
            // Each line clears what is left of the one before it there.
            text.push_str(line);
            text.push_str("\x1b[K\n");
        }
        self.drawn_lines = table.lines().count();
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        stdout.flush()
    }
}

impl Default for Screen {
    fn default() -> Self {
        Self::new()
    }
}
