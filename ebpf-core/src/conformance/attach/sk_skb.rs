//! Programs of maps of sockets that see what is received: net/core/skmsg.c, net/strparser/strparser.c.

use crate::conformance::{requires, suite};
use crate::program::ProgramType;
use crate::system::Feature;

suite! { ($) sk_skb, __conformance_sk_skb;
    fn empty(t, case) {
        requires!(t, case, Feature::ProgramType(ProgramType::SK_SKB));
    }
}
