//! Every fenced command of the user's document, typed into a shell as `sls`.

use std::cell::RefCell;
use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use crate::sandbox::{ID, KEY, Ran, Sandbox, finished};

const DOCUMENT: &str = include_str!("../data/seed-canary-release.md");

/// A shell whose `sls` is this program, and what was typed into it.
struct Shell {
    sandbox: Sandbox,
    typed: RefCell<Vec<String>>,
}

impl Shell {
    fn new() -> Self {
        let mut sandbox = Sandbox::with_project();
        symlink(env!("CARGO_BIN_EXE_scfctl"), sandbox.home().join("sls")).unwrap();
        sandbox.unset("TENCENT_SECRET_ID").unset("TENCENT_SECRET_KEY");
        sandbox.yaml("  name: my-function\n");
        let shell = Self { sandbox, typed: RefCell::default() };
        // "1. 配置生产环境信息到 .env 文件", from the document, with this sandbox's keys.
        let dotenv = blocks().into_iter().find(|block| block.contains("STAGE=prod")).unwrap();
        let dotenv = dotenv.replacen("xxxxxxxxxx", ID, 1).replacen("xxxxxxxx", KEY, 1);
        shell.sandbox.file(".env", &dotenv);
        shell
    }

    /// Types a line of the document with its placeholders replaced.
    fn types(&self, line: &str, replaced: &[(&str, &str)]) -> Ran {
        self.typed.borrow_mut().push(line.to_owned());
        let line = replaced.iter().fold(line.to_owned(), |line, (from, to)| line.replace(from, to));
        let own = self.sandbox.command(&[]);
        let mut command = std::process::Command::new("/bin/sh");
        command.args(["-c", &line]).current_dir(self.sandbox.root()).env_clear();
        command.envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.env("PATH", format!("{}:/usr/bin:/bin", self.sandbox.home().display()));
        command.stdin(std::process::Stdio::null());
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        finished(command.spawn().unwrap())
    }

    fn routing(&self, alias: &str) -> Value {
        let read =
            self.sandbox.console("GetAlias", json!({"FunctionName": "my-function", "Name": alias}));
        json!([read["FunctionVersion"], read["RoutingConfig"]["AdditionalVersionWeights"]])
    }

    fn triggers(&self) -> Value {
        let list = self.sandbox.console("ListTriggers", json!({"FunctionName": "my-function"}));
        let trigger = |trigger: &Value| {
            json!([
                trigger["TriggerName"],
                trigger["Qualifier"],
                trigger["TriggerDesc"],
                trigger["Enable"]
            ])
        };
        list["Triggers"].as_array().unwrap().iter().map(trigger).collect()
    }
}

fn blocks() -> Vec<String> {
    DOCUMENT
        .split("```")
        .skip(1)
        .step_by(2)
        .map(|block| block.trim_start_matches("plaintext").trim_matches('\n').to_owned())
        .collect()
}

/// The document's commands. One of them is broken over two lines.
fn commands() -> Vec<String> {
    let joined = |block: String| block.replace("  \nconfig=", "  config=");
    blocks()
        .into_iter()
        .map(joined)
        .flat_map(|block| block.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>())
        .filter(|line| line.starts_with("sls "))
        .collect()
}

#[test]
fn both_chapters_work_as_typed() {
    let default = default_alias_chapter();
    let custom = custom_alias_chapter();
    let typed = [default.typed.take(), custom.typed.take()].concat();
    let commands = commands();
    assert!(commands.len() >= 15, "{commands:#?}");
    for command in commands {
        assert!(typed.contains(&command), "not typed: {command}");
    }
}

fn default_alias_chapter() -> Shell {
    let shell = Shell::new();
    // 函数发布版本, 函数流量设置
    shell.types("sls deploy --inputs publish=true", &[]).ok();
    assert_eq!(shell.routing("$DEFAULT"), json!(["$LATEST", []]));
    shell.types("sls deploy --inputs traffic=0.2", &[]).ok();
    assert_eq!(shell.routing("$DEFAULT"), json!(["$LATEST", [{"Version": "1", "Weight": 0.8}]]));
    // 操作步骤 2 to 4
    shell.sandbox.change_code("new");
    shell.types("sls deploy --inputs traffic=0.1", &[]).ok();
    assert_eq!(shell.routing("$DEFAULT"), json!(["$LATEST", [{"Version": "1", "Weight": 0.9}]]));
    shell.types("sls deploy --inputs traffic=1.0", &[]).ok();
    assert_eq!(shell.routing("$DEFAULT"), json!(["$LATEST", [{"Version": "1", "Weight": 0}]]));
    shell.types("sls deploy --inputs publish=true  traffic=0", &[]).ok();
    assert_eq!(shell.routing("$DEFAULT"), json!(["$LATEST", [{"Version": "2", "Weight": 1}]]));
    shell
}

fn custom_alias_chapter() -> Shell {
    let shell = Shell::new();
    // 命令说明: versions 1 and 2, an alias that shares between them.
    shell.types("sls deploy", &[]).ok();
    shell.types("sls  publish-ver --inputs  function=my-function", &[]).ok();
    shell.types("sls publish-ver --inputs function=my-function", &[]).ok();
    let create = r#"sls  create-alias --inputs name=routing-alias  function=my-function  version=1  config='{"weights":{"2":0.5}}'"#;
    shell.types(create, &[]).ok();
    assert_eq!(shell.routing("routing-alias"), json!(["1", [{"Version": "2", "Weight": 0.5}]]));
    let update = r#"sls update-alias --inputs name=routing-alias  function=my-function  version=1 config='{"weights":{"2":0.9}}'"#;
    shell.types(update, &[]).ok();
    assert_eq!(shell.routing("routing-alias"), json!(["1", [{"Version": "2", "Weight": 0.9}]]));
    let listed = shell.types("sls list-alias --inputs function=my-function", &[]).ok();
    assert!(listed.stdout.contains(r#"weight: {"1":"0.1","2":"0.9"}"#), "{}", listed.stdout);
    shell.types("sls delete-alias --inputs name=routing-alias  function=my-function", &[]).ok();
    let aliases = shell.sandbox.console("ListAliases", json!({"FunctionName": "my-function"}));
    assert_eq!(aliases["TotalCount"], 1);

    // 操作步骤: version 2 is N.
    let numbers = [("version=n", "version=2"), ("\"n+1\"", "\"3\"")];
    let create = r#"sls create-alias --inputs function=my-function name=alias-prod version=n config='{"weights":{"$LATEST":0}}'"#;
    shell.types(create, &numbers).ok();
    assert_eq!(shell.routing("alias-prod"), json!(["2", [{"Version": "$LATEST", "Weight": 0}]]));
    // 3. The trigger, as the document writes it.
    let events = blocks().into_iter().find(|block| block.contains("cronExpression")).unwrap();
    shell.sandbox.yaml(&format!("  name: my-function\n{events}\n"));
    shell.sandbox.change_code("new");
    // 4.
    shell.types("sls deploy", &[]).ok().says("*/5 * * * * * *").says("0 */5 * * * * *");
    let cron = r#"{"cron":"*/5 * * * *"}"#;
    assert_eq!(shell.triggers(), json!([["timer-demo-prod", "alias-prod", cron, 1]]));
    shell.types("sls publish-ver --inputs function=my-function", &[]).ok();
    // 5. and 6. The document misspells the alias.
    let tenth = r#"sls update-alias --inputs function=my-function name=alais-prod version=n config='{"weights":{"n+1":0.1}}'"#;
    shell.types(tenth, &numbers).fails(3).says("did you mean `alias-prod`?");
    let corrected = [&numbers[..], &[("alais-prod", "alias-prod")]].concat();
    shell.types(tenth, &corrected).ok();
    assert_eq!(shell.routing("alias-prod"), json!(["2", [{"Version": "3", "Weight": 0.1}]]));
    let all = r#"sls update-alias --inputs function=my-function name=alais-prod version=n config='{"weights":{"n+1":1}}'"#;
    shell.types(all, &corrected).ok().says("to make 3 the main one");
    assert_eq!(shell.routing("alias-prod"), json!(["2", [{"Version": "3", "Weight": 1}]]));
    assert_eq!(shell.triggers(), json!([["timer-demo-prod", "alias-prod", cron, 1]]));
    shell
}
