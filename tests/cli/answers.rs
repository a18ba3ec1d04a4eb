//! Answers that say the same in another way, say less than they might, or come late.

use scfctl::local::{Call, Fault};
use serde_json::{Map, Value, json};

use crate::sandbox::{FUNCTION, Sandbox};

/// A fault that gives every answer of an action other fields.
fn changed(change: impl Fn(&mut Map<String, Value>) + Send + Sync + 'static) -> Fault {
    Fault::Changed(std::sync::Arc::new(change))
}

/// Numbers become texts, and empty lists null.
fn rewritten(value: &mut Value) {
    match value {
        Value::Number(number) => *value = number.to_string().into(),
        Value::Array(items) if items.is_empty() => *value = Value::Null,
        Value::Array(items) => items.iter_mut().for_each(rewritten),
        Value::Object(map) => map.values_mut().for_each(rewritten),
        _ => {}
    }
}

#[test]
fn numbers_may_be_texts_and_empty_lists_null() {
    let sandbox = Sandbox::with_project();
    sandbox.yaml("  events:\n    - timer:\n        parameters:\n          cronExpression: '0 0 12 * * * *'\n");
    sandbox.faulty(|_| changed(|reply| reply.values_mut().for_each(rewritten)));
    sandbox.type_in("deploy --inputs publish=true traffic=0.9").ok();
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.9, "1": 0.1}));
    let from = sandbox.calls().len();
    sandbox.type_in("deploy --inputs traffic=0.9").ok();
    assert_eq!(sandbox.changes_since(from), [] as [&str; 0]);
    sandbox.type_in("create-alias --inputs name=live version=1").ok();
    let ran = sandbox.run(&[
        "update-alias",
        "--name",
        "live",
        "--version",
        "1",
        "--weight",
        "$LATEST=0.333",
    ]);
    ran.ok();
    assert_eq!(sandbox.routing("live"), json!({"$LATEST": 0.333, "1": 0.667}));
    for line in ["list-alias", "list-ver", "status", "invoke", "doctor"] {
        sandbox.type_in(line).ok();
    }
}

#[test]
fn versions_are_listed_whatever_is_told_of_them() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true").ok();
    sandbox.type_in("deploy --inputs traffic=0.5").ok();
    let whole = sandbox.type_in("list-ver --output json").ok().json();
    for total in [None, Some(Value::Null), Some(json!("2"))] {
        sandbox.answers("ListVersionByFunction", move |reply| {
            reply.remove("TotalCount");
            reply.extend(total.clone().map(|total| ("TotalCount".to_owned(), total)));
        });
        assert_eq!(sandbox.type_in("list-ver --output json").ok().json(), whole);
        sandbox.type_in("deploy --inputs traffic=0.5").ok();
    }
    for change in [
        |reply: &mut Map<String, Value>| drop(reply.remove("Versions")),
        |reply: &mut Map<String, Value>| drop(reply.insert("Versions".to_owned(), Value::Null)),
    ] {
        sandbox.answers("ListVersionByFunction", change);
        let named = sandbox.type_in("list-ver --output json").ok().json();
        assert_eq!(named["versions"][0]["version"], whole["versions"][0]["version"]);
        assert_eq!(named["versions"].as_array().unwrap().len(), 2);
        sandbox.type_in("deploy --inputs traffic=0.5").ok();
    }
    sandbox.answers("ListVersionByFunction", |reply| {
        reply.remove("Versions");
        reply.remove("FunctionVersion");
    });
    sandbox.type_in("list-ver").fails(1).says("missing field `Versions`");
}

#[test]
fn figures_that_are_only_shown_decide_nothing() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    for figure in [json!("100"), json!("much"), json!(""), Value::Null, json!({})] {
        sandbox.answers("InvokeFunction", move |reply| {
            for field in ["MemUsage", "Duration", "BillDuration"] {
                reply["Result"][field] = figure.clone();
            }
            reply["Result"]["FunctionRequestId"] = Value::Null;
        });
        sandbox.type_in("invoke").ok();
    }
}

/// Pages of versions, the oldest first, of a service that says how many there are.
fn paged(listed: Vec<Value>, page: usize, total: usize) -> impl Fn(&Call) -> Fault {
    move |call| {
        if call.action != "ListVersionByFunction" {
            return Fault::None;
        }
        let offset = usize::try_from(call.params["Offset"].as_u64().unwrap()).unwrap();
        let rest = listed.get(offset..).unwrap_or_default();
        let page: Vec<Value> = rest.iter().take(page).cloned().collect();
        changed(move |reply| {
            reply.insert("Versions".to_owned(), page.clone().into());
            reply.insert("TotalCount".to_owned(), total.into());
        })
    }
}

#[test]
fn a_total_that_is_too_low_hides_no_version() {
    for (page, total) in [(4, 8), (8, 8), (8, 3), (4, 100), (13, 13)] {
        let sandbox = Sandbox::with_project();
        sandbox.type_in("deploy").ok();
        for _ in 0..12 {
            sandbox.console("PublishVersion", json!({}));
        }
        let listed = sandbox.console("ListVersionByFunction", json!({"Limit": 100}));
        let mut listed = listed["Versions"].as_array().unwrap().clone();
        listed.reverse();
        assert_eq!(listed.len(), 13);
        sandbox.faulty(paged(listed, page, total));
        let ran = sandbox.type_in("deploy --inputs traffic=0.1").ok();
        let expected = json!({"$LATEST": 0.1, "12": 0.9});
        assert_eq!(sandbox.routing("$DEFAULT"), expected, "{page} of {total}");
        if page == 13 {
            // All on one page that is not full: nothing is asked twice.
            let lists =
                ran.actions().iter().filter(|action| action.starts_with("ListVersion")).count();
            assert_eq!(lists, 1);
        }
    }
}

#[test]
fn what_was_accepted_and_is_not_shown_is_not_missing() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true").ok();
    sandbox.faulty(|call| match call.action.as_str() {
        "GetAlias" => Fault::error("ResourceNotFound.Alias", "no such alias"),
        "GetFunction" if call.params["Qualifier"] == "2" => {
            Fault::error("ResourceNotFound.FunctionVersion", "no such version")
        }
        _ => Fault::None,
    });
    let ran = sandbox.type_in("create-alias --inputs name=live version=1").fails(5);
    ran.says("the service accepted alias `live` and does not show it yet")
        .says("hint: look at the alias, then run the same command again");
    let ran = sandbox.type_in("publish-ver --output json").fails(5);
    let ran =
        ran.says("the service accepted the publication of version 2 and does not show it yet");
    assert_eq!(ran.json()["error"]["code"], "change-not-visible");
    sandbox.healthy();
    assert_eq!(sandbox.versions(), ["1", "2"]);
    // What the hint says is right.
    sandbox.type_in("create-alias --inputs name=live version=1").ok();
}

#[test]
fn an_alias_whose_description_is_not_shown_is_written_all_the_same() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true").ok();
    sandbox.answers("GetAlias", |reply| drop(reply.insert("Description".to_owned(), Value::Null)));
    let warning = "warning: the service shows no description of alias `live`";
    sandbox.type_in("create-alias --inputs name=live version=1").ok().says(warning);
    let ran =
        sandbox.run(&["update-alias", "--inputs", "name=live", "version=$LATEST", "description=x"]);
    ran.ok().says(warning);
    sandbox.healthy();
    assert_eq!(sandbox.routing("live"), json!({"$LATEST": 1.0}));
    assert_eq!(sandbox.console("GetAlias", json!({"Name": "live"}))["Description"], "x");
}

#[test]
fn each_repetition_is_told_once_or_every_time() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true").ok();
    for fault in [
        Fault::error("InternalError", "x"),
        Fault::Http { status: 200, body: String::new() },
        Fault::NotJson,
        Fault::Http { status: 302, body: String::new() },
    ] {
        sandbox.once("PublishVersion", fault);
        let said = "looking for the version before it is published again";
        sandbox.type_in("publish-ver").ok().says("PublishVersion: ").says(said);
    }
    let throttled = |line: &str| {
        let left = std::sync::atomic::AtomicUsize::new(3);
        sandbox.faulty(move |call| {
            use std::sync::atomic::Ordering::SeqCst;
            let more = |left: usize| left.checked_sub(1);
            if call.action == "UpdateAlias" && left.fetch_update(SeqCst, SeqCst, more).is_ok() {
                return Fault::error("RequestLimitExceeded", "slow down");
            }
            Fault::None
        });
        let ran = sandbox.type_in(line).ok();
        ran.stderr.matches("RequestLimitExceeded: slow down").count()
    };
    assert_eq!(throttled("deploy --inputs traffic=0.1"), 1, "{FUNCTION}");
    assert_eq!(throttled("deploy -v --inputs traffic=0.2"), 3);
}
