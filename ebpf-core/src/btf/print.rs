//! Types as C writes them: `struct foo *`, `const char[16]`, `int (*)(void *, long)`.

use super::{Btf, FwdKind, MAX_DEPTH, Type, TypeId};

/// How many bytes of names, and types, go into one text. Prototypes can refer to each other and so multiply.
const BUDGET: usize = 4096;

/// What stands for a type that does not exist, or that goes too deep.
const ELLIPSIS: &str = "…";

impl Btf {
    /// The type as C would write it in a cast; a function or variable as it would be declared. Tags are left out, an
    /// enumeration, structure or union without a name is `struct {…}` and the like, and `…` stands for what does not
    /// exist or goes too deep.
    pub fn type_name(&self, id: TypeId) -> String {
        self.declare(id, 0, &mut BUDGET.clone())
    }

    /// C declarations are written from the inside out: this goes from type to type, putting around `inner` what each
    /// adds, until one has a name.
    fn declare(&self, mut id: TypeId, depth: usize, budget: &mut usize) -> String {
        let mut inner = String::new();
        let mut qualifiers = String::new();
        for _ in 0..=MAX_DEPTH - depth.min(MAX_DEPTH) {
            let Some(ty) = self.by_id(id) else { break };
            let name = ty.name();
            let Some(left) = budget.checked_sub(name.len() + 1) else {
                break;
            };
            *budget = left;
            let tagged = |tag: &str| match name {
                "" => format!("{tag} {{{ELLIPSIS}}}"),
                name => format!("{tag} {name}"),
            };
            let last = match ty.get() {
                Type::Ptr(to) => {
                    id = to;
                    inner = format!("*{qualifiers}{inner}");
                    qualifiers.clear();
                    if matches!(
                        self.by_id(to).map(|ty| ty.get()),
                        Some(Type::Array(_) | Type::FuncProto(_))
                    ) {
                        inner = format!("({inner})");
                    }
                    continue;
                }
                Type::Const(of) => {
                    id = of;
                    qualifiers.push_str("const ");
                    continue;
                }
                Type::Volatile(of) => {
                    id = of;
                    qualifiers.push_str("volatile ");
                    continue;
                }
                Type::Restrict(of) => {
                    id = of;
                    qualifiers.push_str("restrict ");
                    continue;
                }
                Type::TypeTag { type_id, .. } => {
                    id = type_id;
                    continue;
                }
                Type::Array(array) => {
                    id = array.element;
                    inner.push_str(&match array.count {
                        0 => "[]".to_owned(),
                        count => format!("[{count}]"),
                    });
                    continue;
                }
                Type::FuncProto(proto) => {
                    id = proto.returns();
                    let count = proto.params().len();
                    let mut params = Vec::new();
                    for (at, param) in proto.params().enumerate() {
                        if *budget == 0 || depth >= MAX_DEPTH {
                            params.push(ELLIPSIS.to_owned());
                            break;
                        }
                        let variadic = at + 1 == count && param.type_id.is_void();
                        params.push(match variadic {
                            true => "...".to_owned(),
                            false => self.declare(param.type_id, depth + 1, budget),
                        });
                    }
                    let params = if params.is_empty() {
                        "void".into()
                    } else {
                        params.join(", ")
                    };
                    inner = format!("{inner}({params})");
                    continue;
                }
                Type::Func(func) => {
                    id = func.proto;
                    inner = format!("{name}{inner}");
                    continue;
                }
                Type::Var(var) => {
                    id = var.type_id;
                    inner = format!("{name}{inner}");
                    continue;
                }
                Type::Void => "void".to_owned(),
                Type::Struct(_) | Type::Fwd(FwdKind::Struct) => tagged("struct"),
                Type::Union(_) | Type::Fwd(FwdKind::Union) => tagged("union"),
                Type::Enum(_) => tagged("enum"),
                _ if name.is_empty() => ty.kind().to_string(),
                _ => name.to_owned(),
            };
            return join(&qualifiers, &last, &inner);
        }
        join(&qualifiers, ELLIPSIS, &inner)
    }
}

fn join(qualifiers: &str, name: &str, inner: &str) -> String {
    let space = if inner.is_empty() || inner.starts_with('[') {
        ""
    } else {
        " "
    };
    format!("{qualifiers}{name}{space}{inner}")
        .trim_end()
        .to_owned()
}
