//! Tables of text, for people who read why a test failed.

use std::fmt;

/// How many characters of a cell are shown.
const MOST_CHARACTERS: usize = 120;

/// Rows of cells under a heading, aligned by spaces.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new<const N: usize>(heading: [&str; N]) -> Table {
        let mut table = Table { rows: Vec::new() };
        table.row(heading.map(str::to_owned));
        table
    }

    /// Adds a row. Only the first line of a cell is shown, and of that not more than fits a screen.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.map(|cell| shortened(&cell)).to_vec());
    }
}

fn shortened(cell: &str) -> String {
    let line = cell.lines().next().unwrap_or_default();
    match line.char_indices().nth(MOST_CHARACTERS) {
        None => line.to_owned(),
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or(line)),
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let mut line = String::from(" ");
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(&format!(" {cell:<width$} "));
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}
