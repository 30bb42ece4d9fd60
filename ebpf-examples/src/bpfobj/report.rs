//! A plan as text for the terminal.

use std::env;
use std::fmt::{self, Display, Formatter};

use comfy_table::{ContentArrangement, Table, presets};

use super::plan::{MapPlan, NeedsPlan, Plan, ProgramPlan, SymbolPlan};

/// Columns of a table where nobody says how wide the terminal is.
const WIDTH: u16 = 140;

impl Display for Plan {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (programs, maps) = (
            counted(self.programs.len(), "program"),
            counted(self.maps.len(), "map"),
        );
        writeln!(
            f,
            "{}: {programs}, {maps}, {}-endian, {}",
            self.file,
            self.byte_order,
            self.license_text()
        )?;
        if !self.programs.is_empty() {
            let mut table = table(&[
                "PROGRAM",
                "SECTION",
                "TYPE",
                "ATTACHES TO",
                "INSNS",
                "CALLS",
                "MAPS",
                "LINUX",
                "REMARKS",
            ]);
            for program in &self.programs {
                table.add_row(program.row(self.gpl_compatible));
            }
            writeln!(f, "\n{}", table.trim_fmt())?;
        }
        if !self.maps.is_empty() {
            let mut table = table(&["MAP", "TYPE", "KEY", "VALUE", "ENTRIES", "FLAGS", "REMARKS"]);
            for map in &self.maps {
                table.add_row(map.row());
            }
            writeln!(f, "\n{}", table.trim_fmt())?;
        }
        if !self.variables.is_empty() {
            let mut table = table(&["VARIABLE", "BYTES", "PLACE", "TYPE"]);
            for variable in &self.variables {
                let place = format!("{}+{:#x}", variable.map, variable.offset);
                let type_name = variable.type_name.clone().unwrap_or_default();
                table.add_row([
                    variable.name.clone(),
                    variable.size.to_string(),
                    place,
                    type_name,
                ]);
            }
            writeln!(f, "\n{}", table.trim_fmt())?;
        }
        if !self.kconfig.is_empty() {
            writeln!(
                f,
                "\nREADS OF THE KERNEL'S CONFIGURATION: {}",
                symbols(&self.kconfig).join(", ")
            )?;
        }
        write!(f, "\nNEEDS\n{}", self.needs)?;
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        Ok(())
    }
}

impl Plan {
    fn license_text(&self) -> String {
        match (self.license.as_str(), self.gpl_compatible) {
            ("", _) => "no licence".to_owned(),
            (license, true) => format!("licence `{license}`"),
            (license, false) => format!("licence `{license}` (not GPL-compatible)"),
        }
    }
}

impl ProgramPlan {
    fn row(&self, gpl_compatible: bool) -> Vec<String> {
        let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let program_type = match (&self.program_type, &self.attach_type) {
            (Some(program_type), Some(attach)) if attach != program_type => {
                format!("{program_type}\n{attach}")
            }
            (program_type, _) => or_dash(program_type),
        };
        let target = match (&self.attach_to, &self.tied_to) {
            (Some(target), Some(kind)) => format!("{kind}\n{target}"),
            (None, Some(kind)) => format!("{kind}\n(not said)"),
            (target, None) => or_dash(target),
        };
        vec![
            self.name.clone(),
            self.section.clone(),
            program_type,
            target,
            self.instructions.to_string(),
            self.calls().join("\n"),
            self.maps.join("\n"),
            or_dash(&self.least_kernel),
            self.remarks(gpl_compatible).join("\n"),
        ]
    }

    fn calls(&self) -> Vec<String> {
        let helpers = self.helpers.iter().map(|helper| match helper.name {
            Some(name) => name.strip_prefix("bpf_").unwrap_or(name).to_owned(),
            None => format!("helper {}", helper.id),
        });
        let kfuncs = symbols(&self.kfuncs)
            .into_iter()
            .map(|name| format!("kfunc {name}"));
        let ksyms = symbols(&self.ksyms)
            .into_iter()
            .map(|name| format!("ksym {name}"));
        helpers.chain(kfuncs).chain(ksyms).collect()
    }

    fn remarks(&self, gpl_compatible: bool) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.program_type.is_none() {
            remarks.push("its section tells no type".to_owned());
        }
        let words = [
            (self.optional, "optional"),
            (self.sleepable, "sleepable"),
            (self.fragments, "takes fragments"),
        ];
        remarks.extend(
            words
                .iter()
                .filter(|(is, _)| *is)
                .map(|(_, word)| (*word).to_owned()),
        );
        if self.functions > 1 {
            remarks.push(counted(self.functions, "function"));
        }
        if self.core_relocations > 0 {
            remarks.push(counted(self.core_relocations, "CO-RE relocation"));
        }
        let restricted = self
            .helpers
            .iter()
            .filter(|helper| helper.gpl_only)
            .filter_map(|helper| helper.name);
        let restricted: Vec<&str> = restricted.collect();
        if !restricted.is_empty() {
            let verdict = if gpl_compatible {
                "GPL-only"
            } else {
                "its licence forbids"
            };
            remarks.push(format!("{verdict}: {}", restricted.join(", ")));
        }
        remarks
    }
}

impl MapPlan {
    fn row(&self) -> Vec<String> {
        let flags = self
            .flags
            .as_deref()
            .unwrap_or("-")
            .replace(" | ", "\n")
            .replace("BPF_F_", "");
        let mut remarks: Vec<String> = self
            .pinned
            .iter()
            .map(|place| format!("pinned {place}"))
            .collect();
        for (is, word) in [(self.frozen, "frozen"), (self.optional, "optional")] {
            remarks.extend(is.then(|| word.to_owned()));
        }
        remarks.extend(
            self.struct_ops
                .iter()
                .map(|name| format!("callbacks of struct {name}")),
        );
        if let Some(inner) = &self.inner {
            let MapPlan {
                map_type,
                key_size,
                value_size,
                max_entries,
                ..
            } = &**inner;
            let sizes = format!("key {key_size}, value {value_size}, {max_entries} entries");
            remarks.push(format!("inner maps: {map_type}, {sizes}"));
        }
        remarks.extend(self.holds.iter().map(|held| format!("holds {held}")));
        vec![
            self.name.clone(),
            self.map_type.clone(),
            self.key_size.to_string(),
            self.value_size.to_string(),
            self.max_entries.to_string(),
            flags,
            remarks.join("\n"),
        ]
    }
}

/// How many of the newest features are named.
const NAMED: usize = 6;

impl Display for NeedsPlan {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(least) = &self.least_kernel {
            let newest = self.features.iter().take(NAMED);
            let because: Vec<String> = newest
                .map(|need| format!("{} ({})", need.what, need.since))
                .collect();
            writeln!(f, "  Linux {least} or newer, for {}", because.join(", "))?;
        }
        if self.kernel_btf {
            writeln!(f, "  BTF of the running kernel (CONFIG_DEBUG_INFO_BTF)")?;
        }
        if !self.capabilities.is_empty() {
            let capabilities = self.capabilities.join(", ");
            writeln!(
                f,
                "  {capabilities} (before Linux 5.8: CAP_SYS_ADMIN), or root"
            )?;
        }
        Ok(())
    }
}

fn symbols(all: &[SymbolPlan]) -> Vec<String> {
    let text = |symbol: &SymbolPlan| {
        let weak = if symbol.weak { " (weak)" } else { "" };
        format!("{}{weak}", symbol.name)
    };
    all.iter().map(text).collect()
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// A table with this heading.
pub(super) fn table(heading: &[&str]) -> Table {
    let width = env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width.unwrap_or(WIDTH).max(80))
        .set_header(heading.iter().copied());
    if let Some(first) = table.column_mut(0) {
        first.set_padding((0, 1));
    }
    table
}
