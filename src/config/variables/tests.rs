use super::*;
use crate::config::no_output::{OutputHint, OutputProblem};
use proptest::prelude::*;
use serde_json::json;

fn environment(name: &str) -> Option<String> {
    match name {
        "A" => Some("1".to_owned()),
        "SECRET" => Some("p$&w$$${d}".to_owned()),
        "LOOP" => Some("${env:POOL}".to_owned()),
        "POOL" => Some("x${env:LOOP}".to_owned()),
        "STAGED" => Some("on-${stage}".to_owned()),
        _ => None,
    }
}

fn platform(name: &str) -> Option<String> {
    match name {
        "stage" => Some("prod".to_owned()),
        "app" => Some("${name}".to_owned()),
        "name" => Some("${stage}-fn".to_owned()),
        _ => None,
    }
}

fn outputs(reference: &OutputReference) -> Result<String, NoOutput> {
    if reference.path == "functionName" {
        return Ok(format!("{}-fn-${{env:A}}", reference.instance));
    }
    Err(NoOutput {
        what: OutputProblem::NoInstance { instance: reference.instance.clone() },
        instead: OutputHint::Within,
    })
}

fn run(text: &str) -> Result<Resolved<String>, VariableErrors> {
    let platform = Platform {
        top: &platform,
        parameters: &|name| (name == "team").then(|| "red-${env:A}".to_owned()),
        outputs: &outputs,
    };
    resolve_text(
        text,
        "inputs.x",
        Scope { environment: &environment, unusable: None, platform: Some(platform) },
    )
}

#[test]
fn platform_values_resolve_inside_out() {
    for (text, result) in [
        ("${app}", "prod-fn"),
        ("${env:STAGED}", "on-prod"),
        ("$${env:A}", "$1"),
        ("{${env:A}}", "{1}"),
        ("x-${env:SECRET}", "x-p$&w$$${d}"),
        ("${param:team}", "red-1"),
        // Inside out, and literally.
        ("${output:${stage}:${app}:b.functionName}-x", "b-fn-${env:A}-x"),
    ] {
        assert_eq!(run(text).unwrap().value, result, "{text}");
    }
}

#[test]
fn errors_name_the_reference_the_place_and_the_way_out() {
    for (text, reason, hint) in [
        (
            "${env:NOPE}",
            "environment variable `NOPE` is not set",
            "set `NOPE` in the environment or in the .env file",
        ),
        ("${org}", "the configuration has no `org`", "add `org:` at the top of the configuration"),
        (
            "${param:colour}",
            "parameter `colour` is not given",
            "give it with --param colour=VALUE, or set SCFCTL_PARAM_colour in the environment or in the .env file",
        ),
        (
            "${output:${stage}:${app}:vpc.id}",
            "the project has no instance `vpc`",
            "name one within it",
        ),
        (
            "${output:vpc.id}",
            "it is not of the form stage:app:instance.key",
            "write for example `${output:${stage}:${app}:api.functionName}`",
        ),
        (
            "${opt:stage}",
            "`opt` references are not supported",
            "write `${stage}`, or `\\${opt:stage}` for the text itself",
        ),
        (
            "${file:x.yml}",
            "`file` references are not supported",
            "write the value itself, or `${env:NAME}` and set the variable, or `\\${file:x.yml}` for the text itself",
        ),
    ] {
        let error = &run(text).unwrap_err().0[0];
        assert_eq!(error.reason.to_string(), reason);
        assert_eq!(error.hint().unwrap().to_string(), hint);
        assert_eq!(error.path, "inputs.x");
    }
}

#[test]
fn a_cycle_is_an_error_that_names_it() {
    let error = &run("${env:LOOP}").unwrap_err().0[0];
    assert_eq!(error.to_string(), "cannot resolve `${env:LOOP}` at `inputs.x`");
    assert_eq!(error.reason.to_string(), "`LOOP` refers to itself");
}

#[test]
fn what_is_no_reference_stays_and_is_warned_about_without_secrets() {
    for text in
        ["${HOME}", "${}", "${a:-b}", "${user.name}", "${a b}", "${1:2}", "${x", "\\${HOME}"]
    {
        let resolved = run(text).unwrap();
        assert_eq!(resolved.value, text);
        assert_eq!(resolved.warnings[0].text.as_deref(), Some(text.trim_start_matches('\\')));
    }
    assert_eq!(run("${env:SECRET}").unwrap().warnings[0].text, None);
}

#[test]
fn what_only_looks_like_a_reference_is_refused_and_can_be_written_literally() {
    for (text, instead) in [
        ("${env: A}", Some("${env:A}")),
        ("${env.A}", Some("${env:A}")),
        ("${process.env.A}", Some("${env:A}")),
        ("${ENV:A}", Some("${env:A}")),
        ("${env:A-B}", Some("${env:A_B}")),
        ("${env :A}", Some("${env:A}")),
        ("${param.team}", Some("${param:team}")),
        ("${aws:region}", None),
        ("${ssm:/path/to}", None),
        ("${cf(ap-1):stack.key}", None),
        ("${cf.ap-1:stack.key}", None),
        ("${file(./x.yml):k}", None),
        ("${strToBool('x')}", None),
        ("${self:provider.stage}", Some("${stage}")),
        ("${self:custom.x, 'y'}", None),
        ("${opt:stage, 'dev'}", Some("${stage}")),
        ("${sls:stage}", Some("${stage}")),
    ] {
        let VariableErrors(errors) = run(text).unwrap_err();
        let [error] = &errors[..] else { panic!("{errors:?}") };
        let literal = format!("`\\{text}` for the text itself");
        let hint = match instead {
            Some(instead) => format!("write `{instead}`, or {literal}"),
            None => format!(
                "write the value itself, or `${{env:NAME}}` and set the variable, or {literal}"
            ),
        };
        assert_eq!((&*error.reference, error.hint().unwrap().to_string()), (text, hint));
        // And so it is sent.
        let written = run(&format!("a \\{text} b")).unwrap();
        assert_eq!((written.value, written.warnings), (format!("a {text} b"), vec![]));
    }
    let VariableErrors(errors) = run("${env:A and more").unwrap_err();
    assert_eq!(errors[0].reference, "${env:A and more");
    // A reference keeps its backslash, as the real tool has it, and it is said.
    let resolved = run("\\${env:A}").unwrap();
    assert_eq!(resolved.value, "\\1");
    assert!(resolved.warnings[0].escaped, "{:?}", resolved.warnings);
}

#[test]
fn a_default_stands_in_for_what_is_not_there() {
    for (text, value) in [
        ("${env:NOPE, 'live'}", "live"),
        ("${env:NOPE,\"live\"}", "live"),
        ("${env:A, 'live'}", "1"),
        ("<${env:NOPE, ''}>", "<>"),
        ("${env:NOPE, 12}", "12"),
        ("${env:NOPE, -0.50}", "-0.50"),
        ("${env:NOPE, true}", "true"),
        ("${env:NOPE, env:A}", "1"),
        ("${env:NOPE, env:NADA, 'z'}", "z"),
        ("${env:NOPE, ${env:A}}", "1"),
        ("${env:NOPE, ${env:NADA, 'c, d'}}", "c, d"),
        ("${env:NOPE, ${env:NADA}, 'z'}", "z"),
        ("${env:NOPE, 'a-${stage}'}", "a-prod"),
        ("${env:NOPE_${stage}, stage}", "prod"),
        ("${param:colour, 'red'}", "red"),
        ("${param:team, 'blue'}", "red-1"),
        ("${org, 'none'}", "none"),
        ("${stage, 'none'}", "prod"),
        ("${output:${env:NOPE, 'dev'}:shop:b.functionName}", "b-fn-${env:A}"),
    ] {
        let resolved = run(text).unwrap();
        assert_eq!((resolved.value.as_str(), resolved.warnings), (value, vec![]), "{text}");
    }
    for (text, reason) in [
        ("${env:NOPE, live}", ReferenceFault::Default),
        ("${env:NOPE,}", ReferenceFault::Default),
        ("${env:NOPE, 'a'b'}", ReferenceFault::Default),
        ("${env:NOPE, env:NADA}", ReferenceFault::NotSet { name: "NADA".to_owned() }),
        ("${env:NOPE, ${env:NADA}}", ReferenceFault::NotSet { name: "NADA".to_owned() }),
    ] {
        assert_eq!(run(text).unwrap_err().0[0].reason, reason, "{text}");
    }
    // What is there and cannot be used is no reason for the default.
    let unusable = |name: &str| {
        (name == "A").then(|| ReferenceFault::Unclosed { name: name.to_owned(), line: 3 })
    };
    let scope = Scope { environment: &environment, unusable: Some(&unusable), platform: None };
    for text in ["${env:A}", "${env:A, 'x'}"] {
        let VariableErrors(errors) = resolve_text(text, "x", scope).unwrap_err();
        assert_eq!(errors[0].reason, ReferenceFault::Unclosed { name: "A".to_owned(), line: 3 });
    }
    assert!(run("${env:LOOP, 'x'}").is_err());
}

#[test]
fn several_missing_values_are_one_piece_of_advice() {
    let VariableErrors(errors) =
        run("${env:B_B}${env:A_A}${env:A_A}${param:p}${param:q}${opt:stage}").unwrap_err();
    assert_eq!(errors.len(), 6);
    assert_eq!(
        hint_for(errors.iter()).unwrap().to_string(),
        "set `A_A`, `B_B` in the environment or in the .env file\n\
         give the parameters: --param p=VALUE, --param q=VALUE\n\
         write `${stage}`, or `\\${opt:stage}` for the text itself"
    );
}

#[test]
fn a_reference_made_of_an_environment_value_is_shown_as_it_is_written() {
    let error = &run("${env:${env:STAGED}}").unwrap_err().0[0];
    assert_eq!(error.reference, "${env:${env:STAGED}}");
    assert_eq!(error.reason, ReferenceFault::Unknown { instead: None });
    let error = &run("${env:N${env:A}}").unwrap_err().0[0];
    assert_eq!(error.reference, "${env:N${env:A}}");
    assert_eq!(error.reason.to_string(), "environment variable `N${env:A}` is not set");
    // Without one the name itself says more.
    let error = &run("${env:N_${stage}}").unwrap_err().0[0];
    assert_eq!(error.reason.to_string(), "environment variable `N_prod` is not set");
}

#[test]
fn growth_and_nesting_are_bounded() {
    let doubling = |name: &str| {
        let level: usize = name.strip_prefix('v')?.parse().ok()?;
        Some(format!("${{env:v{0}}}${{env:v{0}}}", level + 1))
            .filter(|_| level < 25)
            .or_else(|| Some("x".repeat(1000)))
    };
    let scope = Scope { environment: &doubling, unusable: None, platform: None };
    let error = &resolve_text("${env:v0}", "a", scope).unwrap_err().0[0];
    assert_eq!(error.reason, ReferenceFault::TooLong);
    let empty = |name: &str| {
        let level: usize = name.strip_prefix('v')?.parse().ok()?;
        Some(if level < 25 {
            format!("${{env:v{0}}}${{env:v{0}}}", level + 1)
        } else {
            String::new()
        })
    };
    let scope = Scope { environment: &empty, unusable: None, platform: None };
    let error = &resolve_text("${env:v0}", "a", scope).unwrap_err().0[0];
    assert_eq!(error.reason, ReferenceFault::TooMany);
    let nested = format!("{}a{}", "${".repeat(100_000), "}".repeat(100_000));
    assert_eq!(run(&nested).unwrap_err().0[0].reason, ReferenceFault::TooDeep);
}

#[test]
fn paths_name_list_items() {
    let scope = Scope { environment: &environment, unusable: None, platform: None };
    let wrong = json!({"l": [1, {"m": "${env:N}"}], "p": "${param:q}", "x": "${env:A}${aws:r}"});
    let VariableErrors(errors) = resolve(wrong, "inputs", scope).unwrap_err();
    let paths: Vec<&str> = errors.iter().map(|error| error.path.as_str()).collect();
    assert_eq!(paths, ["inputs.l[1].m", "inputs.x"]);
}

proptest! {
    #[test]
    fn any_text_is_resolved_without_panic(text in "(\\$\\{|\\}|env:|A|LOOP|stage|:|测|.){0,20}") {
        let _ = run(&text);
    }

    #[test]
    fn text_without_references_stays(text in "[^$]{0,30}") {
        prop_assert_eq!(run(&text).unwrap(), Resolved { value: text, warnings: vec![], emptied: vec![] });
    }
}

#[test]
fn a_default_in_another_form_gets_the_form_of_this_program() {
    let none = |_: &str| None;
    let scope = Scope { environment: &none, unusable: None, platform: None };
    for (text, instead) in [
        ("${NAME:-x}", Some("${env:NAME, 'x'}")),
        ("${NAME:=x y}", Some("${env:NAME, 'x y'}")),
        ("${NAME:-}", Some("${env:NAME, ''}")),
        ("${NAME:-${OTHER}}", None),
        ("${env:NO:-x}", Some("${env:NO, 'x'}")),
        ("${env:NO:x}", Some("${env:NO, 'x'}")),
        ("${env:NO | default}", Some("${env:NO, ''}")),
        ("${env:NO || 'x'}", Some("${env:NO, 'x'}")),
        ("${env:NO ?? \"x\"}", Some("${env:NO, \"x\"}")),
        ("${env:NO | default('x')}", Some("${env:NO, 'x'}")),
        ("${env:NO:-it's}", Some("${env:NO, \"it's\"}")),
        ("${inputs.name}", None),
        ("${this.stage}", Some("${stage}")),
        ("${this.x}", None),
    ] {
        let VariableErrors(errors) = resolve_text(text, "a", scope).unwrap_err();
        let ReferenceFault::Unknown { instead: given } = &errors[0].reason else {
            panic!("{text}: {errors:?}")
        };
        assert_eq!(given.as_deref(), instead, "{text}");
        assert_eq!(resolve_text(&format!("\\{text}"), "a", scope).unwrap().value, text);
        // What is suggested has the form of a reference.
        if let Some(instead) = instead.filter(|instead| instead.contains(',')) {
            assert!(resolve_text(instead, "a", scope).is_ok(), "{instead}");
        }
    }
}
