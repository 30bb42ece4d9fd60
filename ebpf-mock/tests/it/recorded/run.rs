//! A program that is run on any system, and what came of it.

use ebpf_core::map::{MapSpec, MapType, UpdateFlags};
use ebpf_core::program::{
    ProgramFlags, ProgramSpec, ProgramType, Reference, Referent, RunInput, RunOutput,
};
use ebpf_core::system::Bindings;
use ebpf_core::{Errno, Map, System};

use super::file::Recorded;

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// What it returned, and how long the packet is.
    pub(super) result: Result<(u32, u32), Errno>,
    pub(super) packet: Vec<u8>,
    pub(super) context: Vec<u8>,
    /// The value of the array that it has.
    pub(super) value: Vec<u8>,
    /// What is in the queue that it has.
    pub(super) queue: Vec<u8>,
}

/// Bytes of an element of the queue.
const ELEMENT: usize = 32;

/// Room for packets that grew.
const ROOM: usize = 20_000;

/// Runs a program as it was recorded; a text where the system does not take it.
pub(super) fn run(system: &dyn System, recorded: &Recorded) -> Result<Said, String> {
    let mut spec = ProgramSpec::new("recorded", recorded.program_type, recorded.insns.clone());
    let is_syscall = recorded.program_type == ProgramType::SYSCALL;
    if is_syscall {
        spec.flags = ProgramFlags::SLEEPABLE;
    }
    spec.license = "GPL".into();
    let used = recorded.references.iter().map(|reference| reference.1 + 1);
    let used = used.max().unwrap_or(0) as usize;
    spec.maps = (0..used).map(|map| format!("map{map}").into()).collect();
    let references = recorded.references.iter();
    let references = references.map(|(instruction, map)| Reference {
        instruction: *instruction,
        referent: Referent::Map { map: *map as usize },
    });
    spec.references = references.collect();
    let create = |spec| {
        system
            .create_map(&spec, None)
            .map_err(|error| error.to_string())
    };
    let mut maps = Vec::new();
    if used > 0 {
        let size = recorded.value.len() as u32;
        maps.push(create(MapSpec::new("value", MapType::ARRAY, 4, size, 1))?);
        maps.push(create(MapSpec::new(
            "queue",
            MapType::QUEUE,
            0,
            ELEMENT as u32,
            2,
        ))?);
        let updated = maps[0].update_elem(&[0; 4], &recorded.value, UpdateFlags::ANY);
        updated.map_err(|error| error.to_string())?;
    }
    let bound: Vec<&dyn Map> = maps.iter().take(used).map(|map| &**map).collect();
    let bindings = Bindings {
        maps: &bound,
        ..Bindings::default()
    };
    let program = system.load_program(&spec, &bindings);
    let program = program.map_err(|error| format!("{error:#}"))?;
    let (mut packet, mut context) = (Vec::new(), Vec::new());
    let ran = if is_syscall {
        context = vec![0; recorded.input.len()];
        let mut output = RunOutput::none();
        output.context = &mut context;
        program.run(&RunInput::context(&recorded.input), &mut output)
    } else {
        packet = vec![0; ROOM];
        program.run(
            &RunInput::data(&recorded.input),
            &mut RunOutput::data(&mut packet),
        )
    };
    let result = match ran {
        Ok(result) => {
            packet.truncate(result.data_len);
            Ok((result.return_value, result.data_len as u32))
        }
        Err(error) => {
            packet.clear();
            Err(error.errno().ok_or_else(|| format!("{error:#}"))?)
        }
    };
    let mut value = vec![0; recorded.value.len()];
    let mut queue = Vec::new();
    if let [array, elements] = &maps[..] {
        let found = array.lookup_elem(&[0; 4], &mut value, Default::default());
        found.map_err(|error| error.to_string())?;
        let mut element = vec![0; ELEMENT];
        while elements.lookup_and_delete_elem(&[], &mut element, Default::default()) == Ok(true) {
            queue.extend(&element);
        }
    }
    Ok(Said {
        result,
        packet,
        context,
        value,
        queue,
    })
}
