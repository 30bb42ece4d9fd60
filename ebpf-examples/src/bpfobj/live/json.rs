//! Values and places as JSON.

use ebpf_core::btf::Value as BtfValue;
use ebpf_core::link::{IterOver, LinkTarget, ProbedFunction};
use ebpf_core::system::KernelFacts;
use serde_json::{Map, Value, json};

/// A value by its type. Numbers too large for JSON are text.
pub(super) fn value(value: &BtfValue<'_>) -> Value {
    match value {
        BtfValue::Bool(value) => json!(value),
        BtfValue::Int(number) | BtfValue::Enum(None, number) => integer(*number),
        BtfValue::Float(number) => json!(number),
        BtfValue::Pointer(address) => json!(format!("{address:#x}")),
        BtfValue::Enum(Some(name), _) => json!(name),
        BtfValue::Text(text) => json!(text),
        BtfValue::Array(values) => values.iter().map(self::value).collect(),
        BtfValue::Struct(fields) => {
            let fields = fields.iter();
            let fields = fields.map(|(name, field)| ((*name).to_owned(), self::value(field)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        other => json!(other.to_string()),
    }
}

fn integer(number: i128) -> Value {
    match (u64::try_from(number), i64::try_from(number)) {
        (Ok(number), _) => json!(number),
        (_, Ok(number)) => json!(number),
        _ => json!(number.to_string()),
    }
}

/// Where a link is attached.
pub(super) fn target(target: &LinkTarget, facts: &dyn KernelFacts) -> Value {
    match target {
        LinkTarget::Xdp { ifindex } => json!({ "ifindex": ifindex }),
        LinkTarget::Interface {
            ifindex,
            attach_type,
        } => json!({ "ifindex": ifindex, "attach_type": attach_type.to_string() }),
        LinkTarget::Cgroup {
            cgroup_id,
            attach_type,
        } => json!({ "cgroup_id": cgroup_id, "attach_type": attach_type.to_string() }),
        LinkTarget::Netns { inode, attach_type } => {
            json!({ "netns_inode": inode, "attach_type": attach_type.to_string() })
        }
        LinkTarget::RawTracepoint { name } | LinkTarget::Tracepoint { name } => {
            json!({ "tracepoint": name.as_ref() })
        }
        LinkTarget::Tracing {
            attach_type,
            target_object,
            target_type,
        } => json!({
            "attach_type": attach_type.to_string(), "target_object": target_object, "target_type": target_type,
        }),
        LinkTarget::Iter { name, over } => {
            let mut parts = json!({ "iterator": name.as_ref() });
            match over {
                IterOver::Map { map_id } => parts["map_id"] = json!(map_id),
                IterOver::Cgroup { cgroup_id, order } => {
                    parts["cgroup_id"] = json!(cgroup_id);
                    parts["order"] = json!(order);
                }
                IterOver::Task { tid, pid } => {
                    parts["tid"] = json!(tid);
                    parts["pid"] = json!(pid);
                }
                _ => {}
            }
            parts
        }
        LinkTarget::StructOps { map_id } => json!({ "map_id": map_id }),
        LinkTarget::Netfilter {
            family,
            hook,
            priority,
            flags,
        } => json!({ "family": family, "hook": hook, "priority": priority, "flags": flags }),
        LinkTarget::Sockmap {
            map_id,
            attach_type,
        } => json!({ "map_id": map_id, "attach_type": attach_type.to_string() }),
        LinkTarget::Kprobe {
            function,
            offset,
            address,
            at_return,
        } => json!({
            "function": function.as_ref(), "offset": offset, "address": address, "at_return": at_return,
        }),
        LinkTarget::Uprobe {
            file,
            offset,
            ref_ctr_offset,
            at_return,
        } => json!({
            "file": file.as_ref(), "offset": offset, "ref_ctr_offset": ref_ctr_offset, "at_return": at_return,
        }),
        LinkTarget::PerfEvent { event_type, config } => {
            json!({ "event_type": event_type, "config": config })
        }
        LinkTarget::KprobeMulti {
            functions,
            at_return,
        } => {
            let function = |function: &ProbedFunction| {
                let symbol = facts.symbol_at(function.address).ok().flatten();
                let name = symbol.map(|symbol| symbol.to_string());
                json!({ "address": function.address, "cookie": function.cookie, "function": name })
            };
            let functions: Vec<Value> = functions.iter().map(function).collect();
            json!({ "functions": functions, "at_return": at_return })
        }
        LinkTarget::UprobeMulti {
            file,
            places,
            pid,
            at_return,
        } => {
            let places = places.iter().map(|place| {
                json!({
                    "offset": place.offset, "ref_ctr_offset": place.ref_ctr_offset, "cookie": place.cookie,
                })
            });
            let places: Vec<Value> = places.collect();
            json!({ "file": file.as_ref(), "places": places, "pid": pid, "at_return": at_return })
        }
        other => json!({ "other": other.to_string() }),
    }
}
