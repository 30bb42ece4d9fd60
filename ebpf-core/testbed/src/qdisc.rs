//! Queueing disciplines for received packets, as somebody else would make them.

use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::tc::{TcAttribute, TcHandle, TcMessage};

use crate::{Error, Interface};

impl Interface {
    /// Makes the queueing discipline of kind `ingress` or `clsact`, which filters are put into.
    ///
    /// # Errors
    /// [`Error::Os`], with EEXIST when there is one, ENOENT where the kernel has no such kind.
    pub fn add_qdisc(&self, kind: &str) -> Result<(), Error> {
        let step = || {
            format!(
                "make the queueing discipline `{kind}` of interface `{}`",
                self.name()
            )
        };
        let message = RouteNetlinkMessage::NewQueueDiscipline(self.qdisc(kind));
        self.netlink()
            .request(step, message, NLM_F_CREATE | NLM_F_EXCL)?;
        Ok(())
    }

    /// Removes the queueing discipline of this kind, with all filters in it.
    ///
    /// # Errors
    /// [`Error::Os`], with ENOENT when there is none.
    pub fn remove_qdisc(&self, kind: &str) -> Result<(), Error> {
        let step = || {
            format!(
                "remove the queueing discipline `{kind}` of interface `{}`",
                self.name()
            )
        };
        let message = RouteNetlinkMessage::DelQueueDiscipline(self.qdisc(kind));
        self.netlink().request(step, message, 0)?;
        Ok(())
    }

    fn qdisc(&self, kind: &str) -> TcMessage {
        let mut message = TcMessage::with_index(self.index() as i32);
        message.header.parent = TcHandle::INGRESS;
        message.header.handle = TcHandle {
            major: TcHandle::INGRESS.major,
            minor: 0,
        };
        message.attributes = vec![TcAttribute::Kind(kind.to_owned())];
        message
    }
}
