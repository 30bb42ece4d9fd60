//! Functions of a program that another one replaces (freplace).

use std::sync::Arc;

use crate::btf::{Btf, Kind};
use crate::collection::Collection;
use crate::conformance::{FRAME, Testbed, errno_of, requires, suite};
use crate::hook::Tracing;
use crate::link::{LinkTarget, LinkType};
use crate::loader::LoadOptions;
use crate::object::ObjectSpec;
use crate::program::{Program, ProgramExt};
use crate::system::Feature;
use crate::{Errno, SystemExt};

/// `outer` returns what `replaceable` does, which is 2; `inner` takes its place and returns 1.
const BYTES: &[u8] = include_bytes!("../../../testdata/load/replaces.bpf.o");

fn object() -> ObjectSpec {
    ObjectSpec::parse(BYTES).expect("parse")
}

fn types(object: &ObjectSpec) -> &Arc<Btf> {
    object.btf.as_ref().expect("types")
}

fn outer(t: &dyn Testbed, object: &ObjectSpec) -> Arc<dyn Program> {
    let loaded = t
        .system()
        .load(object)
        .unwrap_or_else(|error| panic!("{error:#}"));
    loaded.program("outer").expect("program").clone()
}

fn replacement(t: &dyn Testbed, object: &ObjectSpec, of: &Arc<dyn Program>) -> Collection {
    let options = LoadOptions::new()
        .enable("inner")
        .target("inner", of.clone(), types(object));
    let loaded = t.system().load_with(object, &options);
    loaded.unwrap_or_else(|error| panic!("{error:#}"))
}

fn verdict(program: &dyn Program) -> u32 {
    program.run_once(&FRAME, 0).expect("run").0.return_value
}

suite! { ($) replace, __conformance_replace;
    fn a_function_is_replaced_while_the_link_lives(t, case) {
        requires!(t, case, Feature::Fentry);
        let object = object();
        let outer = outer(t, &object);
        let second = replacement(t, &object, &outer);
        let inner = second.program("inner").expect("program");
        assert_eq!(verdict(&*outer), 2);
        let link = inner.attach_to(Tracing::new()).expect("attach");
        assert_eq!(link.info().link_type, LinkType::TRACING);
        assert!(matches!(link.info().target, LinkTarget::Tracing { .. }), "{:?}", link.info());
        assert_eq!(verdict(&*outer), 1);
        drop(link);
        assert_eq!(verdict(&*outer), 2);
        // What it was loaded for is forgotten once it was attached.
        assert_eq!(errno_of(inner.attach_to(Tracing::new())), Errno::EINVAL);
        let function = types(&object).find("replaceable", Kind::FUNC).expect("a function");
        let _link = inner.attach_to(Tracing::new().instead_of(&*outer, function)).expect("attach");
        assert_eq!(verdict(&*outer), 1);
    }

    fn a_function_has_one_replacement(t, case) {
        requires!(t, case, Feature::Fentry);
        let object = object();
        let outer = outer(t, &object);
        let [first, second] = [(); 2].map(|()| replacement(t, &object, &outer));
        let link = first.program("inner").expect("program").attach_to(Tracing::new()).expect("attach");
        let other = second.program("inner").expect("program");
        assert_eq!(errno_of(other.attach_to(Tracing::new())), Errno::EBUSY);
        link.detach().expect("detach");
        let _link = other.attach_to(Tracing::new()).expect("the place is free");
        assert_eq!(verdict(&*outer), 1);
    }

    fn the_function_may_be_of_another_program(t, case) {
        requires!(t, case, Feature::Fentry);
        let object = object();
        let [one, another] = [(); 2].map(|()| outer(t, &object));
        let second = replacement(t, &object, &one);
        let inner = second.program("inner").expect("program");
        let function = types(&object).find("replaceable", Kind::FUNC).expect("a function");
        let link = inner.attach_to(Tracing::new().instead_of(&*another, function)).expect("attach");
        assert_eq!((verdict(&*one), verdict(&*another)), (2, 1));
        drop(link);
        assert_eq!((verdict(&*one), verdict(&*another)), (2, 2));
    }

    fn a_replacement_is_not_run_by_itself(t, case) {
        requires!(t, case, Feature::Fentry);
        let object = object();
        let outer = outer(t, &object);
        let second = replacement(t, &object, &outer);
        let ran = second.program("inner").expect("program").run_once(&FRAME, 0);
        assert_eq!(errno_of(ran), Errno::ENOTSUPP);
    }

    fn the_target_lives_as_long_as_its_replacement(t, case) {
        requires!(t, case, Feature::Fentry);
        let object = object();
        let outer = outer(t, &object);
        let id = outer.info().id;
        let second = replacement(t, &object, &outer);
        let link = second.program("inner").expect("program").attach_to(Tracing::new()).expect("attach");
        drop(outer);
        drop(second);
        let again = t.system().program_by_id(id).expect("the link refers to it");
        assert_eq!(verdict(&*again), 1);
        drop(link);
        assert_eq!(verdict(&*again), 2);
    }
}
