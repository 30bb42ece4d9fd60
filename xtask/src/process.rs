//! Running other programs: in the workspace's directory, with nothing on standard input, and with errors that show the command.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// A program to run.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(crate::root()).stdin(Stdio::null());
    command
}

/// The cargo that runs this program.
pub(crate) fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // These speak about xtask and would have every build script run again in the workspace.
    for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH"] {
        command.env_remove(name);
    }
    command.args(arguments);
    command
}

/// Shows and runs `command`; a status other than 0 is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    eprintln!("> {}", show(command));
    let status = command
        .status()
        .with_context(|| format!("start `{}`", show(command)))?;
    if !status.success() {
        bail!("`{}` failed: {status}", show(command));
    }
    Ok(())
}

/// Runs `command` and returns what it prints on standard output; the error holds what it prints on standard error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .with_context(|| format!("start `{}`", show(command)))?;
    if !output.status.success() {
        bail!(
            "`{}` failed: {}\n{}",
            show(command),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
    }
    String::from_utf8(output.stdout).with_context(|| format!("the output of `{}`", show(command)))
}

/// Becomes `command`, with this program's own standard input and directory.
pub(crate) fn replace(mut command: Command) -> Result<()> {
    command.current_dir(std::env::current_dir().context("the current directory")?);
    command.stdin(Stdio::inherit());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        Err(command.exec()).with_context(|| format!("start `{}`", show(&command)))
    }
    #[cfg(not(unix))]
    {
        let status = command
            .status()
            .with_context(|| format!("start `{}`", show(&command)))?;
        std::process::exit(status.code().unwrap_or(1))
    }
}

/// The command as a line of a shell.
pub(crate) fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let variables = command.get_envs().filter_map(|(name, value)| {
        Some(format!(
            "{}={}",
            name.display(),
            quote(&value?.to_string_lossy())
        ))
    });
    variables
        .chain(words.map(|word| quote(&word.to_string_lossy())))
        .collect::<Vec<_>>()
        .join(" ")
}

fn quote(word: &str) -> String {
    if word.is_empty()
        || word.contains(|c: char| c.is_whitespace() || "'\"$\\;|&<>()*?".contains(c))
    {
        format!("'{}'", word.replace('\'', r"'\''"))
    } else {
        word.to_owned()
    }
}
