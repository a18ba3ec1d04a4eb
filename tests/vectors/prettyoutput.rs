//! `prettyoutput.json`: no differences.

use scfctl::output::pretty::render;
use serde_json::Value;

use crate::{cases, compare, text};

#[test]
fn outputs_look_as_recorded() {
    let cases = cases(include_str!("../data/prettyoutput.json"));
    compare::<String>(&cases, vec![], |case| {
        let value: Value = serde_json::from_str(text(case, "json")).expect("JSON");
        let (plain, coloured) = (render(&value, false), render(&value, true));
        let recorded = (text(case, "text"), text(case, "text_color"));
        let result = if (plain.as_str(), coloured.as_str()) == recorded {
            Ok(())
        } else {
            Err(format!("\nrecorded {recorded:?}\ngot      {:?}", (&plain, &coloured)))
        };
        Some((plain, result))
    });
}
