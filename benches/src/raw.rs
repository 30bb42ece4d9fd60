//! bpf(2) through `libc::syscall`, with nothing around it: what every library is measured against.

use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// The fields that commands on elements use, in the kernel's layout.
#[repr(C)]
#[derive(Default)]
struct Element {
    fd: u32,
    _pad: u32,
    key: u64,
    value: u64,
    flags: u64,
}

/// The fields that batch commands use, in the kernel's layout.
#[repr(C)]
#[derive(Default)]
struct Batch {
    in_batch: u64,
    out_batch: u64,
    keys: u64,
    values: u64,
    count: u32,
    fd: u32,
    elem_flags: u64,
    flags: u64,
}

pub struct Map(pub RawFd);

impl Map {
    pub fn of(fd: BorrowedFd<'_>) -> Map {
        Map(fd.as_raw_fd())
    }

    fn element(&self, command: libc::c_long, key: &[u8], value: *mut u8) -> bool {
        let attr = Element {
            fd: self.0 as u32,
            key: key.as_ptr() as u64,
            value: value as u64,
            ..Default::default()
        };
        // SAFETY: `attr` is live and initialised for the call; the kernel reads a key and reads or writes a value of the
        // sizes that the callers' arrays have.
        unsafe { libc::syscall(libc::SYS_bpf, command, &attr, size_of::<Element>()) == 0 }
    }

    pub fn lookup(&self, key: &[u8], value: &mut [u8]) -> bool {
        self.element(1, key, value.as_mut_ptr())
    }

    pub fn update(&self, key: &[u8], value: &[u8]) -> bool {
        self.element(2, key, value.as_ptr().cast_mut())
    }

    pub fn delete(&self, key: &[u8]) -> bool {
        self.element(3, key, std::ptr::null_mut())
    }

    pub fn next_key(&self, key: Option<&[u8]>, next: &mut [u8]) -> bool {
        let key = key.unwrap_or(&[]);
        let key = if key.is_empty() {
            0
        } else {
            key.as_ptr() as u64
        };
        let attr = Element {
            fd: self.0 as u32,
            key,
            value: next.as_mut_ptr() as u64,
            ..Default::default()
        };
        // SAFETY: as in `element`; a NULL key asks for the first.
        unsafe { libc::syscall(libc::SYS_bpf, 4, &attr, size_of::<Element>()) == 0 }
    }

    /// Reads the next elements into the buffers; false at the end. `token` is what the last call left behind.
    pub fn lookup_batch(
        &self,
        token: &mut Option<[u8; 4]>,
        keys: &mut [u8],
        values: &mut [u8],
        count: &mut u32,
    ) -> bool {
        let given = *token;
        let mut left = [0u8; 4];
        let mut attr = Batch {
            in_batch: given.as_ref().map_or(0, |token| token.as_ptr() as u64),
            out_batch: left.as_mut_ptr() as u64,
            keys: keys.as_mut_ptr() as u64,
            values: values.as_mut_ptr() as u64,
            count: *count,
            fd: self.0 as u32,
            ..Default::default()
        };
        // SAFETY: `attr` and everything it points to is live for the call; `count` elements fit the buffers.
        let result = unsafe { libc::syscall(libc::SYS_bpf, 24, &mut attr, size_of::<Batch>()) };
        *token = Some(left);
        *count = attr.count;
        result == 0
    }

    pub fn update_batch(&self, keys: &[u8], values: &[u8], count: u32) -> bool {
        let mut attr = Batch {
            keys: keys.as_ptr() as u64,
            values: values.as_ptr() as u64,
            count,
            fd: self.0 as u32,
            ..Default::default()
        };
        // SAFETY: `attr` and everything it points to is live for the call; the buffers hold `count` elements.
        unsafe { libc::syscall(libc::SYS_bpf, 26, &mut attr, size_of::<Batch>()) == 0 }
    }
}

/// The map's memory by mmap(2), as a raw pointer to 8-byte words.
pub fn mapped(fd: BorrowedFd<'_>, bytes: usize) -> *const u64 {
    // SAFETY: a new mapping at an address of the kernel's choice; the caller checks the result.
    let address = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            bytes,
            libc::PROT_READ,
            libc::MAP_SHARED,
            fd.as_raw_fd(),
            0,
        )
    };
    assert_ne!(address, libc::MAP_FAILED, "mmap of the array");
    address.cast()
}

/// What creating a map takes, without names and types.
#[repr(C)]
struct Create {
    map_type: u32,
    key_size: u32,
    value_size: u32,
    max_entries: u32,
    flags: u32,
}

/// The leading fields of loading a program.
#[repr(C)]
#[derive(Default)]
struct Load {
    program_type: u32,
    instruction_count: u32,
    instructions: u64,
    license: u64,
    log_level: u32,
    log_size: u32,
    log: u64,
    kernel_version: u32,
    flags: u32,
    name: [u8; 16],
    ifindex: u32,
    expected_attach_type: u32,
    btf_fd: u32,
    function_size: u32,
    functions: u64,
    function_count: u32,
    line_size: u32,
    lines: u64,
    line_count: u32,
    attach_type_id: u32,
}

/// The leading fields of loading BTF.
#[repr(C)]
#[derive(Default)]
struct LoadBtf {
    btf: u64,
    log: u64,
    size: u32,
    log_size: u32,
    log_level: u32,
    _pad: u32,
}

/// What a program is loaded from.
pub struct Program<'a> {
    pub program_type: u32,
    pub attach_type: u32,
    pub instructions: &'a [u8],
    /// Records of 8 bytes.
    pub functions: &'a [u32],
    /// Records of 16 bytes.
    pub lines: &'a [u32],
}

pub fn create_map(
    map_type: u32,
    key_size: u32,
    value_size: u32,
    max_entries: u32,
    flags: u32,
) -> OwnedFd {
    let attr = Create {
        map_type,
        key_size,
        value_size,
        max_entries,
        flags,
    };
    // SAFETY: `attr` is live and initialised for the call.
    let fd = unsafe { libc::syscall(libc::SYS_bpf, 0, &attr, size_of::<Create>()) };
    assert!(fd >= 0, "create a map: {}", std::io::Error::last_os_error());
    // SAFETY: the kernel has just given this descriptor to us alone.
    unsafe { OwnedFd::from_raw_fd(fd as RawFd) }
}

pub fn load_btf(btf: &[u8]) -> OwnedFd {
    let attr = LoadBtf {
        btf: btf.as_ptr() as u64,
        size: btf.len() as u32,
        ..Default::default()
    };
    // SAFETY: `attr` and what it points to is live for the call.
    let fd = unsafe { libc::syscall(libc::SYS_bpf, 18, &attr, size_of::<LoadBtf>()) };
    assert!(fd >= 0, "load BTF: {}", std::io::Error::last_os_error());
    // SAFETY: the kernel has just given this descriptor to us alone.
    unsafe { OwnedFd::from_raw_fd(fd as RawFd) }
}

pub fn load_program(program: &Program<'_>, btf: BorrowedFd<'_>) -> OwnedFd {
    let attr = Load {
        program_type: program.program_type,
        instruction_count: (program.instructions.len() / 8) as u32,
        instructions: program.instructions.as_ptr() as u64,
        license: c"Dual MIT/GPL".as_ptr() as u64,
        expected_attach_type: program.attach_type,
        btf_fd: btf.as_raw_fd() as u32,
        function_size: 8,
        functions: program.functions.as_ptr() as u64,
        function_count: (program.functions.len() / 2) as u32,
        line_size: 16,
        lines: program.lines.as_ptr() as u64,
        line_count: (program.lines.len() / 4) as u32,
        ..Default::default()
    };
    // SAFETY: `attr` and what it points to is live for the call, as long as the counts say.
    let fd = unsafe { libc::syscall(libc::SYS_bpf, 5, &attr, size_of::<Load>()) };
    assert!(
        fd >= 0,
        "load a program: {}",
        std::io::Error::last_os_error()
    );
    // SAFETY: the kernel has just given this descriptor to us alone.
    unsafe { OwnedFd::from_raw_fd(fd as RawFd) }
}
