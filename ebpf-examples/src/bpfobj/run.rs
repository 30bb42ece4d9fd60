//! A program run on packets: its verdicts, what it changed and wrote.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::io::BufRead;
use std::time::Duration;

use ebpf_core::event::EventError;
use ebpf_core::hook::{TcAction, XdpAction};
use ebpf_core::map::{Map, MapError, MapType, Pinning};
use ebpf_core::object::ObjectSpec;
use ebpf_core::program::{Program, ProgramError, ProgramExt as _, ProgramType};
use ebpf_core::{LoadError, LoadOptions, System, SystemExt as _};
use ebpf_mock::testing::{EventCapture, MapSnapshot};
use pcap_file::PcapError;
use pcap_file::pcap::PcapReader;
use pcap_file::pcapng::{Block, PcapNgReader};
use serde::Serialize;

use super::trace::{Listener, TracedRun};
use crate::hex::Hex;

/// How many bytes a program may add to a packet.
const ROOM: usize = 256;

/// How many changed packets, and events of a map, are kept.
const MOST_KEPT: usize = 100;

/// What went wrong with a run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The object could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It is not said which program.
    #[error("say which program to run, with --program: {}", .0.join(", "))]
    Which(Vec<String>),
    /// There is no such program.
    #[error("no program `{name}` among {}", .have.join(", "))]
    NoProgram {
        /// The name.
        name: String,
        /// Those that there are.
        have: Vec<String>,
    },
    /// A map could not be read.
    #[error(transparent)]
    Map(#[from] MapError),
    /// Events could not be read.
    #[error(transparent)]
    Events(#[from] EventError),
    /// Text that is no packet.
    #[error("`{0}` is no packet: write its bytes as pairs of hexadecimal digits")]
    Hex(String),
    /// A file that is no pcap file.
    #[error("read packets: {0}")]
    Pcap(#[from] PcapError),
}

/// Reads a packet from pairs of hexadecimal digits, with spaces, colons or nothing between them.
///
/// # Errors
/// [`RunError::Hex`].
pub fn packet(text: &str) -> Result<Vec<u8>, RunError> {
    let is_gap = |c: &char| c.is_whitespace() || *c == ':';
    let digits: Option<Vec<u8>> = text
        .chars()
        .filter(|c| !is_gap(c))
        .map(|c| c.to_digit(16).map(|digit| digit as u8))
        .collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2));
    let digits = digits.ok_or_else(|| RunError::Hex(text.to_owned()))?;
    Ok(digits
        .chunks_exact(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect())
}

/// Reads the packets of a pcap or pcapng file.
///
/// # Errors
/// [`RunError::Pcap`].
pub fn packets(mut file: impl BufRead) -> Result<Vec<Vec<u8>>, RunError> {
    /// How a file of the newer format begins.
    const NEXT_GENERATION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
    let mut packets = Vec::new();
    if file
        .fill_buf()
        .map_err(PcapError::IoError)?
        .starts_with(&NEXT_GENERATION)
    {
        let mut reader = PcapNgReader::new(file)?;
        while let Some(block) = reader.next_block() {
            match block? {
                Block::EnhancedPacket(packet) => packets.push(packet.data.into_owned()),
                Block::SimplePacket(packet) => packets.push(packet.data.into_owned()),
                Block::Packet(packet) => packets.push(packet.data.into_owned()),
                _ => {}
            }
        }
        return Ok(packets);
    }
    let mut reader = PcapReader::new(file)?;
    while let Some(packet) = reader.next_packet() {
        packets.push(packet?.data.into_owned());
    }
    Ok(packets)
}

/// What came of running a program on packets. As text it is a list for people.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct RunReport {
    /// The program.
    pub program: String,
    /// Its type.
    pub program_type: String,
    /// How many packets there were.
    pub packets: usize,
    /// How often each verdict was given, by its name where it has one.
    pub verdicts: BTreeMap<String, u64>,
    /// What was said instead of a verdict, how often, and of which packet first.
    pub failures: Vec<FailedRun>,
    /// Packets that came out other than they went in, the first hundred.
    pub changed: Vec<ChangedPacket>,
    /// How many packets were changed in all.
    pub changed_packets: usize,
    /// What the program changed in its maps.
    pub maps: Vec<ChangedMap>,
    /// What it wrote for user space.
    pub events: Vec<Events>,
    /// The lines that it executed for each packet, where somebody listened.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trace: Vec<TracedRun>,
}

/// Runs that were refused or stopped for the same reason.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct FailedRun {
    /// The reason.
    pub error: String,
    /// How many.
    pub count: u64,
    /// The first of the packets, counted from 0.
    pub packet: usize,
}

/// A packet that a program changed.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ChangedPacket {
    /// Which one, counted from 0.
    pub packet: usize,
    /// The bytes that came out, in hexadecimal.
    pub bytes: String,
}

/// A map whose elements a program changed.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ChangedMap {
    /// Its name.
    pub name: String,
    /// The elements, by the types of the object.
    pub elements: Vec<ChangedElement>,
    /// The same as a table.
    #[serde(skip)]
    text: String,
}

/// An element that a program added, removed or changed.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ChangedElement {
    /// Its key.
    pub key: String,
    /// Its value before; nothing for one that was added.
    pub before: Option<String>,
    /// Its value after; nothing for one that was removed.
    pub after: Option<String>,
}

/// What a program wrote into a ring buffer or a perf event array.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Events {
    /// The map.
    pub map: String,
    /// How many samples there were.
    pub count: usize,
    /// How many were lost.
    pub lost: u64,
    /// The first hundred, in hexadecimal.
    pub samples: Vec<String>,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Loads one program of an object with its maps, and runs it on packets, one after the other.
///
/// Maps start as the object says. Nothing is pinned.
///
/// # Errors
/// [`RunError`]; what is said of a packet is in the report.
pub fn run(
    system: &dyn System,
    object: ObjectSpec,
    program: Option<&str>,
    packets: &[Vec<u8>],
) -> Result<RunReport, RunError> {
    run_traced(system, object, program, packets, None)
}

/// As [`run`], with the lines that a listener hears of for each packet.
///
/// # Errors
/// As [`run`].
pub fn run_traced(
    system: &dyn System,
    mut object: ObjectSpec,
    program: Option<&str>,
    packets: &[Vec<u8>],
    listener: Option<&Listener>,
) -> Result<RunReport, RunError> {
    let have: Vec<String> = object.programs.iter().map(|one| one.name.clone()).collect();
    let name = match (program, &have[..]) {
        (Some(name), have) if have.iter().any(|one| one == name) => name.to_owned(),
        (Some(name), _) => {
            let name = name.to_owned();
            return Err(RunError::NoProgram { name, have });
        }
        (None, [only]) => only.clone(),
        (None, _) => return Err(RunError::Which(have)),
    };
    for map in &mut object.maps {
        map.pinning = Pinning::None;
    }
    let others = have.iter().filter(|one| **one != name);
    let options = others.fold(LoadOptions::new(), |options, one| options.disable(one));
    let loaded = system.load_with(&object, &options.enable(&name))?;
    let program = loaded.program(&name)?;

    let mut captures = Vec::new();
    let mut before = Vec::new();
    for (name, map) in loaded.maps() {
        match map.info().map_type {
            MapType::RINGBUF | MapType::PERF_EVENT_ARRAY => {
                captures.push((name, EventCapture::of(map)?));
            }
            _ => before.push((name, map, MapSnapshot::of(map)?)),
        }
    }
    let mut report = RunReport {
        program: name.clone(),
        program_type: program.info().program_type.to_string(),
        packets: packets.len(),
        ..RunReport::default()
    };
    for (number, packet) in packets.iter().enumerate() {
        report.one(&**program, number, packet);
        report
            .trace
            .extend(listener.map(|listener| listener.take(number)));
        for (_, capture) in &mut captures {
            capture.collect()?;
        }
    }
    for (name, map, before) in before {
        let diff = before.diff(&MapSnapshot::of(map)?);
        if diff.is_empty() {
            continue;
        }
        let elements = diff.texts().map(|[key, before, after]| ChangedElement {
            key: key.to_owned(),
            before: (!before.is_empty()).then(|| before.to_owned()),
            after: (!after.is_empty()).then(|| after.to_owned()),
        });
        report.maps.push(ChangedMap {
            name: name.to_owned(),
            elements: elements.collect(),
            text: diff.to_string(),
        });
    }
    for (name, mut capture) in captures {
        // What is written a moment late on another CPU is there by now.
        capture.wait_for(0, Duration::ZERO)?;
        report.events.push(Events {
            map: name.to_owned(),
            count: capture.samples().count(),
            lost: capture.lost(),
            samples: capture.samples().take(MOST_KEPT).map(hex).collect(),
        });
    }
    Ok(report)
}

impl RunReport {
    /// Whether every packet got a verdict.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.failures.is_empty()
    }

    fn one(&mut self, program: &dyn Program, number: usize, packet: &[u8]) {
        match program.run_once(packet, ROOM) {
            Ok((result, after)) => {
                let verdict = verdict(program.info().program_type, result.return_value);
                *self.verdicts.entry(verdict).or_default() += 1;
                if after != packet {
                    self.changed_packets += 1;
                    if self.changed.len() < MOST_KEPT {
                        let bytes = hex(&after);
                        self.changed.push(ChangedPacket {
                            packet: number,
                            bytes,
                        });
                    }
                }
            }
            Err(error) => self.failed(number, &error),
        }
    }

    fn failed(&mut self, packet: usize, error: &ProgramError) {
        let error = error.to_string();
        match self.failures.iter_mut().find(|one| one.error == error) {
            Some(known) => known.count += 1,
            None => self.failures.push(FailedRun {
                error,
                count: 1,
                packet,
            }),
        }
    }
}

/// A verdict by its name, where programs of the type have names for them.
fn verdict(program_type: ProgramType, value: u32) -> String {
    match program_type {
        ProgramType::XDP => XdpAction(value).to_string(),
        ProgramType::SCHED_CLS | ProgramType::SCHED_ACT => TcAction(value).to_string(),
        _ => value.to_string(),
    }
}

fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

impl Display for TracedRun {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "packet {} executed", self.packet)?;
        let mut function = "";
        for line in &self.lines {
            if line.function != function {
                function = &line.function;
                writeln!(f, "  in `{function}`")?;
            }
            let file = line.file.rsplit('/').next().unwrap_or_default();
            let place = match file {
                "" => line.line.to_string(),
                _ => format!("{file}:{}", line.line),
            };
            writeln!(f, "    {place:24}  {}", line.text)?;
        }
        if self.more > 0 {
            writeln!(f, "    and {}", plural(self.more, "more line"))?;
        }
        Ok(())
    }
}

impl Display for RunReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for run in &self.trace {
            write!(f, "{run}")?;
        }
        let packets = plural(self.packets, "packet");
        writeln!(
            f,
            "program `{}` ({}) on {packets}",
            self.program, self.program_type
        )?;
        for (verdict, count) in &self.verdicts {
            writeln!(f, "  {verdict}: {count}")?;
        }
        for FailedRun {
            error,
            count,
            packet,
        } in &self.failures
        {
            let times = plural(*count as usize, "time");
            writeln!(
                f,
                "  no verdict: {times}, first of packet {packet}: {error}"
            )?;
        }
        for ChangedPacket {
            packet: number,
            bytes,
        } in &self.changed
        {
            let bytes = packet(bytes).unwrap_or_default();
            writeln!(f, "packet {number} became")?;
            for line in Hex(&bytes).to_string().lines() {
                writeln!(f, "  {line}")?;
            }
        }
        let more = self.changed_packets - self.changed.len();
        if more > 0 {
            writeln!(f, "{} changed", plural(more, "more packet"))?;
        }
        for map in &self.maps {
            f.write_str(&map.text)?;
        }
        for Events {
            map,
            count,
            lost,
            samples,
        } in &self.events
        {
            writeln!(f, "events of `{map}`: {count}, {lost} lost")?;
            for sample in samples {
                writeln!(f, "  {sample}")?;
            }
        }
        Ok(())
    }
}
