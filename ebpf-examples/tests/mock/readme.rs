//! The first page's example: its test runs here, and it is what the page shows.

mod shown {
    #![allow(dead_code, reason = "`main` is for the kernel")]

    include!("../both/readme.rs");
}

#[test]
fn the_first_page_shows_what_is_tested() {
    let page = include_str!("../../../README.md");
    assert!(
        page.contains(include_str!("../both/readme.rs")),
        "tests/both/readme.rs has changed"
    );
}
