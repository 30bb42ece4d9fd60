//! Running a program outside of any hook.

use std::time::Duration;

flags! {
    /// How a test run is made.
    pub struct RunFlags: u32 {
        /// No flag.
        NONE = 0, "0";
        /// On the CPU given in [`RunInput::cpu`]; raw tracepoints only. Since Linux 5.10.
        ON_CPU = 1 << 0, "BPF_F_TEST_RUN_ON_CPU";
        /// XDP verdicts are carried out: packets are really sent, redirected or passed on. Since Linux 5.18.
        XDP_LIVE_FRAMES = 1 << 1, "BPF_F_TEST_XDP_LIVE_FRAMES";
        /// The packet's checksum counts as verified. Since Linux 6.18.
        SKB_CHECKSUM_COMPLETE = 1 << 2, "BPF_F_TEST_SKB_CHECKSUM_COMPLETE";
    }
}

/// What a program is run on.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RunInput<'i> {
    /// The packet; empty for types that take none.
    pub data: &'i [u8],
    /// The context in its user-space layout (`struct xdp_md`, `struct __sk_buff`, …); empty for the default.
    pub context: &'i [u8],
    /// How often to run; the duration is the mean. 0 and 1 both mean once.
    pub repeat: u32,
    /// Flags.
    pub flags: RunFlags,
    /// The CPU, with [`RunFlags::ON_CPU`].
    pub cpu: u32,
    /// Packets in a batch, with [`RunFlags::XDP_LIVE_FRAMES`]; 0 for the default of 64.
    pub batch_size: u32,
}

impl<'i> RunInput<'i> {
    /// One run on a packet.
    pub fn data(data: &'i [u8]) -> RunInput<'i> {
        RunInput {
            data,
            context: &[],
            repeat: 1,
            flags: RunFlags::NONE,
            cpu: 0,
            batch_size: 0,
        }
    }

    /// One run on a context, without a packet.
    pub fn context(context: &'i [u8]) -> RunInput<'i> {
        RunInput {
            context,
            ..RunInput::data(&[])
        }
    }

    /// The same with this context.
    #[must_use]
    pub fn with_context(self, context: &'i [u8]) -> RunInput<'i> {
        RunInput { context, ..self }
    }

    /// The same, run this often.
    #[must_use]
    pub fn repeat(self, repeat: u32) -> RunInput<'i> {
        RunInput { repeat, ..self }
    }

    /// The same with these flags besides those it has.
    #[must_use]
    pub fn with_flags(self, flags: RunFlags) -> RunInput<'i> {
        RunInput {
            flags: self.flags | flags,
            ..self
        }
    }
}

/// Buffers for what a run leaves behind.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct RunOutput<'o> {
    /// For the packet; empty where it is not wanted.
    pub data: &'o mut [u8],
    /// For the context; empty where it is not wanted.
    pub context: &'o mut [u8],
}

impl<'o> RunOutput<'o> {
    /// Wants nothing but the verdict.
    pub fn none() -> RunOutput<'o> {
        RunOutput::default()
    }

    /// Wants the packet.
    pub fn data(data: &'o mut [u8]) -> RunOutput<'o> {
        RunOutput {
            data,
            context: &mut [],
        }
    }

    /// Wants the packet and the context.
    pub fn new(data: &'o mut [u8], context: &'o mut [u8]) -> RunOutput<'o> {
        RunOutput { data, context }
    }
}

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunResult {
    /// What the program returned.
    pub return_value: u32,
    /// How long one run took, in the mean.
    pub duration: Duration,
    /// Bytes of the packet after the run, whether or not they were wanted.
    pub data_len: usize,
    /// Bytes of the context after the run.
    pub context_len: usize,
}

impl RunResult {
    /// The outcome of a run. For implementors.
    pub fn new(
        return_value: u32,
        duration: Duration,
        data_len: usize,
        context_len: usize,
    ) -> RunResult {
        RunResult {
            return_value,
            duration,
            data_len,
            context_len,
        }
    }
}
