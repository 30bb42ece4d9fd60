//! Rows of input and bytes for every helper.

use std::net::{Ipv4Addr, Ipv6Addr};

use zerocopy::{FromBytes, IntoBytes};

use super::*;

/// Little-endian bytes as the running machine has them.
fn native(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if Endian::NATIVE == Endian::Big {
        bytes.reverse();
    }
    bytes
}

#[test]
fn c_strings_end_at_the_first_nul() {
    for (bytes, text) in [
        (&b"whole"[..], "whole"),
        (b"mid\0dle", "mid"),
        (b"\0leading", ""),
        (b"\0", ""),
        (b"\0\0\0", ""),
        (b"", ""),
        (b"padded\0\0\0", "padded"),
    ] {
        assert_eq!(c_str(bytes), text);
        assert_eq!(c_bytes(bytes), text.as_bytes());
    }
    assert_eq!(c_str(b"\xff!\0"), "\u{fffd}!");
    assert_eq!(c_bytes(b"\xff!\0"), b"\xff!");
}

#[test]
fn integers_fill_their_width() {
    let rows: &[(i128, &[u8])] = &[
        (0, &[]),
        (0, &[0]),
        (0, &[0, 0]),
        (0, &[0, 0, 0, 0]),
        (0, &[0; 8]),
        (1, &[1]),
        (255, &[0xff]),
        (255, &[0xff, 0]),
        (0xff00, &[0, 0xff]),
        (0xff00, &[0, 0xff, 0, 0]),
        (0x0001_0203, &[3, 2, 1]),
        (0xdead_beef, &[0xef, 0xbe, 0xad, 0xde]),
        (0xdead_beef, &[0xef, 0xbe, 0xad, 0xde, 0, 0, 0, 0]),
        (
            i64::MAX as i128,
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
        ),
        (u64::MAX as i128, &[0xff; 8]),
        (-1, &[0xff]),
        (-1, &[0xff; 4]),
        (-1, &[0xff; 8]),
        (-1, &[0xff; 16]),
        (-100, &[0x9c]),
        (-100, &[0x9c, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        (-128, &[0x80]),
        (-129, &[0x7f, 0xff]),
        (i64::MIN as i128, &[0, 0, 0, 0, 0, 0, 0, 0x80]),
        (
            7,
            &[7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ),
    ];
    for (value, bytes) in rows {
        assert_eq!(
            flexible_bytes(*value, bytes.len()),
            Ok(native(bytes)),
            "{value}"
        );
    }
    assert_eq!(flexible_bytes(7_u8, 2), Ok(native(&[7, 0])));
    assert_eq!(flexible_bytes(-7_i32, 2), Ok(native(&[0xf9, 0xff])));
    assert_eq!(flexible_bytes(0xffff_u16, 2), Ok(native(&[0xff, 0xff])));
    assert_eq!(flexible_bytes(1_u64, 4), Ok(native(&[1, 0, 0, 0])));
}

#[test]
fn integers_that_do_not_fit_are_refused() {
    for (value, width) in [
        (1, 0),
        (-1, 0),
        (256, 1),
        (0x1_0000, 2),
        (0x100_0000, 3),
        (0x1_0000_0000, 4),
        (u64::MAX as i128, 7),
        (u64::MAX as i128 + 1, 8),
        (-129, 1),
        (-0x8001, 2),
        (-0x8000_0001, 4),
        (i64::MIN as i128, 7),
        (i64::MIN as i128 - 1, 8),
    ] {
        assert_eq!(
            flexible_bytes(value, width),
            Err(CodecError::IntegerRange { value, width })
        );
    }
}

#[test]
fn integers_of_any_width_are_read() {
    for (bytes, value) in [
        (&[][..], 0),
        (&[0], 0),
        (&[0x7f], 0x7f),
        (&[1, 2], 0x0201),
        (&[1, 2, 3], 0x03_0201),
        (&[0xff, 0xff, 0xff, 0xff], 0xffff_ffff),
        (&[1, 0, 0, 0, 0], 1),
        (&[0, 0, 0, 0, 0, 0, 1], 1 << 48),
        (&[0xff; 8], u64::MAX),
    ] {
        assert_eq!(flexible_uint(&native(bytes)), Ok(value));
        assert_eq!(flexible_bytes(value, bytes.len()), Ok(native(bytes)));
    }
    assert_eq!(
        flexible_uint(&[0; 9]),
        Err(CodecError::IntegerWidth { width: 9 })
    );
}

#[test]
fn text_and_bytes_are_padded() {
    for (text, width, bytes) in [
        ("", 0, &b""[..]),
        ("", 1, b"\0"),
        ("", 4, b"\0\0\0\0"),
        ("abc", 3, b"abc"),
        ("abc", 5, b"abc\0\0"),
        ("ü", 3, b"\xc3\xbc\0"),
    ] {
        assert_eq!(fixed_str(text, width).as_deref(), Ok(bytes));
        assert_eq!(fixed_bytes(text.as_bytes(), width).as_deref(), Ok(bytes));
        assert_eq!(c_str(bytes), text);
    }
    assert_eq!(fixed_bytes(&[0, 1, 0], 4), Ok(vec![0, 1, 0, 0]));
    assert_eq!(
        fixed_str("abc", 2),
        Err(CodecError::TooLong {
            length: 3,
            width: 2
        })
    );
    assert_eq!(
        fixed_bytes(&[1], 0),
        Err(CodecError::TooLong {
            length: 1,
            width: 0
        })
    );
    assert_eq!(
        fixed_str("a\0b", 8),
        Err(CodecError::InteriorNul { position: 1 })
    );
}

#[test]
fn strides_are_multiples_of_eight() {
    for (size, stride) in [(0, 0), (1, 8), (7, 8), (8, 8), (9, 16), (100, 104)] {
        assert_eq!(percpu_stride(size), Some(stride));
    }
    assert_eq!(percpu_stride(usize::MAX), None);
    assert_eq!(percpu_stride(usize::MAX - 7), Some(usize::MAX - 7));
}

/// Values of every width up to 8, with garbage in the padding, as the kernel may leave it.
#[test]
fn sums_ignore_the_padding() {
    for size in 1..=8 {
        let mut buffer = Vec::new();
        for cpu in 1..=4_u8 {
            let mut slot = native(&[cpu, 0, 0, 0, 0, 0, 0, 0][..size]);
            slot.resize(8, 0xee);
            buffer.extend(slot);
        }
        assert_eq!(percpu_sum(&buffer, size), Ok(10), "{size}");
        let values: Vec<_> = percpu_values(&buffer, size)
            .expect("a whole buffer")
            .collect();
        assert_eq!(values.len(), 4);
        assert!(values.iter().all(|value| value.len() == size));
    }
    assert_eq!(percpu_sum(&[0x02; 16], 4), Ok(0x0404_0404));
    assert_eq!(percpu_sum(&[0xff; 16], 8), Ok(u64::MAX - 1));
    assert_eq!(percpu_sum(&[], 4), Ok(0));
    assert_eq!(
        percpu_sum(&[0; 12], 4),
        Err(CodecError::PerCpuLength {
            length: 12,
            stride: 8
        })
    );
    assert_eq!(
        percpu_sum(&[0; 16], 9),
        Err(CodecError::IntegerWidth { width: 9 })
    );
    assert_eq!(
        percpu_sum(&[0; 8], 0),
        Err(CodecError::PerCpuSize { value_size: 0 })
    );
}

#[test]
fn one_value_for_every_cpu() {
    let buffer = percpu_replicate(&native(&[1, 2, 3]), 3).expect("a small buffer");
    assert_eq!(buffer.len(), 24);
    assert_eq!(percpu_sum(&buffer, 3), Ok(3 * 0x03_0201));
    assert_eq!(percpu_replicate(&[1], 0), Ok(vec![]));
    assert_eq!(
        percpu_replicate(&[], 4),
        Err(CodecError::PerCpuSize { value_size: 0 })
    );
    assert_eq!(
        percpu_replicate(&[1], usize::MAX / 8),
        Err(CodecError::PerCpuSize { value_size: 1 })
    );
}

fn key(prefix_len: u32, data: &[u8]) -> Vec<u8> {
    [&prefix_len.to_ne_bytes(), data].concat()
}

#[test]
fn ipv4_networks_are_keys() {
    for (text, bytes, normal) in [
        (
            "192.168.1.77/24",
            key(24, &[192, 168, 1, 0]),
            "192.168.1.0/24",
        ),
        ("10.1.2.3", key(32, &[10, 1, 2, 3]), "10.1.2.3/32"),
        ("0.0.0.0/0", key(0, &[0, 0, 0, 0]), "0.0.0.0/0"),
        ("255.255.255.255/0", key(0, &[0, 0, 0, 0]), "0.0.0.0/0"),
        ("10.255.255.255/9", key(9, &[10, 128, 0, 0]), "10.128.0.0/9"),
        ("1.2.3.255/31", key(31, &[1, 2, 3, 254]), "1.2.3.254/31"),
    ] {
        let typed: LpmKeyV4 = text.parse().expect(text);
        assert_eq!(typed.as_bytes(), bytes);
        assert_eq!(LpmKeyV4::read_from_bytes(&bytes), Ok(typed));
        assert_eq!(typed.to_string(), normal);
        let cidr: Cidr = text.parse().expect(text);
        assert_eq!(cidr.to_string(), normal);
        assert_eq!(cidr.key_bytes(8), Ok(bytes.clone()));
        assert_eq!(cidr.key_bytes(20), Ok([&bytes[..], &[0; 12]].concat()));
        assert_eq!(
            cidr.key_bytes(7),
            Err(CodecError::LpmKeySize {
                key_size: 7,
                needed: 8
            })
        );
    }
    assert_eq!(
        LpmKeyV4::from(Ipv4Addr::LOCALHOST).to_string(),
        "127.0.0.1/32"
    );
}

#[test]
fn ipv6_networks_are_keys() {
    let mut link_local = [0; 16];
    link_local[..2].copy_from_slice(&[0xfe, 0x80]);
    link_local[14..].copy_from_slice(&[0x83, 0x29]);
    let mut mapped = [0; 16];
    mapped[10..].copy_from_slice(&[0xff, 0xff, 1, 2, 3, 4]);
    for (text, bytes, normal) in [
        ("::/0", key(0, &[0; 16]), "::/0"),
        ("::1/64", key(64, &[0; 16]), "::/64"),
        ("FE80::8329", key(128, &link_local), "fe80::8329/128"),
        ("::ffff:1.2.3.4", key(128, &mapped), "::ffff:1.2.3.4/128"),
        (
            "ffff::/1",
            key(1, &[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            "8000::/1",
        ),
    ] {
        let typed: LpmKeyV6 = text.parse().expect(text);
        assert_eq!(typed.as_bytes(), bytes);
        assert_eq!(typed.to_string(), normal);
        let cidr: Cidr = text.parse().expect(text);
        assert_eq!(cidr.to_string(), normal);
        assert_eq!(cidr.key_bytes(20), Ok(bytes));
        assert_eq!(
            cidr.key_bytes(8),
            Err(CodecError::LpmKeySize {
                key_size: 8,
                needed: 20
            })
        );
    }
    assert_eq!(LpmKeyV6::from(Ipv6Addr::LOCALHOST).to_string(), "::1/128");
}

/// Text that is no network is an error, never a key.
#[test]
fn networks_that_are_none_are_refused() {
    for text in [
        "",
        "/",
        "/8",
        "10.0.0.0/",
        "10.0.0.0/+8",
        "10.0.0.0/-1",
        "10.0.0.0/8/8",
        "10.0.0/8",
        "10.0.0.256",
        "host",
        "10.0.0.0/99999999999",
        " 10.0.0.0",
        ":::/0",
        "fe80::1%eth0",
    ] {
        let expected = "IP address";
        let error = CodecError::Cidr {
            text: text.to_owned(),
            expected,
        };
        assert_eq!(text.parse::<Cidr>(), Err(error), "{text}");
    }
    assert_eq!(
        "10.0.0.0/33".parse::<Cidr>(),
        Err(CodecError::PrefixLength {
            prefix_len: 33,
            bits: 32
        })
    );
    assert_eq!(
        "::/129".parse::<LpmKeyV6>(),
        Err(CodecError::PrefixLength {
            prefix_len: 129,
            bits: 128
        })
    );
    assert_eq!(
        "::1".parse::<LpmKeyV4>().map_err(|error| error.to_string()),
        Err("`::1` is no IPv4 address, alone or with `/` and a prefix length".to_owned())
    );
}

#[test]
fn keys_of_other_widths_have_no_padding() {
    let five = LpmKey::new([0xff; 5], 33).expect("33 of 40 bits");
    assert_eq!(five.as_bytes(), key(33, &[0xff, 0xff, 0xff, 0xff, 0x80]));
    assert_eq!(
        (five.prefix_len(), five.data()),
        (33, &[0xff, 0xff, 0xff, 0xff, 0x80])
    );
    assert_eq!(LpmKey::new([], 0).map(|key| key.as_bytes().len()), Ok(4));
    assert_eq!(
        LpmKey::new([0; 256], 2049),
        Err(CodecError::PrefixLength {
            prefix_len: 2049,
            bits: 2048
        })
    );
}

#[test]
fn integers_are_read_in_either_order() {
    let bytes = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    assert_eq!(Endian::Little.u16_at(&bytes, 1), Some(0x0201));
    assert_eq!(Endian::Big.u16_at(&bytes, 1), Some(0x0102));
    assert_eq!(Endian::Little.u32_at(&bytes, 5), Some(0x0807_0605));
    assert_eq!(Endian::Big.i64_at(&bytes, 1), Some(0x0102_0304_0506_0708));
    assert_eq!(Endian::Big.u64_at(&bytes, 2), None);
    assert_eq!(Endian::Big.u16_at(&bytes, usize::MAX), None);
    assert_eq!(Endian::Big.u32_bytes(0x0102_0304), [1, 2, 3, 4]);
    assert_eq!(Endian::Little.i16(Endian::Little.i16_bytes(-2)), -2);
    assert!(Endian::NATIVE.is_native());
}
