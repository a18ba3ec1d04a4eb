//! What `--report` writes: a page for people, JSON and `JUnit` XML for programs.

mod chart;
mod html;
mod junit;
mod markup;
mod tables;

pub(in crate::output) use html::html;
pub(in crate::output) use junit::xml;
