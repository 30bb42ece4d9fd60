//! Names that were meant, for messages about those that there are not. For implementors: every system guesses alike.

/// Names that someone may have meant by `name`, the likeliest first, for a message.
pub fn similar<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    const MOST: usize = 3;
    let mut found: Vec<(usize, &str)> = known
        .filter_map(|known| Some((distance(name, known)?, known)))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
        .into_iter()
        .take(MOST)
        .map(|(_, known)| known)
        .collect()
}

/// `; did you mean …?`, or nothing.
pub fn did_you_mean(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        names => {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            format!("; did you mean {}?", names.join(" or "))
        }
    }
}

/// How far a known name is from one that was asked for: 0 for a variant that the compiler made of it (`name.isra.0`),
/// else the number of letters that differ, up to two.
fn distance(name: &str, known: &str) -> Option<usize> {
    const FARTHEST: usize = 2;
    if known
        .strip_prefix(name)
        .is_some_and(|rest| rest.starts_with('.'))
    {
        return Some(0);
    }
    let (name, known) = (name.as_bytes(), known.as_bytes());
    if name.len().abs_diff(known.len()) > FARTHEST || name.len() <= FARTHEST {
        return None;
    }
    // The rows of the table of Levenshtein, one at a time.
    let mut row: Vec<usize> = (0..=known.len()).collect();
    for (line, letter) in name.iter().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        let mut least = left;
        for (cell, other) in row.iter_mut().skip(1).zip(known) {
            let substituted = diagonal + usize::from(letter != other);
            diagonal = *cell;
            left = substituted.min(*cell + 1).min(left + 1);
            *cell = left;
            least = least.min(left);
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
        if least > FARTHEST {
            return None;
        }
    }
    row.last().copied().filter(|distance| *distance <= FARTHEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_names_are_found() {
        for (name, known, expected) in [
            ("do_unlinkat", "do_unlinkat.isra.0", Some(0)),
            ("do_unlinkat", "do_unlinkt", Some(1)),
            ("do_unlinkat", "do_unlniakt", None),
            ("do_unlinkat", "do_unlnikat", Some(2)),
            ("do_unlinkat", "unrelated__", None),
            ("abc", "abc", Some(0)),
            ("ab", "ac", None),
            ("kitten", "sitting", None),
            ("sched_swich", "sched_switch", Some(1)),
        ] {
            assert_eq!(distance(name, known), expected, "{name} {known}");
        }
        let known = [
            "tcp_connect",
            "tcp_conect",
            "tcp_connect.part.0",
            "udp_connect",
        ];
        let found = similar("tcp_connec", known.into_iter());
        assert_eq!(found, ["tcp_connect", "tcp_conect"]);
        assert_eq!(
            did_you_mean(&found),
            "; did you mean `tcp_connect` or `tcp_conect`?"
        );
        assert_eq!(did_you_mean(&[]), "");
    }
}
