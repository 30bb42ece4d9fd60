use super::*;

fn written(value: &str, kind: KconfigType, size: usize) -> Option<Vec<u8>> {
    let mut place = vec![0; size];
    write(value, kind, Endian::Little, &mut place)?;
    Some(place)
}

#[test]
fn yes_and_no() {
    assert_eq!(written("y", KconfigType::Bool, 1), Some(vec![1]));
    assert_eq!(written("n", KconfigType::Bool, 1), Some(vec![0]));
    assert_eq!(written("m", KconfigType::Bool, 1), None);
    assert_eq!(
        written("m", KconfigType::Tristate, 4),
        Some(vec![2, 0, 0, 0])
    );
    assert_eq!(written("y", KconfigType::Char, 1), Some(vec![b'y']));
    assert_eq!(written("1", KconfigType::Bool, 1), Some(vec![1]));
    assert_eq!(written("y", KconfigType::Int { signed: false }, 4), None);
}

#[test]
fn numbers_in_their_range() {
    let unsigned = KconfigType::Int { signed: false };
    let signed = KconfigType::Int { signed: true };
    assert_eq!(written("1000", unsigned, 4), Some(vec![0xe8, 3, 0, 0]));
    assert_eq!(
        written("0xffffffffffffffff", unsigned, 8),
        Some(vec![0xff; 8])
    );
    assert_eq!(written("-1", signed, 8), Some(vec![0xff; 8]));
    assert_eq!(written("-1", unsigned, 4), None);
    assert_eq!(written("65536", unsigned, 2), None);
    assert_eq!(written("32768", signed, 2), None);
    assert_eq!(written("-32768", signed, 2), Some(vec![0, 0x80]));
    assert_eq!(written("255", KconfigType::Char, 1), Some(vec![255]));
    assert_eq!(written("256", KconfigType::Char, 1), None);
    assert_eq!(written("+1", unsigned, 4), Some(vec![1, 0, 0, 0]));
    assert_eq!(written("", unsigned, 4), None);
    let mut place = [0; 2];
    assert!(write("258", unsigned, Endian::Big, &mut place).is_some());
    assert_eq!(place, [1, 2]);
}

#[test]
fn texts_are_cut_and_terminated() {
    let text = KconfigType::String;
    assert_eq!(written("\"ab\"", text, 4), Some(b"ab\0\0".to_vec()));
    assert_eq!(written("\"abcdef\"", text, 4), Some(b"abc\0".to_vec()));
    assert_eq!(written("\"a\\\"b\"", text, 4), Some(b"a\"b\0".to_vec()));
    assert_eq!(written("\"\"", text, 1), Some(vec![0]));
    assert_eq!(written("y", text, 4), None);
    assert_eq!(written("\"", text, 4), None);
}
