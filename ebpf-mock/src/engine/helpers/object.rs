//! Objects of programs' own, pointers to them in values of maps, lists and trees: `bpf_obj_new_impl()` and its neighbours,
//! and `bpf_kptr_xchg()`, in kernel/bpf/helpers.c.

use std::sync::Arc;

use ebpf_core::btf::{Btf, TypeId};
use ebpf_core::insn::AtomicOp;

use super::super::helper::{Argument, Flow, Helper, Kfunc, Next, wrong};
use super::super::kept::{Heap, Kept};
use super::super::number::Change;
use super::super::problem::{Access, Problem};
use super::super::run::Run;
use super::types::Types;
use super::{kfunc, row};
use crate::map::{Special, fields_in};

use Argument::Special as OfKind;

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(194, "kptr_xchg", Types::ALL, &[OfKind, OfKind], kptr_xchg),
];

pub(super) const KFUNCS: &[Kfunc] = &[
    kfunc("bpf_obj_new_impl", "6.2", obj_new),
    kfunc("bpf_obj_drop_impl", "6.2", obj_drop),
    kfunc("bpf_refcount_acquire_impl", "6.4", refcount_acquire),
    kfunc("bpf_list_push_front_impl", "6.2", list_push_front),
    kfunc("bpf_list_push_back_impl", "6.2", list_push_back),
    kfunc("bpf_list_pop_front", "6.2", list_pop_front),
    kfunc("bpf_list_pop_back", "6.2", list_pop_back),
    kfunc("bpf_rbtree_add_impl", "6.3", rbtree_add),
    kfunc("bpf_rbtree_first", "6.3", rbtree_first),
    kfunc("bpf_rbtree_remove", "6.3", rbtree_remove),
];

/// What an object that a program made is called where it is not given back.
const OBJECT: &str = "an object";

fn not(function: &str, index: u8, expected: &'static str) -> Problem {
    Problem::Argument {
        function: function.into(),
        index,
        expected,
    }
}

impl Run {
    fn heap(&self) -> &Heap {
        &self.kernel.held.heap
    }

    fn kept(&self) -> &Kept {
        &self.kernel.held
    }

    /// The types of the program that runs.
    fn own_types(&self) -> Option<Arc<Btf>> {
        let types = self.running_program().types.clone();
        types.map(|types| types.btf.clone())
    }

    /// What a value of a map, or an object, has at an address besides bytes.
    fn special(&self, at: u64) -> Option<Special> {
        if let Some((map, _, offset)) = self.memory.element(at) {
            return map.field_at(offset).map(|field| field.what);
        }
        let (object, offset) = self.heap().find(at, 1)?;
        let mut fields = object.fields.iter();
        fields
            .find(|field| field.place.start == offset)
            .map(|field| field.what)
    }

    /// Swaps the number at an address.
    fn swap(&mut self, at: u64, number: u64) -> Result<u64, Problem> {
        let change = Change {
            op: AtomicOp::XCHG,
            operand: number,
            expected: 0,
        };
        let before = self.memory.atomic(at, 8, change);
        before.ok_or_else(|| self.memory.explain(at, 8, Access::Atomic))
    }
}

/// Puts a pointer into a field, and gives the one that was there. What is put in is the field's from then on; what comes
/// out is the program's, which has to give it back.
fn kptr_xchg(run: &mut Run, [field, pointer, ..]: [u64; 5]) -> Result<Flow, Problem> {
    if !matches!(
        run.special(field),
        Some(Special::Pointer { untrusted: false })
    ) {
        return Err(wrong(194, 0, "pointer in a value of a map"));
    }
    let mut what = OBJECT;
    if pointer != 0 {
        let held = run.state.give_back(pointer);
        what = held.ok_or_else(|| wrong(194, 1, "pointer that has to be given back"))?;
    }
    let before = run.swap(field, pointer)?;
    if before != 0 {
        run.state.hold(before, what);
    }
    Ok(Flow::Return(before))
}

fn obj_new(run: &mut Run, [type_id, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let wrong = || not("bpf_obj_new_impl", 0, "structure of the program's types");
    let btf = run.own_types().ok_or_else(wrong)?;
    let id = TypeId(u32::try_from(type_id).map_err(|_| wrong())?);
    let size = btf.size_of(id).map_err(|_| wrong())? as usize;
    if !btf.resolve(id).is_ok_and(|ty| ty.as_composite().is_some()) {
        return Err(wrong());
    }
    let Some(object) = run.heap().create(size, fields_in(&btf, id)) else {
        return Ok(Flow::Return(0));
    };
    run.state.hold(object, OBJECT);
    Ok(Flow::Return(object))
}

fn obj_drop(run: &mut Run, [object, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let is_object = run.heap().find(object, 1).is_some();
    if !is_object || run.state.give_back(object).is_none() {
        return Err(not("bpf_obj_drop_impl", 0, "object of the program's"));
    }
    run.kept().release(object);
    Ok(Flow::Return(0))
}

/// Another reference to an object that counts them.
fn refcount_acquire(run: &mut Run, [object, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let found = run.heap().find(object, 1);
    let counts = found.is_some_and(|(found, _)| {
        found.address == object
            && found
                .fields
                .iter()
                .any(|field| field.what == Special::Count)
    });
    if !counts || !run.heap().refer(object) {
        return Err(not(
            "bpf_refcount_acquire_impl",
            0,
            "object that counts its references",
        ));
    }
    run.state.hold(object, OBJECT);
    Ok(Flow::Return(object))
}

/// The list or tree at an address, which comes to be with its first node.
fn row_at(run: &mut Run, function: &str, at: u64, what: Special) -> Result<u64, Problem> {
    if run.special(at) != Some(what) {
        let expected = match what {
            Special::ListHead => "list in a value of a map",
            _ => "tree in a value of a map",
        };
        return Err(not(function, 0, expected));
    }
    if run.state.lock.is_none() {
        return Err(Problem::Lock(
            "a list or tree is touched without the lock beside it",
        ));
    }
    match run.memory.read_number::<8>(at)? {
        0 => {
            let row = run.heap().create_row();
            run.swap(at, row)?;
            Ok(row)
        }
        row => Ok(row),
    }
}

/// Takes the object of a node over, for a list or tree; false if another has it, which drops the reference.
fn enlist(run: &mut Run, function: &str, node: u64, what: Special) -> Result<bool, Problem> {
    if run.special(node) != Some(what) {
        return Err(not(function, 1, "node in an object"));
    }
    let object = run.heap().around(node).unwrap_or(0);
    if run.state.give_back(object).is_none() {
        return Err(not(function, 1, "node of an object that the program holds"));
    }
    if run.swap(node, 1)? != 0 {
        run.kept().release(object);
        return Ok(false);
    }
    Ok(true)
}

/// Gives the program a node that was taken out.
fn delist(run: &mut Run, node: Option<u64>) -> Result<Flow, Problem> {
    let Some(node) = node else {
        return Ok(Flow::Return(0));
    };
    run.swap(node, 0)?;
    let object = run.heap().around(node).unwrap_or(0);
    run.state.hold(object, OBJECT);
    Ok(Flow::Return(node))
}

fn push(run: &mut Run, function: &str, head: u64, node: u64, front: bool) -> Result<Flow, Problem> {
    let row = row_at(run, function, head, Special::ListHead)?;
    if !enlist(run, function, node, Special::ListNode)? {
        return Ok(Flow::errno(Err(ebpf_core::Errno::EINVAL)));
    }
    let place = if front { 0 } else { usize::MAX };
    run.heap().insert(row, place, node);
    Ok(Flow::Return(0))
}

fn list_push_front(run: &mut Run, [head, node, ..]: [u64; 5]) -> Result<Flow, Problem> {
    push(run, "bpf_list_push_front_impl", head, node, true)
}

fn list_push_back(run: &mut Run, [head, node, ..]: [u64; 5]) -> Result<Flow, Problem> {
    push(run, "bpf_list_push_back_impl", head, node, false)
}

fn list_pop_front(run: &mut Run, [head, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let row = row_at(run, "bpf_list_pop_front", head, Special::ListHead)?;
    let node = run.heap().take(row, 0);
    delist(run, node)
}

fn list_pop_back(run: &mut Run, [head, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let row = row_at(run, "bpf_list_pop_back", head, Special::ListHead)?;
    let last = run.heap().row_length(row).checked_sub(1);
    let node = last.and_then(|last| run.heap().take(row, last));
    delist(run, node)
}

/// Puts a node behind all that are not greater than it, as the function says.
fn rbtree_add(run: &mut Run, [root, node, less, ..]: [u64; 5]) -> Result<Flow, Problem> {
    const NAME: &str = "bpf_rbtree_add_impl";
    let row = row_at(run, NAME, root, Special::TreeRoot)?;
    if !enlist(run, NAME, node, Special::TreeNode)? {
        return Ok(Flow::errno(Err(ebpf_core::Errno::EINVAL)));
    }
    let (mut low, mut high) = (0, run.heap().row_length(row));
    let next = move |run: &mut Run, returned: Option<u64>| {
        let middle = low + (high - low) / 2;
        match returned {
            None => {}
            Some(0) => low = middle + 1,
            Some(_) => high = middle,
        }
        let middle = low + (high - low) / 2;
        let other = run.heap().node(row, middle).filter(|_| low < high);
        match other {
            Some(other) => Ok(Next::Call {
                function: less,
                arguments: [node, other, 0, 0, 0],
            }),
            None => {
                run.heap().insert(row, low, node);
                Ok(Next::Done(0))
            }
        }
    };
    Ok(Flow::Callback(Box::new(next)))
}

/// The least node, which stays where it is.
fn rbtree_first(run: &mut Run, [root, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let row = row_at(run, "bpf_rbtree_first", root, Special::TreeRoot)?;
    Ok(Flow::Return(run.heap().node(row, 0).unwrap_or(0)))
}

fn rbtree_remove(run: &mut Run, [root, node, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let row = row_at(run, "bpf_rbtree_remove", root, Special::TreeRoot)?;
    let place = run.heap().row(row).iter().position(|known| *known == node);
    let taken = place.and_then(|place| run.heap().take(row, place));
    delist(run, taken)
}
