//! Maps without keys: queues, stacks and Bloom filters.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::array::expect_type;
use super::{LookupFlags, Map, MapError, MapInfo, MapType, Plain, UpdateFlags, layout};

macro_rules! keyless {
    ($(#[$meta:meta])* $View:ident, $text:literal, $TYPE:ident, $wants:literal) => {
        $(#[$meta])*
        pub struct $View<V, M = Arc<dyn Map>> {
            map: M,
            types: PhantomData<fn(V)>,
        }

        impl<V: Plain, M: Map> $View<V, M> {
            #[doc = concat!("The map as ", $text, " of values `V`.")]
            ///
            /// # Errors
            /// [`MapError::View`] for maps of other types, [`MapError::Layout`] if `V` differs from the map's values.
            pub fn new(map: M) -> Result<$View<V, M>, MapError> {
                expect_type(map.info(), concat!("`", stringify!($View), "`"), &[MapType::$TYPE], $wants)?;
                layout::check_value::<V>(map.info())?;
                Ok($View { map, types: PhantomData })
            }

            /// The map itself.
            pub fn map(&self) -> &M {
                &self.map
            }

            /// What cannot change while the map exists.
            pub fn info(&self) -> &MapInfo {
                self.map.info()
            }
        }

        impl<V, M: fmt::Debug> fmt::Debug for $View<V, M> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($View)).field(&self.map).finish()
            }
        }

        impl<V, M: Clone> Clone for $View<V, M> {
            fn clone(&self) -> Self {
                $View { map: self.map.clone(), types: PhantomData }
            }
        }
    };
}

macro_rules! push_and_pop {
    ($View:ident, $order:literal) => {
        impl<V: Plain, M: Map> $View<V, M> {
            /// Adds a value.
            ///
            /// # Errors
            /// As [`Map::update_elem`]; `E2BIG` when the map is full.
            #[doc(alias = "bpf_map_push_elem")]
            pub fn push(&self, value: &V) -> Result<(), MapError> {
                self.map
                    .update_elem(&[], value.as_bytes(), UpdateFlags::ANY)
            }

            /// Adds a value; when the map is full the oldest one makes room for it.
            ///
            /// # Errors
            /// As [`Map::update_elem`].
            pub fn push_over(&self, value: &V) -> Result<(), MapError> {
                self.map
                    .update_elem(&[], value.as_bytes(), UpdateFlags::EXIST)
            }

            #[doc = concat!("Takes the ", $order, " value; `None` when there is none.")]
            ///
            /// # Errors
            /// As [`Map::lookup_and_delete_elem`].
            #[doc(alias = "bpf_map_pop_elem")]
            pub fn pop(&self) -> Result<Option<V>, MapError> {
                let mut value = V::new_zeroed();
                let bytes = value.as_mut_bytes();
                let found = self
                    .map
                    .lookup_and_delete_elem(&[], bytes, LookupFlags::NONE)?;
                Ok(found.then_some(value))
            }

            #[doc = concat!("The ", $order, " value, which stays; `None` when there is none.")]
            ///
            /// # Errors
            /// As [`Map::lookup_elem`].
            #[doc(alias = "bpf_map_peek_elem")]
            pub fn peek(&self) -> Result<Option<V>, MapError> {
                let mut value = V::new_zeroed();
                let found = self
                    .map
                    .lookup_elem(&[], value.as_mut_bytes(), LookupFlags::NONE)?;
                Ok(found.then_some(value))
            }
        }
    };
}

keyless! {
    /// First in, first out.
    ///
    /// Since Linux 4.20. `queue_map_pop_elem()` in kernel/bpf/queue_stack_maps.c.
    ///
    /// ```no_run
    /// use std::sync::Arc;
    /// use ebpf_core::map::{Map, MapError, Queue};
    ///
    /// fn take_ports(free_ports: Arc<dyn Map>) -> Result<Vec<u16>, MapError> {
    ///     let free_ports: Queue<u16> = Queue::new(free_ports)?;
    ///     let mut ports = Vec::new();
    ///     while let Some(port) = free_ports.pop()? {
    ///         ports.push(port);
    ///     }
    ///     Ok(ports)
    /// }
    /// ```
    Queue, "a queue", QUEUE, "queues"
}
push_and_pop!(Queue, "oldest");

keyless! {
    /// Last in, first out.
    ///
    /// Since Linux 4.20. `stack_map_pop_elem()` in kernel/bpf/queue_stack_maps.c.
    Stack, "a stack", STACK, "stacks"
}
push_and_pop!(Stack, "newest");

keyless! {
    /// A set that answers "certainly not" or "probably".
    ///
    /// Since Linux 5.16. kernel/bpf/bloom_filter.c.
    BloomFilter, "a Bloom filter", BLOOM_FILTER, "Bloom filters"
}

impl<V: Plain, M: Map> BloomFilter<V, M> {
    /// Adds a value, for good.
    ///
    /// # Errors
    /// As [`Map::update_elem`].
    pub fn push(&self, value: &V) -> Result<(), MapError> {
        self.map
            .update_elem(&[], value.as_bytes(), UpdateFlags::ANY)
    }

    /// Whether the value was added: `false` is certain, `true` may be a coincidence.
    ///
    /// # Errors
    /// As [`Map::lookup_elem`].
    pub fn contains(&self, value: &V) -> Result<bool, MapError> {
        let mut question = V::new_zeroed();
        question.as_mut_bytes().copy_from_slice(value.as_bytes());
        self.map
            .lookup_elem(&[], question.as_mut_bytes(), LookupFlags::NONE)
    }
}
