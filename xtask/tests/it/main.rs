//! The chores as their users run them. What needs clang says so aloud where there is none.

mod build;
mod header;
mod tree;
