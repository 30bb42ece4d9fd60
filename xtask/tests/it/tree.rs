//! A directory of sources, and `cargo xtask build` run in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

/// A directory for one test, empty at first. Its name has a blank, as directories of users have.
pub(crate) struct Tree {
    pub(crate) dir: PathBuf,
}

/// How a run ended.
pub(crate) struct Answer {
    pub(crate) success: bool,
    /// Standard output, then standard error.
    pub(crate) text: String,
}

impl Tree {
    /// `None`, said aloud, where there is no clang; in continuous integration that is a failure.
    pub(crate) fn with_clang(name: &str) -> Option<Tree> {
        let tree = Tree::new(name);
        tree.write("probe/probe.bpf.c", "int probe;\n");
        let answer = tree.build(&["probe"]);
        if answer.success {
            fs::remove_dir_all(tree.dir.join("probe")).unwrap();
            return Some(tree);
        }
        let in_ci = env::var("CI").is_ok_and(|ci| !matches!(ci.as_str(), "" | "0" | "false"));
        assert!(!in_ci, "{}", answer.text);
        assert!(answer.text.contains("install it with"), "{}", answer.text);
        ebpf_testbed::skip("no clang is installed");
        None
    }

    pub(crate) fn new(name: &str) -> Tree {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("build {name}"));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        Tree { dir }
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let file = self.dir.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    pub(crate) fn read(&self, file: &str) -> Vec<u8> {
        fs::read(self.dir.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    pub(crate) fn has(&self, file: &str) -> bool {
        self.dir.join(file).exists()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg("build").args(arguments).current_dir(&self.dir);
        // The records of this test are its own.
        command.env("CARGO_TARGET_DIR", self.dir.join("target"));
        command
    }

    pub(crate) fn build(&self, arguments: &[&str]) -> Answer {
        answer(self.command(arguments).output().unwrap())
    }
}

pub(crate) fn answer(output: Output) -> Answer {
    Answer {
        success: output.status.success(),
        text: [output.stdout, output.stderr]
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .concat(),
    }
}

impl Answer {
    /// That it ended well, with this many objects built and this many left as they were.
    #[track_caller]
    pub(crate) fn built(&self, built: usize, fresh: usize) {
        let said = format!("{built} built, {fresh} up to date;");
        assert!(self.success && self.text.contains(&said), "{}", self.text);
    }

    /// That it failed, and said this.
    #[track_caller]
    pub(crate) fn failed(&self, said: &str) {
        assert!(!self.success && self.text.contains(said), "{}", self.text);
    }
}
