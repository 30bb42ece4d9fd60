use super::*;

#[test]
fn cpu_lists_are_read_as_the_kernel_writes_them() {
    let read = |list: &str| CpuSet::parse(list).map(|set| set.iter().collect::<Vec<_>>());
    assert_eq!(read("0"), Some(vec![0]));
    assert_eq!(read("0-0"), Some(vec![0]));
    assert_eq!(read("0-1\r\n"), Some(vec![0, 1]));
    assert_eq!(read("0-3,8\n"), Some(vec![0, 1, 2, 3, 8]));
    assert_eq!(read("1-1"), Some(vec![1]));
    assert_eq!(read("1"), Some(vec![1]));
    assert_eq!(read(""), Some(vec![]));
    for bad in ["1-", "-1", "3-1", "a", "0,,1", "0-4294967295", "+1", "0 1"] {
        assert_eq!(read(bad), None, "{bad:?}");
    }
    assert_eq!(
        CpuSet::parse("0-3,8").map(|set| (set.len(), set.slots(), set.contains(8))),
        Some((5, 9, true))
    );
}

#[test]
fn releases_are_read_and_compared() {
    assert_eq!(
        KernelVersion::parse("6.1.0-50-cloud-amd64"),
        Some(KernelVersion::new(6, 1, 0))
    );
    assert_eq!(
        KernelVersion::parse("6.18.44-fc-v595"),
        Some(KernelVersion::new(6, 18, 44))
    );
    assert_eq!(
        KernelVersion::parse("7.3-rc7"),
        Some(KernelVersion::new(7, 3, 0))
    );
    assert_eq!(KernelVersion::parse("six"), None);
    assert!(KernelVersion::new(5, 10, 223) < KernelVersion::new(6, 1, 0));
    assert_eq!(KernelVersion::new(5, 4, 300).code(), 0x0504ff);
}

#[test]
fn kernel_times_become_dates_in_nanoseconds() {
    let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
    let clock = Clock {
        monotonic: Duration::from_secs(10),
        boot: Duration::from_secs(20),
        wall,
    };
    assert_eq!(
        clock.wall_of_monotonic(Duration::from_nanos(9_999_999_999)),
        Some(wall - Duration::from_nanos(1))
    );
    assert_eq!(
        clock.wall_of_boot(Duration::from_secs(25)),
        Some(wall + Duration::from_secs(5))
    );
}

#[test]
fn a_handle_of_another_system_is_refused() {
    let handle = Handle::new(SystemId(3), 7);
    assert_eq!(handle.raw_in(SystemId(3)), Ok(7));
    let refused = handle.raw_in(SystemId::KERNEL).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "an object of simulated system 3 was given to the kernel"
    );
}
