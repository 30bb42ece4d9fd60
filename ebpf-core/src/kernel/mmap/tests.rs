//! Rings in a file instead of the kernel's memory, so that they can hold anything.

use std::fs::File;
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;

use super::*;
use crate::event::Event;

const PAGE: usize = 4096;

/// A file of so many pages, without a name.
fn file(pages: usize) -> File {
    let path = std::env::temp_dir().join(format!(
        "ebpf-ring-{}-{:?}",
        std::process::id(),
        std::thread::current().id()
    ));
    let file = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)
        .expect("a file");
    std::fs::remove_file(&path).expect("unlink");
    file.set_len((pages * PAGE) as u64).expect("its size");
    file
}

fn put(file: &File, at: usize, bytes: &[u8]) {
    file.write_all_at(bytes, at as u64).expect("write");
}

fn word(file: &File, at: usize) -> u64 {
    let mut bytes = [0; 8];
    file.read_exact_at(&mut bytes, at as u64).expect("read");
    u64::from_ne_bytes(bytes)
}

/// A ring buffer of one page: positions of reader and writers, and twice the data.
struct RingFile(File);

impl RingFile {
    fn new() -> RingFile {
        RingFile(file(4))
    }

    fn reader(&self) -> RingReader {
        RingReader::new(self.0.as_fd(), PAGE, PAGE).expect("map")
    }

    fn record(&self, at: usize, header: u32, data: &[u8]) {
        put(&self.0, 2 * PAGE + at, &header.to_ne_bytes());
        put(&self.0, 2 * PAGE + at + 8, data);
    }

    fn produced(&self, position: usize) {
        put(&self.0, PAGE, &position.to_ne_bytes());
    }
}

const BUSY: u32 = 1 << 31;
const DISCARD: u32 = 1 << 30;

fn next(reader: &mut RingReader) -> Option<Option<Vec<u8>>> {
    let record = reader.peek().expect("a sound ring")?;
    let sample = record.sample.map(<[u8]>::to_vec);
    reader.advance();
    Some(sample)
}

#[test]
fn a_busy_record_holds_up_what_follows() {
    let ring = RingFile::new();
    let mut reader = ring.reader();
    assert!(!reader.is_ready() && next(&mut reader).is_none());
    ring.record(0, BUSY | 3, b"one");
    ring.record(16, 3, b"two");
    ring.produced(32);
    assert!(!reader.is_ready() && next(&mut reader).is_none());
    ring.record(0, 3, b"one");
    assert!(reader.is_ready());
    assert_eq!(next(&mut reader), Some(Some(b"one".to_vec())));
    assert_eq!(next(&mut reader), Some(Some(b"two".to_vec())));
    assert!(next(&mut reader).is_none());
}

#[test]
fn a_discarded_record_is_no_sample() {
    let ring = RingFile::new();
    let mut reader = ring.reader();
    ring.record(0, DISCARD | 5, b"");
    ring.record(16, 0, b"");
    ring.produced(24);
    assert_eq!(next(&mut reader), Some(None));
    assert_eq!(next(&mut reader), Some(Some(Vec::new())));
    assert!(next(&mut reader).is_none());
}

#[test]
fn a_record_across_the_end_is_in_one_piece() {
    let ring = RingFile::new();
    put(&ring.0, 0, &(3 * PAGE - 16).to_ne_bytes());
    ring.produced(3 * PAGE + 16);
    ring.record(PAGE - 16, 24, b"from the end to the end.");
    let mut reader = ring.reader();
    assert_eq!(
        next(&mut reader),
        Some(Some(b"from the end to the end.".to_vec()))
    );
    reader.publish(0);
    assert_eq!(word(&ring.0, 0), 3 * PAGE as u64 + 16);
}

#[test]
fn what_is_kept_back_is_published_later() {
    let ring = RingFile::new();
    let mut reader = ring.reader();
    ring.record(0, 8, b"12345678");
    ring.record(16, 8, b"12345678");
    ring.produced(32);
    while next(&mut reader).is_some() {}
    assert_eq!((reader.unpublished(), word(&ring.0, 0)), (32, 0));
    reader.publish(16);
    assert_eq!((reader.unpublished(), word(&ring.0, 0)), (16, 16));
    reader.publish(usize::MAX);
    assert_eq!(word(&ring.0, 0), 16, "it never goes back");
    reader.publish_all();
    assert_eq!((reader.unpublished(), word(&ring.0, 0)), (0, 32));
}

#[test]
fn a_ring_that_no_kernel_writes_is_an_error() {
    let ring = RingFile::new();
    let mut reader = ring.reader();
    ring.record(0, 100, b"");
    ring.produced(48);
    let problem = reader.peek().expect_err("too long");
    assert_eq!(
        problem,
        RingProblem::Record {
            length: 112,
            available: 48
        }
    );
    assert!(reader.is_ready(), "the drain will tell");
    reader.skip();
    assert!(next(&mut reader).is_none());
    for produced in [8, 48 + PAGE + 8, 1 << 40] {
        ring.produced(produced);
        let mut reader = RingReader {
            position: 48,
            written: 48,
            ..ring.reader()
        };
        let problem = reader.peek().expect_err("no position");
        assert!(
            matches!(problem, RingProblem::Positions { .. }),
            "{produced}: {problem:?}"
        );
        reader.skip();
        assert!(next(&mut reader).is_none());
    }
    for size in [0, 1, PAGE / 2, 3 * PAGE] {
        assert!(
            RingReader::new(ring.0.as_fd(), size, PAGE).is_err(),
            "{size}"
        );
        assert!(
            RingWriter::new(ring.0.as_fd(), size, PAGE).is_err(),
            "{size}"
        );
    }
}

/// A perf ring of one page of data.
struct PerfFile(File);

impl PerfFile {
    fn new() -> PerfFile {
        PerfFile(file(2))
    }

    fn write(&self, head: u64, bytes: &[u8]) {
        for (at, byte) in bytes.iter().enumerate() {
            put(&self.0, PAGE + (head as usize + at) % PAGE, &[*byte]);
        }
        put(
            &self.0,
            DATA_HEAD,
            &(head + bytes.len() as u64).to_ne_bytes(),
        );
    }
}

/// A sample of so many bytes, which end with their number.
fn sample(number: u8, len: usize) -> Vec<u8> {
    let length = (12 + len).next_multiple_of(8);
    let mut record = 9u32.to_ne_bytes().to_vec();
    record.extend([0, 0]);
    record.extend((length as u16).to_ne_bytes());
    record.extend(((length - 12) as u32).to_ne_bytes());
    record.resize(length, number);
    record
}

#[test]
fn a_perf_ring_is_read_around_its_end() {
    let ring = PerfFile::new();
    let mut reader = PerfReader::new(ring.0.as_fd(), 1, PAGE, false).expect("map");
    let (mut head, mut scratch) = (0, Vec::new());
    for round in 0..200u8 {
        let record = sample(round, 60 + usize::from(round));
        ring.write(head, &record);
        head += record.len() as u64;
        assert_eq!(reader.available(), record.len() as u64);
        let written = reader.written().expect("a sound ring");
        assert_eq!(written.len(), record.len());
        let read = written
            .record(0, None, &mut scratch)
            .expect("whole")
            .expect("there");
        assert_eq!(read.event, Event::sample(None, &record[12..]));
        let length = read.length;
        reader.consume(length);
        assert!(word(&ring.0, DATA_TAIL) < head);
        reader.publish();
        assert_eq!(
            word(&ring.0, DATA_TAIL),
            head,
            "positions count up beyond the ring"
        );
    }
    assert!(head > 5 * PAGE as u64);
    reader.consume(1000);
    assert_eq!(
        (reader.available(), reader.position()),
        (0, head),
        "not beyond what is written"
    );
}

#[test]
fn a_perf_ring_that_no_kernel_writes_is_an_error() {
    let ring = PerfFile::new();
    let mut reader = PerfReader::new(ring.0.as_fd(), 1, PAGE, false).expect("map");
    put(&ring.0, DATA_HEAD, &(PAGE as u64 + 8).to_ne_bytes());
    assert_eq!(reader.available(), PAGE as u64 + 8);
    assert!(matches!(
        reader.written(),
        Err(RingProblem::Positions { .. })
    ));
    reader.skip();
    assert_eq!(reader.available(), 0);
    assert!(reader.written().expect("sound again").is_empty());
    for pages in [0, 3] {
        assert!(PerfReader::new(ring.0.as_fd(), pages, PAGE, false).is_err());
    }
}

#[test]
fn an_overwritten_ring_gives_its_end_once() {
    let ring = PerfFile::new();
    let mut reader = PerfReader::new(ring.0.as_fd(), 1, PAGE, true).expect("map");
    let mut copy = Vec::new();
    assert!(!reader.has_backward());
    // It grows downwards, from 0.
    let mut head = 0u64;
    for number in 0..3 {
        let record = sample(number, 20);
        head = head.wrapping_sub(record.len() as u64);
        put(&ring.0, PAGE + head as usize % PAGE, &record);
    }
    put(&ring.0, DATA_HEAD, &head.to_ne_bytes());
    assert!(reader.has_backward());
    reader.take_backward(&mut copy);
    assert_eq!(copy, [sample(2, 20), sample(1, 20), sample(0, 20)].concat());
    assert!(!reader.has_backward());
    reader.take_backward(&mut copy);
    assert!(copy.is_empty());
    // Further than the ring is long: all of it.
    put(
        &ring.0,
        DATA_HEAD,
        &head.wrapping_sub(3 * PAGE as u64).to_ne_bytes(),
    );
    reader.take_backward(&mut copy);
    assert_eq!(copy.len(), PAGE);
}

#[test]
fn a_writer_fills_what_the_reader_has_left() {
    let ring = RingFile::new();
    let mut writer = RingWriter::new(ring.0.as_fd(), PAGE, PAGE).expect("map");
    assert_eq!(writer.largest(), PAGE - 8);
    assert_eq!(
        (writer.fits(PAGE - 8), writer.fits(PAGE - 7)),
        (Ok(true), Ok(false))
    );
    assert_eq!(writer.fits(usize::MAX), Ok(false));
    let mut fill = |room: &mut [u8]| {
        assert!(room.iter().all(|byte| *byte == 0));
        room.fill(7);
        true
    };
    assert_eq!(writer.write(13, &mut fill), Ok(true));
    assert_eq!((word(&ring.0, PAGE), word(&ring.0, 2 * PAGE)), (24, 13));
    let mut data = [0; 16];
    ring.0
        .read_exact_at(&mut data, 2 * PAGE as u64 + 8)
        .expect("read");
    assert_eq!(data, [7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 0, 0, 0]);
    assert_eq!(writer.write(8, &mut |_| false), Ok(false));
    assert_eq!(word(&ring.0, PAGE), 24, "nothing was sent");
    assert_eq!(writer.write(PAGE - 8, &mut fill), Ok(false), "full");
    put(&ring.0, 0, &24u64.to_ne_bytes());
    assert_eq!(writer.fits(PAGE - 8), Ok(true));
    put(&ring.0, 0, &4096u64.to_ne_bytes());
    assert!(writer.fits(8).is_err(), "a reader ahead of the writer");
    // It goes on where the last one ended.
    let again = RingWriter::new(ring.0.as_fd(), PAGE, PAGE).expect("map");
    assert_eq!(again.position, 24);
}

#[test]
fn what_cannot_be_mapped_is_refused() {
    let file = file(1);
    assert_eq!(Mmap::new(file.as_fd(), 0, true).err(), Some(Errno::EINVAL));
    assert_eq!(
        Mmap::new(file.as_fd(), usize::MAX, true).err(),
        Some(Errno::EINVAL)
    );
    let words = Mmap::new(file.as_fd(), 4, false).expect("map");
    assert_eq!(words.words().load(3), Some(0));
}
