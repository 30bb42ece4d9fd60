//! Types for a kernel that has none: functions, hooks and structures that programs name.

mod simulated;

use std::collections::BTreeMap;
use std::sync::Arc;

use ebpf_core::btf::{
    Btf, BtfBuilder, FuncLinkage, IntEncoding, MemberSpec, TypeId, VarLinkage, VarSecInfo,
};
use ebpf_core::system::KernelVersion;

use crate::engine::helpers::kfuncs;

/// The BTF of a simulated kernel, with what a test needs of it besides the kernel functions and iterators that the simulated
/// system has, and the structures that it fills in: enough to load programs for functions (fentry, fexit), for
/// BTF-typed raw tracepoints, security hooks, iterators and callbacks of structures.
///
/// ```
/// use ebpf_mock::{KernelTypes, MockSystem};
///
/// let types = KernelTypes::new()
///     .function("do_unlinkat", &["dfd", "name"])
///     .tracepoint("sched_switch", &["preempt", "prev", "next"])
///     .lsm_hook("file_open", &["file"])
///     .struct_ops("tcp_congestion_ops", &["ssthresh", "cong_avoid"]);
/// let system = MockSystem::builder().kernel_types(types).build();
/// # let _ = system;
/// ```
#[derive(Clone, Debug)]
#[must_use = "give it to MockSystemBuilder::kernel_types"]
pub struct KernelTypes {
    builder: BtfBuilder,
    word: TypeId,
    number: TypeId,
    functions: BTreeMap<Arc<str>, u64>,
}

impl Default for KernelTypes {
    fn default() -> KernelTypes {
        KernelTypes::new()
    }
}

/// Where the functions of these types are: behind the kernel's other ones.
const TEXT: u64 = 0xffff_ffff_8200_0000;

impl KernelTypes {
    /// A kernel without any of them.
    pub fn new() -> KernelTypes {
        let mut builder = BtfBuilder::new();
        let word = builder.int("unsigned long", 8, IntEncoding::NONE);
        let number = builder.int("int", 4, IntEncoding::SIGNED);
        KernelTypes {
            builder,
            word,
            number,
            functions: BTreeMap::new(),
        }
    }

    /// A function with parameters of these names, which are words, that returns an `int`.
    pub fn function(mut self, name: &str, parameters: &[&str]) -> KernelTypes {
        let proto = self.proto(self.number, parameters);
        self.builder.func(name, proto, FuncLinkage::STATIC);
        let address = TEXT + 0x1000 * self.functions.len() as u64;
        self.functions.entry(name.into()).or_insert(address);
        self
    }

    /// A tracepoint for programs that know its arguments' types (`tp_btf/NAME`).
    pub fn tracepoint(mut self, name: &str, arguments: &[&str]) -> KernelTypes {
        let mut all = vec!["__data"];
        all.extend(arguments);
        let proto = self.proto(TypeId::VOID, &all);
        let pointer = self.builder.ptr(proto);
        self.builder.typedef(&format!("btf_trace_{name}"), pointer);
        self
    }

    /// A security hook (`lsm/NAME`).
    pub fn lsm_hook(self, name: &str, parameters: &[&str]) -> KernelTypes {
        self.function(&format!("bpf_lsm_{name}"), parameters)
    }

    /// An iterator (`iter/NAME`).
    pub fn iterator(self, name: &str, parameters: &[&str]) -> KernelTypes {
        self.function(&format!("bpf_iter_{name}"), parameters)
    }

    /// A structure whose callbacks programs may be (`struct_ops`); each takes one word.
    pub fn struct_ops(mut self, name: &str, callbacks: &[&str]) -> KernelTypes {
        let proto = self.proto(self.word, &["argument"]);
        let pointer = self.builder.ptr(proto);
        let members: Vec<_> = (0..)
            .step_by(8)
            .zip(callbacks)
            .map(|(offset, name)| MemberSpec::new(name, pointer, offset))
            .collect();
        let size = members.len() as u32 * 8;
        let structure = self.builder.structure(name, size, &members);
        // What the kernel keeps of a map of this structure: a count, a state, and from a line of the cache on the structure.
        let common = [
            MemberSpec::new("refcnt", self.number, 0),
            MemberSpec::new("state", self.number, 4),
        ];
        let common = self
            .builder
            .structure("bpf_struct_ops_common_value", 8, &common);
        let wrapper = [
            MemberSpec::new("common", common, 0),
            MemberSpec::new("data", structure, 64),
        ];
        let name = format!("bpf_struct_ops_{name}");
        self.builder
            .structure(&name, 64 + size.next_multiple_of(64), &wrapper);
        self
    }

    /// A variable of so many bytes, which programs name; one for each CPU, or one in all.
    #[doc(alias = "__ksym")]
    pub fn variable(mut self, name: &str, size: u32, per_cpu: bool) -> KernelTypes {
        let byte = self.builder.int("unsigned char", 1, IntEncoding::NONE);
        let of = self.builder.array(byte, self.number, size);
        let variable = self.builder.var(name, of, VarLinkage::GLOBAL_ALLOCATED);
        if per_cpu {
            let entry = VarSecInfo {
                type_id: variable,
                offset: 0,
                size,
            };
            self.builder.datasec(".data..percpu", size, &[entry]);
        }
        self
    }

    /// Anything else.
    pub fn with(mut self, add: impl FnOnce(&mut BtfBuilder)) -> KernelTypes {
        add(&mut self.builder);
        self
    }

    fn proto(&mut self, returns: TypeId, parameters: &[&str]) -> TypeId {
        let word = self.word;
        let parameters: Vec<_> = parameters.iter().map(|name| (*name, word)).collect();
        self.builder.func_proto(returns, &parameters)
    }

    /// The functions and their addresses.
    pub(crate) fn symbols(&self) -> impl Iterator<Item = (Arc<str>, u64)> + use<> {
        self.functions.clone().into_iter()
    }

    /// The types, with the functions that programs may call of the simulated system of a release; `None` where a name cannot
    /// be one.
    pub(crate) fn build(mut self, release: KernelVersion) -> Option<Arc<Btf>> {
        let has = |since| KernelVersion::parse(since).is_some_and(|since| since <= release);
        let proto = self.proto(self.word, &[]);
        for kfunc in kfuncs().filter(|kfunc| has(kfunc.since)) {
            self.builder.func(kfunc.name, proto, FuncLinkage::STATIC);
        }
        for (name, _, parameters) in simulated::ITERATORS
            .iter()
            .filter(|(_, since, _)| has(since))
        {
            let proto = self.proto(self.number, parameters);
            let name = format!("bpf_iter_{name}");
            self.builder.func(&name, proto, FuncLinkage::STATIC);
        }
        simulated::add_structures(&mut self.builder, self.word);
        self.builder.build().ok().map(Arc::new)
    }
}
