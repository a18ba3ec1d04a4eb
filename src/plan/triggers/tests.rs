use serde_json::{Value, json};

use super::steps::PER_TYPE;
use super::*;
use crate::model::Version;
use crate::model::trigger::{
    BalancerRule, Ckafka, CosRule, Form, FunctionUrl, Trigger, WantedTriggers,
};
use crate::plan::{Note, Step, TriggerStep};

const CRON: &str = "*/5 * * * * * *";
const BUCKET: &str = "b-1.cos.ap-x.myqcloud.com";

fn trigger(name: &str, qualifier: &str, form: Form) -> Trigger {
    let (name, qualifier) = (name.to_owned(), qualifier.to_owned());
    Trigger { name, qualifier, form, enabled: Some(true), description: None }
}

fn timer(name: &str, qualifier: &str) -> Trigger {
    trigger(name, qualifier, Form::Timer { cron: CRON.into(), argument: String::new() })
}

fn cos_rule(prefix: &str) -> CosRule {
    CosRule { event: "cos:ObjectCreated:*".into(), prefix: prefix.into(), suffix: String::new() }
}

fn cos(prefix: &str, qualifier: &str) -> Trigger {
    trigger(BUCKET, qualifier, Form::Cos(cos_rule(prefix)))
}

fn ckafka(name: &str, qualifier: &str, offset: Value) -> Trigger {
    let form = Ckafka { max_messages: 100, offset, retry: 10_000, time_out: 60, group: None };
    trigger(name, qualifier, Form::Ckafka(form))
}

fn url(name: &str, qualifier: &str, extranet: bool) -> Trigger {
    let form = FunctionUrl { auth: "NONE".into(), intranet: false, extranet, cors: None };
    trigger(name, qualifier, Form::Http(form))
}

fn cls(topic: &str, qualifier: &str, max_wait: i64) -> Trigger {
    trigger(topic, qualifier, Form::Cls { topic: topic.into(), max_wait, max_size: None })
}

fn mps(event: &str, qualifier: &str) -> Trigger {
    trigger(event, qualifier, Form::Mps { event: event.into() })
}

fn balancer_rule(path: &str) -> BalancerRule {
    BalancerRule {
        balancer: "lb-1".into(),
        protocol: "HTTP".into(),
        port: 80,
        domain: "example.com".into(),
        url: path.into(),
    }
}

fn clb(path: &str, qualifier: &str, weight: i64) -> Trigger {
    let rule = balancer_rule(path);
    trigger(&rule.to_string(), qualifier, Form::Clb { rule, weight })
}

/// Returns the trigger as the service lists it after its creation.
fn listed(trigger: &Trigger) -> ObservedTrigger {
    let (text, form) = match &trigger.form {
        Form::Timer { cron, .. } => {
            let form = json!({"cron": cron});
            (form.to_string(), form)
        }
        Form::Cls { topic, max_wait, .. } => {
            let form = json!({"topic_id": topic, "max_wait": max_wait});
            (form.to_string(), form)
        }
        other => {
            let text = other.description();
            let form = serde_json::from_str(&text).unwrap_or_default();
            (text, form)
        }
    };
    let resource = match &trigger.form {
        Form::Cls { topic, .. } => topic.clone(),
        Form::Mps { event } => format!("{event}Event"),
        Form::Clb { rule, .. } => format!("{}/lbl-1/loc{}", rule.balancer, rule.url),
        _ => "1".to_owned(),
    };
    let unnamed = matches!(trigger.kind(), TriggerKind::Cls | TriggerKind::Mps | TriggerKind::Clb);
    ObservedTrigger {
        kind: trigger.kind().name().into(),
        name: if unnamed { String::new() } else { trigger.name.clone() },
        qualifier: trigger.qualifier.clone(),
        text,
        form,
        argument: match &trigger.form {
            Form::Timer { argument, .. } => argument.clone(),
            _ => String::new(),
        },
        description: trigger.description.clone().unwrap_or_default(),
        enabled: trigger.enabled == Some(true),
        resource_id: format!("qcs::x/{resource}"),
        resource,
        rule: trigger.rule().cloned(),
        weight: match &trigger.form {
            Form::Clb { weight, .. } => Some(*weight),
            _ => None,
        },
    }
}

fn there(triggers: &[Trigger]) -> Vec<ObservedTrigger> {
    triggers.iter().map(listed).collect()
}

fn timers(names: &[(&str, &str)]) -> Vec<ObservedTrigger> {
    names.iter().map(|(name, qualifier)| listed(&timer(name, qualifier))).collect()
}

/// A trigger of a type that this program does not deploy.
fn other(kind: &str, name: &str, qualifier: &str) -> ObservedTrigger {
    ObservedTrigger { kind: kind.into(), ..listed(&timer(name, qualifier)) }
}

fn truth(list: &[Trigger]) -> WantedTriggers {
    WantedTriggers {
        list: list.to_vec(),
        named: list.iter().map(|trigger| trigger.qualifier.clone()).collect(),
        ..WantedTriggers::default()
    }
}

fn with(triggers: Vec<ObservedTrigger>, wanted: &WantedTriggers) -> ObservedTriggers {
    let rules = wanted.list.iter().filter_map(Trigger::rule);
    let rules = rules
        .map(|rule| ObservedRule {
            rule: rule.clone(),
            listener: Some("lbl-1".into()),
            location: Some("loc".into()),
        })
        .collect();
    ObservedTriggers { triggers, aliases: Vec::new(), rules }
}

fn decide(observed: &[ObservedTrigger], wanted: &WantedTriggers) -> (Vec<Step>, Vec<Note>) {
    plan(&with(observed.to_vec(), wanted), wanted)
}

fn effects(observed: &[ObservedTrigger], wanted: &[Trigger]) -> Vec<String> {
    decide(observed, &truth(wanted)).0.iter().map(Step::to_string).collect()
}

#[test]
fn what_happens_to_which_timer() {
    type Case<'a> = (&'a str, Vec<ObservedTrigger>, Vec<Trigger>, Vec<String>);

    let create = |name, on| format!("create timer `{name}` on `{on}` ({CRON})");
    let unlisted = |name, on| format!("delete timer `{name}` on `{on}`: the file does not list it");
    let moved =
        |name, on, to| format!("delete timer `{name}` on `{on}`: the file has it on `{to}`");
    let table: Vec<Case<'_>> = vec![
        ("nothing at all", vec![], vec![], vec![]),
        ("new", vec![], vec![timer("a", "$DEFAULT")], vec![create("a", "$DEFAULT")]),
        ("unchanged", timers(&[("a", "prod")]), vec![timer("a", "prod")], vec![]),
        (
            "moved: first created, then deleted",
            timers(&[("a", "$DEFAULT")]),
            vec![timer("a", "prod")],
            vec![create("a", "prod"), moved("a", "$DEFAULT", "prod")],
        ),
        (
            "what an interrupted move left behind",
            timers(&[("a", "$DEFAULT"), ("a", "prod")]),
            vec![timer("a", "prod")],
            vec![moved("a", "$DEFAULT", "prod")],
        ),
        (
            "the same name on two qualifiers of the file",
            timers(&[("a", "one")]),
            vec![timer("a", "one"), timer("a", "two")],
            vec![create("a", "two")],
        ),
        (
            "exchanged places",
            timers(&[("a", "one"), ("b", "two")]),
            vec![timer("a", "two"), timer("b", "one")],
            vec![
                create("a", "two"),
                moved("a", "one", "two"),
                create("b", "one"),
                moved("b", "two", "one"),
            ],
        ),
        (
            "the file is the truth for the qualifiers that it names",
            timers(&[("old", "prod"), ("other", "$DEFAULT"), ("x", "beta")]),
            vec![timer("a", "prod")],
            vec![create("a", "prod"), unlisted("old", "prod")],
        ),
        (
            "an empty list is the truth for $DEFAULT",
            timers(&[("old", "$DEFAULT"), ("x", "beta")]),
            vec![],
            vec![unlisted("old", "$DEFAULT")],
        ),
        (
            "other types that the file lacks go too",
            vec![
                listed(&cos("", "prod")),
                listed(&url("u", "prod", true)),
                other("cmq", "queue", "prod"),
                listed(&url("u", "beta", true)),
            ],
            vec![timer("a", "prod")],
            vec![
                create("a", "prod"),
                format!("delete cos trigger `{BUCKET}` on `prod`: the file does not list it"),
                "delete function URL `u` on `prod`: the file does not list it".to_owned(),
                "delete cmq trigger `queue` on `prod`: the file does not list it".to_owned(),
            ],
        ),
    ];
    for (name, observed, wanted, expected) in table {
        assert_eq!(effects(&observed, &wanted), expected, "{name}");
    }
}

#[test]
fn every_type_is_made_kept_moved_and_deleted() {
    type Make = fn(&str) -> Trigger;
    let make: [(Make, bool); 7] = [
        (|on| timer("a", on), false),
        (|on| cos("a/", on), true),
        (|on| ckafka("ckafka-1-t", on, json!("latest")), false),
        (|on| url("url-trigger", on, true), false),
        (|on| cls("topic", on, 60), true),
        (|on| mps("EditMediaTask", on), true),
        (|on| clb("/", on, 10), false),
    ];
    for (make, alone) in make {
        let (one, two) = (make("one"), make("two"));
        let kind = one.kind();
        let actions = |observed: &[Trigger], wanted: &[Trigger]| -> Vec<&str> {
            let steps = decide(&there(observed), &truth(wanted)).0;
            steps.iter().map(Step::action).collect()
        };
        let new = match kind {
            TriggerKind::Cls => "CreateDeliverCloudFunction",
            TriggerKind::Mps => "BindTrigger",
            TriggerKind::Clb => "RegisterFunctionTargets",
            _ => "CreateTrigger",
        };
        let gone =
            if kind == TriggerKind::Clb { "DeregisterFunctionTargets" } else { "DeleteTrigger" };
        let one = std::slice::from_ref(&one);
        assert_eq!(actions(&[], one), [new], "{kind}");
        assert_eq!(actions(one, one), [] as [&str; 0], "{kind}");
        assert_eq!(actions(one, &[timer("z", "one")]).last(), Some(&gone), "{kind}");
        // Where both cannot exist together, the old one is deleted first.
        let order = if alone { [gone, new] } else { [new, gone] };
        assert_eq!(actions(one, &[two]), order, "{kind}");
    }
}

/// The existing trigger, the one in the file, and the expected steps.
type Change = ((Trigger, Trigger), &'static [&'static str]);

fn changed(trigger: Trigger, change: &dyn Fn(&mut Trigger)) -> (Trigger, Trigger) {
    let mut new = trigger.clone();
    change(&mut new);
    (trigger, new)
}

fn closed(trigger: &mut Trigger) {
    trigger.enabled = Some(false);
}

fn described(trigger: &mut Trigger) {
    trigger.description = Some("x".into());
}

fn reformed(trigger: Trigger, new: Form) -> (Trigger, Trigger) {
    (trigger.clone(), Trigger { form: new, ..trigger })
}

fn changes_of_timers_and_buckets() -> Vec<Change> {
    let silent = |trigger: &mut Trigger| trigger.enabled = None;
    vec![
        (changed(timer("a", "prod"), &silent), &[]),
        (
            // The number of blanks does not matter.
            reformed(
                timer("a", "prod"),
                Form::Timer { cron: " */5 *  * * * * * ".into(), argument: String::new() },
            ),
            &[],
        ),
        (
            reformed(
                timer("a", "prod"),
                Form::Timer { cron: "0 */5 * * * * *".into(), argument: "y".into() },
            ),
            &["change timer `a` on `prod`: cron to 0 */5 * * * * *, argument"],
        ),
        (changed(timer("a", "prod"), &closed), &["change timer `a` on `prod`: state to closed"]),
        (changed(timer("a", "prod"), &described), &["change timer `a` on `prod`: description"]),
        (
            changed(cos("", "prod"), &closed),
            &["change cos trigger `b-1.cos.ap-x.myqcloud.com` on `prod`: state to closed"],
        ),
        (
            changed(cos("", "prod"), &described),
            &[
                "delete cos trigger `b-1.cos.ap-x.myqcloud.com` on `prod`: it is made anew, because description cannot be changed",
                "create cos trigger `b-1.cos.ap-x.myqcloud.com` on `prod` (cos:ObjectCreated:*)",
            ],
        ),
        // Another rule is another trigger. Where they overlap, the old one is deleted first.
        (
            (cos("a/", "prod"), cos("a/b/", "prod")),
            &[
                "delete cos trigger `b-1.cos.ap-x.myqcloud.com` on `prod`: it makes room for the one on `prod`",
                "create cos trigger `b-1.cos.ap-x.myqcloud.com` on `prod` (cos:ObjectCreated:*, prefix `a/b/`)",
            ],
        ),
        (
            (cos("a/", "prod"), cos("b/", "prod")),
            &[
                "create cos trigger `b-1.cos.ap-x.myqcloud.com` on `prod` (cos:ObjectCreated:*, prefix `b/`)",
                "delete cos trigger `b-1.cos.ap-x.myqcloud.com` on `prod`: the file does not list it",
            ],
        ),
    ]
}

fn changes_of_other_types() -> Vec<Change> {
    let kafka = || ckafka("ckafka-1-t", "prod", json!("latest"));
    let cors = |origins: &[&str]| {
        let cors = json!({"Enable": true, "Origins": origins}).as_object().cloned();
        Form::Http(FunctionUrl { auth: "NONE".into(), intranet: false, extranet: true, cors })
    };
    vec![
        (
            reformed(
                kafka(),
                Form::Ckafka(Ckafka {
                    max_messages: 9,
                    offset: json!("latest"),
                    retry: 10_000,
                    time_out: 30,
                    group: None,
                }),
            ),
            &["change ckafka trigger `ckafka-1-t` on `prod`: maxMsgNum to 9, timeOut to 30"],
        ),
        (
            (kafka(), ckafka("ckafka-1-t", "prod", json!("earliest"))),
            &[
                "delete ckafka trigger `ckafka-1-t` on `prod`: it is made anew, because offset cannot be changed",
                "create ckafka trigger `ckafka-1-t` on `prod` (from earliest, 100 messages at once)",
            ],
        ),
        ((ckafka("ckafka-1-t", "prod", json!("7")), ckafka("ckafka-1-t", "prod", json!(7))), &[]),
        (
            (url("u", "prod", false), url("another-name", "prod", true)),
            &["change function URL `u` on `prod`: public network to open"],
        ),
        (
            reformed(url("u", "prod", true), cors(&["a", "b"])),
            &["change function URL `u` on `prod`: CORS to open"],
        ),
        ((trigger("u", "prod", cors(&["a", "b"])), trigger("u", "prod", cors(&["b", "a"]))), &[]),
        (
            (trigger("u", "prod", cors(&["a"])), trigger("u", "prod", cors(&["b"]))),
            &["change function URL `u` on `prod`: CORS"],
        ),
        (
            (trigger("u", "prod", cors(&["a"])), url("u", "prod", true)),
            &["change function URL `u` on `prod`: CORS to closed"],
        ),
        (
            (cls("t", "prod", 60), cls("t", "prod", 5)),
            &[
                "delete cls trigger `t` on `prod`: it is made anew, because maxWait cannot be changed",
                "create cls trigger `t` on `prod` (within 5 s)",
            ],
        ),
        (
            changed(mps("EditMediaTask", "prod"), &closed),
            &["change mps trigger `EditMediaTaskEvent` on `prod`: state to closed"],
        ),
        (
            (clb("/", "prod", 10), clb("/", "prod", 90)),
            &["change clb trigger `lb-1 HTTP:80 example.com/` on `prod`: weight to 90"],
        ),
    ]
}

#[test]
fn what_differs_is_changed_in_place_or_made_anew() {
    let table = changes_of_timers_and_buckets().into_iter().chain(changes_of_other_types());
    for ((old, new), expected) in table {
        assert_eq!(effects(&there(&[old]), std::slice::from_ref(&new)), expected, "{new:?}");
    }
}

#[test]
fn what_a_service_adds_is_no_difference() {
    let mut observed = there(&[url("u", "prod", true), cos("a/", "prod")]);
    observed[0].form["NetConfig"]["ExtranetUrl"] = json!("https://x");
    observed[0].form["CorsConfig"] = json!({"Enable": false, "MaxAge": 0});
    observed[1].form["bucketUrl"] = json!(BUCKET);
    assert_eq!(effects(&observed, &[url("u", "prod", true), cos("a/", "prod")]), [] as [&str; 0]);
    // Fields that the service does not report are not compared.
    let mut kafka = listed(&ckafka("ckafka-1-t", "prod", json!("latest")));
    kafka.form = json!({"maxmsgnum": "100"});
    assert_eq!(effects(&[kafka], &[ckafka("ckafka-1-t", "prod", json!("x"))]), [] as [&str; 0]);
    let mut logs = listed(&cls("t", "prod", 60));
    logs.form = Value::Null;
    assert_eq!(effects(&[logs], &[cls("t", "prod", 5)]), [] as [&str; 0]);
}

#[test]
fn a_description_to_send_is_one_line_without_blanks() {
    let mut open = url("u", "prod", true);
    let Form::Http(form) = &mut open.form else { unreachable!() };
    form.cors = json!({"Enable": true, "Origins": ["*"]}).as_object().cloned();
    for (trigger, text) in [
        (timer("a", "prod"), CRON),
        (
            cos("a/", "prod"),
            r#"{"event":"cos:ObjectCreated:*","filter":{"Prefix":"a/","Suffix":""}}"#,
        ),
        (
            ckafka("ckafka-1-t", "prod", json!("latest")),
            r#"{"maxMsgNum":100,"offset":"latest","retry":10000,"timeOut":60}"#,
        ),
        (
            open,
            r#"{"AuthType":"NONE","NetConfig":{"EnableIntranet":false,"EnableExtranet":true},"CorsConfig":{"Enable":true,"Origins":["*"]}}"#,
        ),
    ] {
        assert_eq!(trigger.form.description(), text);
    }
}

#[test]
fn a_new_trigger_is_closed_unless_the_file_says_otherwise_and_a_move_keeps_the_state() {
    let silent = |trigger: Trigger| Trigger { enabled: None, ..trigger };
    let wanted = truth(&[silent(timer("a", "prod"))]);
    let (steps, notes) = decide(&[], &wanted);
    assert!(steps[0].to_string().ends_with(", closed)"), "{steps:?}");
    assert_eq!(notes, [Note::CreatedClosed(timer("a", "prod").title())]);
    let (steps, notes) = decide(&timers(&[("a", "$DEFAULT")]), &wanted);
    assert!(!steps[0].to_string().contains("closed"), "{steps:?}");
    assert_eq!(notes, []);
    // Types without a switch are enabled.
    for open in [url("u", "prod", true), cls("t", "prod", 60), mps("EditMediaTask", "prod")] {
        let (steps, notes) = decide(&[], &truth(&[silent(open)]));
        assert!(!steps[0].to_string().contains("closed"), "{steps:?}");
        assert_eq!(notes, []);
    }
    // Not bound means disabled.
    let unbound = Trigger { enabled: Some(false), ..mps("EditMediaTask", "prod") };
    assert_eq!(effects(&[], &[unbound]), [] as [&str; 0]);
}

#[test]
fn a_moved_address_is_told() {
    let (_, notes) =
        decide(&there(&[url("u", "$DEFAULT", true)]), &truth(&[url("u", "prod", true)]));
    assert_eq!(notes, [Note::AddressChanges(url("u", "prod", true).title())]);
}

#[test]
fn at_the_limit_the_old_ones_go_first() {
    let names: Vec<String> = (0..10).map(|number| format!("t{number}")).collect();
    let full: Vec<_> = names.iter().map(|name| listed(&timer(name, "$DEFAULT"))).collect();
    let moved: Vec<_> = names.iter().map(|name| timer(name, "prod")).collect();
    assert_eq!(
        effects(&full, &moved[..1]),
        [
            "delete timer `t0` on `$DEFAULT`: it makes room for the one on `prod`".to_owned(),
            format!("create timer `t0` on `prod` ({CRON})"),
        ]
    );
    // Renamed on the same qualifier.
    let mut renamed: Vec<_> = names.iter().map(|name| timer(name, "$DEFAULT")).collect();
    renamed[0].name = "new".into();
    assert_eq!(
        effects(&full, &renamed),
        [
            "delete timer `t0` on `$DEFAULT`: the file does not list it".to_owned(),
            format!("create timer `new` on `$DEFAULT` ({CRON})"),
        ]
    );
    // One more than every account allows: this account may allow more.
    assert_eq!(effects(&full, &[timer("more", "prod")]).len(), 1);
    // The limit is per type.
    assert_eq!(effects(&full, &[cls("t", "prod", 60)]).len(), 1);
}

#[test]
fn what_stays_is_told_once() {
    let observed = [
        listed(&timer("x", "beta")),
        listed(&cos("", "$LATEST")),
        other("eb", "c", "prod"),
        other("apigw", "gate", "prod"),
    ];
    let mut wanted = truth(&[timer("a", "prod")]);
    wanted.skipped.insert("apigw".into());
    let (steps, notes) = decide(&observed, &wanted);
    assert_eq!(steps.len(), 1);
    let stays = Note::TriggersStay(vec![other("eb", "c", "prod").place()]);
    assert_eq!(
        notes,
        [Note::TriggersLeftAlone(vec![observed[0].place(), observed[1].place()]), stays.clone(),]
    );
    // With pruning, they are deleted from every qualifier.
    wanted.prune = true;
    let (steps, notes) = decide(&observed, &wanted);
    let actions: Vec<_> = steps.iter().map(Step::action).collect();
    assert_eq!(actions, ["CreateTrigger", "DeleteTrigger", "DeleteTrigger"]);
    assert_eq!(notes, [stays]);
}

#[test]
fn a_trigger_names_something_that_is_there() {
    let versions = [PublishedVersion {
        version: Version::Number(3),
        description: String::new(),
        status: None,
        added: None,
        modified: None,
    }];
    let observed = ObservedTriggers { aliases: vec!["prod".into()], ..ObservedTriggers::default() };
    for (qualifier, exists, right) in [
        ("$DEFAULT", false, true),
        ("$LATEST", false, true),
        ("prod", false, false),
        ("3", false, false),
        ("$DEFAULT", true, true),
        ("$LATEST", true, true),
        ("prod", true, true),
        ("prd", true, false),
        ("3", true, true),
        ("4", true, false),
        ("new", false, true),
        ("new", true, true),
    ] {
        for trigger in [timer("a", qualifier), cls("t", qualifier, 60)] {
            let result = check(&[trigger], exists, &versions, &observed, &|name| name == "new");
            assert_eq!(result.is_ok(), right, "{qualifier} {exists}: {result:?}");
        }
    }
    let wanted = [clb("/", "$DEFAULT", 10)];
    let mut observed = with(Vec::new(), &truth(&wanted));
    assert_eq!(check(&wanted, false, &[], &observed, &|_| false), Ok(()));
    observed.rules[0].listener = None;
    let error = check(&wanted, false, &[], &observed, &|_| false).unwrap_err();
    assert_eq!(error, TriggerError::NoListener { rule: balancer_rule("/") });
}

/// Stands in for the service: applies a step as the reference says, and refuses what it refuses.
fn carry_out(
    step: &TriggerStep,
    there: &mut Vec<ObservedTrigger>,
    limit: usize,
) -> Result<(), String> {
    match step {
        TriggerStep::Create { trigger, .. } => {
            if there.iter().any(|known| trigger.stands(known) || trigger.excludes(known)) {
                return Err(format!("{step} cannot stand beside the others"));
            }
            let kind = trigger.kind().name();
            if there.iter().filter(|known| known.kind == kind).count() >= limit {
                return Err(format!("{step}: too many"));
            }
            there.push(listed(trigger));
        }
        TriggerStep::Update { trigger, observed, changes } => {
            let position = there.iter().position(|known| known.is_one_with(observed));
            let known = &mut there[position.ok_or("not there to be updated")?];
            let new = listed(trigger);
            if changes.form.is_some() {
                (known.form, known.text) = (new.form, new.text);
            }
            known.argument = changes.argument.clone().unwrap_or(known.argument.clone());
            known.description = changes.description.clone().unwrap_or(known.description.clone());
            known.enabled = changes.enabled.unwrap_or(known.enabled);
            known.weight = changes.weight.or(known.weight);
        }
        TriggerStep::Delete { trigger, .. } => {
            let position = there.iter().position(|known| known.is_one_with(trigger));
            there.remove(position.ok_or("not there to be deleted")?);
        }
    }
    Ok(())
}

mod property {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn any_trigger() -> impl Strategy<Value = Trigger> {
        let on = || select(&["$DEFAULT", "prod", "beta"][..]);
        let name = || select(&["a", "b", "c", "d", "e", "f", "g"][..]);
        let enabled = select(&[None, Some(true), Some(false)][..]);
        let form = prop_oneof![
            (name(), on(), select(&[CRON, "0 0 0 * * * *"][..])).prop_map(|(name, on, cron)| {
                trigger(name, on, Form::Timer { cron: cron.into(), argument: String::new() })
            }),
            (select(&["", "a/", "a/b/", "b/"][..]), on()).prop_map(|(prefix, on)| cos(prefix, on)),
            (select(&["ckafka-1-t", "ckafka-1-u"][..]), on(), select(&["latest", "earliest"][..]))
                .prop_map(|(name, on, offset)| ckafka(name, on, json!(offset))),
            (name(), on(), any::<bool>()).prop_map(|(name, on, open)| url(name, on, open)),
            (name(), on(), select(&[5, 60][..])).prop_map(|(name, on, wait)| cls(name, on, wait)),
            (select(&["WorkflowTask", "EditMediaTask"][..]), on())
                .prop_map(|(event, on)| mps(event, on)),
            (select(&["/", "/a"][..]), on(), select(&[1, 10][..]))
                .prop_map(|(path, on, weight)| clb(path, on, weight)),
        ];
        (form, enabled).prop_map(|(trigger, enabled)| {
            let switchable = !matches!(trigger.kind(), TriggerKind::Cls | TriggerKind::Clb);
            Trigger { enabled: enabled.filter(|_| switchable), ..trigger }
        })
    }

    /// Keeps the triggers that can exist together on a service.
    fn possible(triggers: Vec<Trigger>) -> Vec<Trigger> {
        let mut kept: Vec<Trigger> = Vec::new();
        for trigger in triggers {
            let alike = kept.iter().filter(|known| known.kind() == trigger.kind()).count();
            let clash =
                there(&kept).iter().any(|known| trigger.excludes(known) || trigger.stands(known));
            if !clash && alike < PER_TYPE {
                kept.push(trigger);
            }
        }
        kept
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn after_the_steps_the_file_is_true_and_nothing_is_left_to_do(
            old in vec(any_trigger(), 0..40),
            new in vec(any_trigger(), 0..12),
            prune in any::<bool>(),
        ) {
            // An existing trigger is enabled or disabled, never unset.
            let old = possible(old).into_iter().map(|trigger| Trigger {
                enabled: Some(trigger.enabled != Some(false)),
                ..trigger
            });
            let before: Vec<_> = old.map(|trigger| listed(&trigger)).collect();
            let wanted = WantedTriggers { prune, ..truth(&possible(new)) };
            let (steps, _) = plan(&with(before.clone(), &wanted), &wanted);
            let mut there = before.clone();
            for step in &steps {
                let Step::Trigger(step) = step else { unreachable!() };
                carry_out(step, &mut there, usize::MAX).unwrap();
            }
            // If all of them fit at the end, the plan never exceeds the limit on the way.
            let fits = TriggerKind::ALL.iter().all(|kind| {
                there.iter().filter(|known| known.kind == kind.name()).count() <= PER_TYPE
            });
            let limit = if fits { PER_TYPE } else { usize::MAX };
            let mut there = before.clone();
            for step in &steps {
                let Step::Trigger(step) = step else { unreachable!() };
                if let Err(error) = carry_out(step, &mut there, limit) {
                    prop_assert!(false, "{error}\nbefore {before:?}\nsteps {steps:?}");
                }
            }
            for trigger in &wanted.list {
                let found = there.iter().find(|found| trigger.stands(found));
                let unbound = trigger.kind() == TriggerKind::Mps && trigger.enabled == Some(false);
                match found {
                    None => prop_assert!(unbound, "{trigger:?} is not there after {steps:?}"),
                    Some(found) => prop_assert_eq!(trigger.difference(found), TriggerDifference::None),
                }
            }
            let listed = |found: &ObservedTrigger| wanted.list.iter().any(|t| t.stands(found));
            for found in &there {
                prop_assert!(listed(found) || !wanted.owns(&found.qualifier), "{found:?} stays");
                prop_assert!(listed(found) || before.contains(found), "{found:?} is new");
            }
            // A timer of one name never fires from two qualifiers that the file does not give it.
            for trigger in &wanted.list {
                let elsewhere = there.iter().filter(|f| trigger.is_same(f) && !listed(f)).count();
                prop_assert_eq!(elsewhere, 0, "{:?} fires twice", trigger);
            }
            let again = plan(&with(there, &wanted), &wanted).0;
            prop_assert_eq!(again, []);
        }
    }
}
