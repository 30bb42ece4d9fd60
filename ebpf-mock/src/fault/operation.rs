//! The operations that can fail: one row for each method of the traits that asks a system for something.

use std::fmt;

use ebpf_core::Errno;

macro_rules! operations {
    ($($(#[doc = $doc:literal])* $Name:ident = $text:literal, $errno:ident;)*) => {
        /// An operation that can be made to fail: a method of one of the traits.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Operation {
            $($(#[doc = $doc])* $Name,)*
        }

        impl Operation {
            /// Every operation, in the order of the traits.
            pub const ALL: &[Operation] = &[$(Operation::$Name),*];

            /// The name, such as `create_map`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Operation::$Name => $text,)*
                }
            }

            /// The error number that it fails with unless another is given: one that Linux may well answer there.
            pub fn usual_errno(self) -> Errno {
                match self {
                    $(Operation::$Name => Errno::$errno,)*
                }
            }
        }
    };
}

operations! {
    /// `System::create_map`. The object is the map's name.
    CreateMap = "create_map", ENOMEM;
    /// `System::load_program`. The object is the program's name.
    LoadProgram = "load_program", EPERM;
    /// `System::open_pinned`. The object is the path.
    OpenPinned = "open_pinned", EACCES;
    /// `System::pinned`. The object is the directory.
    ListPinned = "pinned", EACCES;
    /// `System::unpin`. The object is the path.
    Unpin = "unpin", EACCES;
    /// `System::next_id`. The object is the kind: `map`, `program`, `link`, `BTF`.
    NextId = "next_id", EPERM;
    /// `System::map_by_id`. The object is `map 7`.
    MapById = "map_by_id", EPERM;
    /// `System::program_by_id`. The object is `program 7`.
    ProgramById = "program_by_id", EPERM;
    /// `System::link_by_id`. The object is `link 7`.
    LinkById = "link_by_id", EPERM;
    /// `System::btf_info`. The object is `BTF 7`.
    BtfInfo = "btf_info", EPERM;
    /// `System::btf_by_id`. The object is `BTF 7`.
    BtfById = "btf_by_id", EPERM;
    /// `System::enable_stats`. The object is `statistics of runs`.
    EnableStats = "enable_stats", EPERM;
    /// `System::probe`. The object is the feature as text; a failure is the answer `Inconclusive`, as on Linux.
    Probe = "probe", EPERM;
    /// `System::target_btf`. The object is `/sys/kernel/btf/vmlinux`.
    TargetBtf = "target_btf", EACCES;
    /// `System::cpus`. The object is `/sys/devices/system/cpu/possible`.
    Cpus = "cpus", ENOENT;
    /// `System::clock`. The object is `the clocks`.
    Clock = "clock", EINVAL;
    /// `KernelFacts::release`. The object is `/proc/sys/kernel/osrelease`.
    Release = "release", ENOENT;
    /// `KernelFacts::config`. The object is the option.
    Config = "config", ENOENT;
    /// `KernelFacts::symbol`. The object is the symbol.
    Symbol = "symbol", EPERM;
    /// `KernelFacts::symbol_at`. The object is the address, in hexadecimal with `0x`.
    SymbolAt = "symbol_at", EPERM;
    /// `KernelFacts::modules`. The object is `/sys/kernel/btf`.
    Modules = "modules", EACCES;
    /// `KernelFacts::module_btf`. The object is the module.
    ModuleBtf = "module_btf", EACCES;

    /// `Map::query`. The object of this and all operations of maps is the map's name.
    QueryMap = "query_map", EPERM;
    /// `Map::lookup_elem`.
    Lookup = "lookup_elem", ENOMEM;
    /// `Map::update_elem`.
    Update = "update_elem", E2BIG;
    /// `Map::delete_elem`.
    Delete = "delete_elem", EPERM;
    /// `Map::lookup_and_delete_elem`.
    LookupAndDelete = "lookup_and_delete_elem", ENOMEM;
    /// `Map::next_key`.
    NextKey = "next_key", ENOMEM;
    /// `Map::lookup_batch`.
    LookupBatch = "lookup_batch", ENOMEM;
    /// `Map::lookup_and_delete_batch`.
    LookupAndDeleteBatch = "lookup_and_delete_batch", ENOMEM;
    /// `Map::update_batch`. It fails before the first element.
    UpdateBatch = "update_batch", E2BIG;
    /// `Map::delete_batch`. It fails before the first element.
    DeleteBatch = "delete_batch", ENOMEM;
    /// `Map::lookup_many`.
    LookupMany = "lookup_many", ENOMEM;
    /// `Map::memory`.
    Memory = "memory", ENOMEM;
    /// `Map::open_events`.
    OpenEvents = "open_events", ENOMEM;
    /// `Map::open_producer`.
    OpenProducer = "open_producer", ENOMEM;
    /// `Map::freeze`.
    Freeze = "freeze", EBUSY;
    /// `Map::pin`.
    PinMap = "pin_map", ENOMEM;

    /// `Program::query`. The object of this and all operations of programs is the program's name.
    QueryProgram = "query_program", EPERM;
    /// `Program::dump`.
    Dump = "dump", EPERM;
    /// `Program::attach`.
    Attach = "attach", EBUSY;
    /// `Program::run`.
    Run = "run", ENOMEM;
    /// `Program::pin`.
    PinProgram = "pin_program", ENOMEM;

    /// `Link::query`. The object of this and all operations of links is the name of the program that was attached, or
    /// where it is attached for a link that was opened by path or id.
    QueryLink = "query_link", EPERM;
    /// `Link::update`.
    UpdateLink = "update_link", EPERM;
    /// `Link::read`.
    ReadLink = "read_link", ENOMEM;
    /// `Link::pin`.
    PinLink = "pin_link", ENOMEM;
    /// `Link::detach`. The link ends all the same, as on Linux when the last descriptor is closed.
    Detach = "detach", EPERM;

    /// `EventSource::wait`. The object of this and all operations of sources is the map's name.
    Wait = "wait", ENOMEM;
    /// `EventSource::wait_any`.
    WaitAny = "wait_any", ENOMEM;
    /// `EventSource::drain`. It fails before the first record, which stays.
    Drain = "drain", ENOMEM;

    /// `EventProducer::fill`. The object is the map's name.
    Fill = "fill", ENOMEM;
    /// `EventProducer::wait`. The object is the map's name.
    WaitForRoom = "wait_for_room", ENOMEM;
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
