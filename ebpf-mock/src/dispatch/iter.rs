//! Iterators: their programs run while somebody reads what they print: `bpf_seq_read()` in kernel/bpf/bpf_iter.c.

use std::io;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::CgroupOrder;
use ebpf_core::map::LookupFlags;

use super::{Stop, start};
use crate::engine::helpers::Seq;
use crate::engine::memory::Block;
use crate::engine::run::Run;
use crate::engine::structure::Structure;
use crate::kernel::Kernel;
use crate::link::LinkObject;
use crate::map::MapObject;
use crate::program::{ProgramObject, set_off};
use crate::world::{CgroupObject, TaskObject};

/// How many objects one read visits at most: `MAX_ITER_OBJECTS`.
const MOST_OBJECTS: usize = 1_000_000;

/// What an iterator visits.
#[derive(Clone, Debug)]
pub(crate) enum Visits {
    Elements(Arc<MapObject>),
    Maps,
    Programs,
    Links,
    /// All tasks, or that of one number, or those of one process.
    Tasks {
        thread: Option<u32>,
        process: Option<u32>,
    },
    Groups {
        from: Arc<CgroupObject>,
        order: CgroupOrder,
    },
}

/// An object that is visited if it is still there.
#[derive(Clone, Debug)]
enum Object {
    Element(Vec<u8>),
    Map(u32),
    Program(u32),
    Link(u32),
    Task(Arc<TaskObject>),
    Group(Arc<CgroupObject>),
}

/// Reads what an iterator prints. What there is when reading begins is visited, if it is still there when its turn comes.
#[derive(Debug)]
pub(crate) struct IterReader {
    kernel: Arc<Kernel>,
    program: Arc<ProgramObject>,
    visits: Visits,
    session: u64,
    /// The objects, once reading has begun.
    objects: Option<Vec<Object>>,
    /// How many of them are done with, and the number of the next as the program sees it.
    done: usize,
    number: u64,
    /// Whether the program ran once more after the last.
    over: bool,
    printed: Vec<u8>,
    taken: usize,
}

/// Why a read gives nothing.
enum Failure {
    Errno(Errno),
    Stop(Stop),
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Failure {
        Failure::Stop(stop)
    }
}

impl From<Errno> for Failure {
    fn from(errno: Errno) -> Failure {
        Failure::Errno(errno)
    }
}

impl IterReader {
    /// A new walk.
    pub(crate) fn new(
        kernel: &Arc<Kernel>,
        program: Arc<ProgramObject>,
        visits: Visits,
    ) -> IterReader {
        IterReader {
            session: kernel.next_cookie(),
            kernel: kernel.clone(),
            program,
            visits,
            objects: None,
            done: 0,
            number: 0,
            over: false,
            printed: Vec::new(),
            taken: 0,
        }
    }

    /// The next object that is there.
    fn current(&mut self) -> Option<Object> {
        let all = self
            .objects
            .get_or_insert_with(|| self.visits.objects(&self.kernel));
        loop {
            let object = all.get(self.done)?;
            if self.visits.is_there(&self.kernel, object) {
                return Some(object.clone());
            }
            self.done += 1;
        }
    }

    /// Has the program print until so many bytes are there, the buffer is full, or there is nothing left.
    fn fill(&mut self, wanted: usize) -> Result<(), Failure> {
        (self.printed, self.taken) = (Vec::new(), 0);
        if self.done > 0 && !self.over && matches!(self.visits, Visits::Groups { .. }) {
            return Err(Errno::EOPNOTSUPP.into());
        }
        let mut visited = 0;
        while let Some(object) = self.current() {
            let before = self.printed.len();
            if visited > 0 {
                self.number += 1;
                if before >= wanted {
                    return Ok(());
                }
                if visited >= MOST_OBJECTS {
                    return if before == 0 {
                        Err(Errno::EAGAIN.into())
                    } else {
                        Ok(())
                    };
                }
            }
            if let Err(errno) = self.show(Some(&object))? {
                self.printed.truncate(before);
                if before == 0 {
                    return Err(errno.into());
                }
                return Ok(());
            }
            self.done += 1;
            visited += 1;
        }
        if self.over {
            return Ok(());
        }
        let before = self.printed.len();
        match self.show(None)? {
            Err(Errno::E2BIG) => {
                self.printed.truncate(before);
                if before == 0 {
                    return Err(Errno::E2BIG.into());
                }
            }
            // What the program returns at the end nobody looks at.
            _ => self.over = true,
        }
        Ok(())
    }

    /// Runs the program on an object, or on none at the end. `EAGAIN`: it wants to see the object again; `E2BIG`: it printed
    /// too much.
    fn show(&mut self, object: Option<&Object>) -> Result<Result<(), Errno>, Stop> {
        let mut run = start(&self.kernel, &self.program);
        let seq = block(&mut run, "seq_file", Vec::new(), false);
        let meta = [seq, self.session, self.number].map(u64::to_le_bytes);
        let mut context = vec![block(&mut run, "bpf_iter_meta", meta.concat(), false)];
        self.visits.tell(&mut run, object, &mut context);
        run.state.seq = Some(Seq {
            address: seq,
            bytes: std::mem::take(&mut self.printed),
            overflowed: false,
        });
        let context = context.into_iter().flat_map(u64::to_le_bytes).collect();
        let context = block(&mut run, "context", context, false);
        let said = set_off(&mut run, context);
        let seq = run.state.seq.take().unwrap_or_default();
        self.printed = seq.bytes;
        Ok(match said? {
            0 if seq.overflowed => Err(Errno::E2BIG),
            0 => Ok(()),
            _ => Err(Errno::EAGAIN),
        })
    }
}

impl io::Read for IterReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.taken >= self.printed.len() {
            self.fill(out.len()).map_err(|failure| {
                self.printed.clear();
                match failure {
                    Failure::Errno(errno) | Failure::Stop(Stop::Errno(errno)) => {
                        io::Error::from_raw_os_error(errno.0)
                    }
                    Failure::Stop(Stop::Program(error)) => io::Error::other(error),
                }
            })?;
        }
        let rest = self.printed.get(self.taken..).unwrap_or_default();
        let count = rest.len().min(out.len());
        for (to, from) in out.iter_mut().zip(rest) {
            *to = *from;
        }
        self.taken += count;
        Ok(count)
    }
}

fn block(run: &mut Run, name: &'static str, bytes: Vec<u8>, writable: bool) -> u64 {
    run.memory
        .add_block(name, Block::new(bytes, writable))
        .unwrap_or(0)
}

impl Visits {
    /// What there is now.
    fn objects(&self, kernel: &Kernel) -> Vec<Object> {
        match self {
            Visits::Elements(map) => keys(map).into_iter().map(Object::Element).collect(),
            Visits::Maps => {
                let maps = kernel.maps.all().into_iter();
                maps.map(|map| Object::Map(map.info.id.0)).collect()
            }
            Visits::Programs => {
                let programs = kernel.programs.all().into_iter();
                programs
                    .map(|program| Object::Program(program.info.id.0))
                    .collect()
            }
            Visits::Links => {
                let links = kernel.links.all().into_iter();
                links.map(|link| Object::Link(link.id)).collect()
            }
            Visits::Tasks { thread, process } => {
                let mut tasks = kernel.world.tasks.all();
                tasks.retain(|task| {
                    thread.is_none_or(|thread| task.thread == thread)
                        && process.is_none_or(|process| task.process == process)
                });
                tasks.into_iter().map(Object::Task).collect()
            }
            Visits::Groups { from, order } => {
                let groups = kernel.world.cgroups.walk(from, *order).into_iter();
                groups.map(Object::Group).collect()
            }
        }
    }

    /// Whether an object has not ended.
    fn is_there(&self, kernel: &Kernel, object: &Object) -> bool {
        match (self, object) {
            (Visits::Elements(map), Object::Element(key)) => {
                let mut value = vec![0; map.info.transfer_size()];
                let found = map.storage.lookup(key, &mut value, LookupFlags::NONE);
                found.is_ok()
            }
            (_, Object::Map(id)) => kernel.maps.get(*id).is_some(),
            (_, Object::Program(id)) => kernel.programs.get(*id).is_some(),
            (_, Object::Link(id)) => kernel.links.get(*id).is_some(),
            (_, Object::Task(task)) => kernel.world.tasks.is_alive(task),
            (_, Object::Group(group)) => kernel.world.cgroups.exists(group),
            (_, Object::Element(_)) => false,
        }
    }

    /// Adds to a context what the program is told of an object: addresses, NULL for what is not there.
    fn tell(&self, run: &mut Run, object: Option<&Object>, context: &mut Vec<u64>) {
        let kernel = run.kernel.clone();
        match (self, object) {
            (Visits::Elements(map), None) => {
                context.extend([map_structure(run, map), 0, 0]);
            }
            (Visits::Elements(map), Some(Object::Element(key))) => {
                let at = map_structure(run, map);
                let value = value(run, map, key);
                let key = block(run, "key", key.clone(), false);
                context.extend([at, key, value]);
            }
            (_, Some(Object::Map(id))) => {
                let map = kernel.maps.get(*id);
                context.push(map.map_or(0, |map| map_structure(run, &map)));
            }
            (_, Some(Object::Program(id))) => {
                let program = kernel.programs.get(*id);
                context.push(program.map_or(0, |program| program_structure(run, &program)));
            }
            (_, Some(Object::Link(id))) => {
                let link = kernel.links.get(*id);
                context.push(link.map_or(0, |link| link_structure(run, &link)));
            }
            (_, Some(Object::Task(task))) => context.push(task_structure(run, task)),
            (_, Some(Object::Group(group))) => context.push(group_structure(run, group)),
            (_, None | Some(Object::Element(_))) => context.push(0),
        }
    }
}

/// The keys of a map.
fn keys(map: &MapObject) -> Vec<Vec<u8>> {
    let mut keys: Vec<Vec<u8>> = Vec::new();
    let mut next = vec![0; map.info.key_size as usize];
    while keys.len() < map.info.max_entries as usize
        && map
            .storage
            .next_key(keys.last().map(Vec::as_slice), &mut next)
            .is_ok()
    {
        keys.push(next.clone());
    }
    keys
}

/// The address of the value of a key: of the value itself, or of copies of those of all CPUs.
fn value(run: &mut Run, map: &Arc<MapObject>, key: &[u8]) -> u64 {
    if !map.info.map_type.is_per_cpu() {
        let at = run.memory.map_address(map);
        let slot = map.storage.slot(key);
        let value = slot.and_then(|slot| {
            let region = run.memory.map(at)?.clone();
            run.memory.value_address(&region, slot, 0)
        });
        return value.unwrap_or(0);
    }
    let mut bytes = vec![0; map.info.transfer_size()];
    match map.storage.lookup(key, &mut bytes, LookupFlags::NONE) {
        Ok(()) => block(run, "value", bytes, true),
        Err(_) => 0,
    }
}

fn map_structure(run: &mut Run, map: &MapObject) -> u64 {
    let info = &map.info;
    Structure::new(&run.kernel, "bpf_map")
        .number("id", info.id.0.into())
        .number("map_type", info.map_type.0.into())
        .number("key_size", info.key_size.into())
        .number("value_size", info.value_size.into())
        .number("max_entries", info.max_entries.into())
        .number("map_flags", info.flags.0.into())
        .bytes("name", info.name.as_bytes())
        .put(&mut run.memory)
}

fn program_structure(run: &mut Run, program: &ProgramObject) -> u64 {
    let info = &program.info;
    let aux = Structure::new(&run.kernel, "bpf_prog_aux")
        .number("id", info.id.0.into())
        .number("used_map_cnt", info.map_ids.len() as u64)
        .number("attach_btf_id", info.attach_btf.1.0.into())
        .bytes("name", info.name.as_bytes())
        .put(&mut run.memory);
    Structure::new(&run.kernel, "bpf_prog")
        .number("type", info.program_type.0.into())
        .number("len", u64::from(info.translated_bytes) / 8)
        .number("aux", aux)
        .put(&mut run.memory)
}

fn link_structure(run: &mut Run, link: &LinkObject) -> u64 {
    let program = link.running();
    let program = program.map_or(0, |program| program_structure(run, &program));
    Structure::new(&run.kernel, "bpf_link")
        .number("id", link.id.into())
        .number("type", link.link_type().0.into())
        .number("prog", program)
        .put(&mut run.memory)
}

fn task_structure(run: &mut Run, task: &TaskObject) -> u64 {
    Structure::new(&run.kernel, "task_struct")
        .number("pid", task.thread.into())
        .number("tgid", task.process.into())
        .bytes("comm", task.comm.as_bytes())
        .put(&mut run.memory)
}

fn group_structure(run: &mut Run, group: &CgroupObject) -> u64 {
    let node = Structure::new(&run.kernel, "kernfs_node")
        .number("id", group.id)
        .put(&mut run.memory);
    Structure::new(&run.kernel, "cgroup")
        .number("level", group.level() as u64)
        .number("kn", node)
        .put(&mut run.memory)
}
