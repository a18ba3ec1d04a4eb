//! With a Chinese locale, whatever people read is Chinese; exit codes and JSON are those of any
//! other.

use scfctl::local::Fault;

use crate::sandbox::{FUNCTION, Ran, Sandbox, finished};
use crate::sls;
use crate::suggestions;

const LOCALE: &str = "zh_CN.UTF-8";

/// A text without what is quoted: values, names, and words of the service and of libraries.
fn unquoted(text: &str) -> String {
    let mut plain = String::new();
    let mut quote = None;
    for character in text.chars() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            // No quote of ours reaches over lines.
            (Some(_), '\n') => {
                quote = None;
                plain.push('\n');
            }
            (None, '`' | '"' | '\'') => {
                quote = Some(character);
                plain.push('；');
            }
            (None, '“') => quote = Some('”'),
            (None, _) => plain.push(character),
            (Some(_), _) => {}
        }
    }
    plain
}

/// Fails where three English words stand in a row, but in a command.
#[track_caller]
fn has_no_english(text: &str, line: &str) {
    let is_command = |line: &str| line.starts_with("用法：") || line.contains("  scfctl ");
    // The real component's own descriptions are data; the trace is English.
    let is_data = |line: &str| {
        ["description:", "Description:", "debug: "].iter().any(|start| line.starts_with(start))
    };
    let prose = text.lines().filter(|line| !is_command(line) && !is_data(line));
    // What the service answers, with the id of the request behind it, is told as it comes.
    let prose = prose.filter(|line| !line.contains("（请求 ID："));
    // Why nothing came back is said by the HTTP library.
    let is_library = "的响应：";
    let prose = prose.map(|line| match line.split_once(is_library) {
        Some((ours, library)) => {
            format!("{ours}；{}", library.split_once('；').map_or("", |(_, rest)| rest))
        }
        None => line.to_owned(),
    });
    let prose: Vec<String> = prose.collect();
    let mut row = 0;
    let plain = unquoted(&prose.join("\n"));
    for word in
        plain.split_inclusive(|character: char| character.is_whitespace() || !character.is_ascii())
    {
        let letters = word.trim_end_matches([' ', ',', '.', ';', ':']);
        let is_word =
            !letters.is_empty() && letters.chars().all(|letter| letter.is_ascii_alphabetic());
        row = if is_word { row + 1 } else { 0 };
        assert!(row < 3, "English in what `{line}` says:\n{text}");
        if word.ends_with('\n') {
            row = 0;
        }
    }
}

#[track_caller]
fn is_chinese(text: &str, line: &str) {
    let chinese = |character: char| ('\u{4e00}'..='\u{9fff}').contains(&character);
    assert!(text.chars().any(chinese), "`{line}` says nothing in Chinese:\n{text}");
    has_no_english(text, line);
}

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

/// Runs a command with a locale, whatever else the environment holds.
fn run_in(sandbox: &Sandbox, locale: &str, arguments: &[&str]) -> Ran {
    let ran = finished(sandbox.command(arguments).env("LANG", locale).spawn().unwrap());
    let typed: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    suggestions::check(&ran.advice(), Some(("scfctl", &typed)));
    ran
}

/// JSON without what no two runs have in common.
fn comparable(ran: &Ran, sandbox: &Sandbox) -> String {
    let mut text = ran.stdout.replace(&sandbox.root().display().to_string(), "ROOT");
    text = text.replace(&sandbox.home().display().to_string(), "HOME");
    text = text.replace(&sandbox.server().url(), "URL");
    // Identifiers, and times of the clock.
    for pattern in [
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "\"[0-9a-f]{32}\"",
        "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}",
    ] {
        text = fancy_regex::Regex::new(pattern).unwrap().replace_all(&text, "X").into_owned();
    }
    text
}

/// Runs a line that changes nothing: in Chinese as text and as JSON, in English as JSON.
#[track_caller]
fn check(sandbox: &Sandbox, line: &str, code: i32) {
    let text = run_in(sandbox, LOCALE, &words(line)).fails(code);
    let json = format!("{line} --output json");
    // Inputs end the options.
    let json = match line.split_once(" --inputs") {
        Some((before, inputs)) => format!("{before} --output json --inputs{inputs}"),
        None => json,
    };
    let chinese = run_in(sandbox, LOCALE, &words(&json)).fails(code);
    let english = run_in(sandbox, "C", &words(&json)).fails(code);
    assert_eq!(comparable(&chinese, sandbox), comparable(&english, sandbox), "{line}");
    has_no_english(&text.stdout, line);
    if code == 0 {
        has_no_english(&text.stderr, line);
    } else {
        is_chinese(&text.stderr, line);
    }
    has_no_english(&chinese.stderr, line);
}

#[test]
fn help_is_chinese() {
    let sandbox = Sandbox::new();
    for command in [
        "",
        "deploy",
        "publish-ver",
        "create-alias",
        "update-alias",
        "list-alias",
        "delete-alias",
        "list-ver",
        "status",
        "remove",
        "versions",
        "versions prune",
        "verify-split",
        "package",
        "config",
        "local",
        "local serve",
    ] {
        for form in ["--help", "-h"] {
            let line = format!("{command} {form}");
            let ran = run_in(&sandbox, LOCALE, &words(line.trim())).ok();
            is_chinese(&ran.stdout, &line);
            assert!(ran.stdout.contains("用法：scfctl"), "{}", ran.stdout);
            let has_options = ran.stdout.contains("选项：");
            assert!(has_options || command.is_empty(), "{}", ran.stdout);
            assert_eq!(ran.stderr, "", "{line}");
            let english = run_in(&sandbox, "C", &words(line.trim())).ok();
            assert!(english.stdout.is_ascii() || command.is_empty(), "{}", english.stdout);
            // `--lang` decides as well as the locale does.
            let asked = format!("{} --lang zh", line.trim());
            assert_eq!(run_in(&sandbox, "C", &words(&asked)).ok().stdout, ran.stdout, "{line}");
        }
    }
    for line in ["help", "help deploy", "help local serve", "help help", "local help"] {
        let ran = run_in(&sandbox, LOCALE, &words(line)).ok();
        is_chinese(&ran.stdout, line);
    }
    let whole = run_in(&sandbox, LOCALE, &["list-alias", "-h"]).ok().stdout;
    assert_eq!(
        whole,
        "\
列出函数的别名及其权重

用法：scfctl list-alias [选项]

示例：
  scfctl list-alias --function my-function

选项：
      --alias <NAME>        只列出该别名
      --version <VERSION>   只列出使用该版本的别名
      --function <NAME>     函数名称 [默认：serverless.yml 中的函数]
  -s, --stage <STAGE>       环境；决定读取哪个 .env.<STAGE>
      --target <DIR>        项目目录
      --inputs <KEY=VALUE>  参数，每个写成 key=value
      --output <FORM>       结果的格式：text 或 json
      --local               使用本进程内的 SCF，无需账号
  -h, --help                显示帮助（更多内容见 --help）
"
    );
    // Under the name that was called.
    let mut command = sls::command(&sandbox, "sls", &["deploy", "--help"]);
    let called = finished(command.env("LANG", LOCALE).spawn().unwrap()).ok();
    is_chinese(&called.stdout, "sls deploy --help");
    assert!(called.stdout.contains("用法：sls deploy [选项]"), "{}", called.stdout);
    let plain = called.stdout.replace(".scfctl/", "");
    assert!(!plain.contains("scfctl"), "{}", called.stdout);
}

#[test]
fn what_the_option_parser_refuses_is_said_in_chinese() {
    let sandbox = Sandbox::with_project();
    for (line, says) in [
        (
            "deploy --timeout soon",
            "错误：`--timeout <TIME>` 的值 `soon` 无效：应写成秒数（300），或 500ms、90s、5m、1h\n\n更多信息见 `--help`。\n",
        ),
        (
            "deploy --timeout 0",
            "错误：`--timeout <TIME>` 的值 `0` 无效：应大于 0 且不超过 24h\n\n更多信息见 `--help`。\n",
        ),
        (
            "deploy --lang zhx",
            "错误：`--lang <LANGUAGE>` 的值 `zhx` 无效，可选值：en、zh\n  提示：是不是想写 `zh`？\n\n更多信息见 `--help`。\n",
        ),
        (
            "deploy --output",
            "错误：`--output <FORM>` 缺少值，可选值：text、json、ndjson\n\n更多信息见 `--help`。\n",
        ),
        (
            "deploy -q -v",
            "错误：`--quiet` 不能与 `--verbose` 同时使用\n\n用法：scfctl deploy --quiet\n\n更多信息见 `--help`。\n",
        ),
        (
            "deploy -q -q",
            "错误：`--quiet` 只能给出一次\n\n用法：scfctl deploy [选项]\n\n更多信息见 `--help`。\n",
        ),
        (
            "deploy --local=1",
            "错误：`--local` 不接受多出的值 `1`\n\n用法：scfctl deploy --local\n\n更多信息见 `--help`。\n",
        ),
        (
            "deploy --concurrency 0",
            "错误：`--concurrency <N>` 的值 `0` 无效：不能为 0\n\n更多信息见 `--help`。\n",
        ),
        (
            "deploy --param x",
            "错误：`--param <NAME=VALUE>` 的值 `x` 无效：应写成 NAME=VALUE\n\n更多信息见 `--help`。\n",
        ),
        (
            "local x",
            "错误：没有命令 `local x`\n  提示：`local` 的命令：serve、load；说明见 `scfctl local --help`\n",
        ),
        (
            "help gate",
            "错误：没有命令 `gate`\n  提示：是不是想用 `gates`？请写：`scfctl help gates`\n",
        ),
    ] {
        let ran = run_in(&sandbox, LOCALE, &words(line)).fails(2);
        assert_eq!((ran.stderr.as_str(), ran.stdout.as_str()), (says, ""), "{line}");
    }
    for line in [
        "deploy --endpoint http://x --local",
        "deploy --stage a --stage b",
        "deploy --output-value x",
        "deploy --output-value x=",
        "deploy --concurrency many",
        "deploy --concurrency 300",
        "deploy -qx",
        "local serve --latency x",
        "local serve --listen x",
        "local serve --rate x",
        "local serve x",
        "local serve --behaviour x=y",
        "local serve --behaviour x",
    ] {
        check(&sandbox, line, 2);
    }
    // Help in place of the command that is missing.
    let bare = sandbox.command(&["local"]).env("LANG", LOCALE).output().unwrap();
    let help = String::from_utf8(bare.stderr).unwrap();
    assert_eq!(bare.status.code(), Some(2), "{help}");
    is_chinese(&help, "local");
    assert!(help.contains("用法：scfctl local"), "{help}");
    // The frame of the real CLI stays.
    let mut command = sls::command(&sandbox, "sls", &["deploy", "--timeout", "soon"]);
    let called = finished(command.env("LANG", LOCALE).spawn().unwrap()).fails(2);
    let (title, rest) = called.stdout.split_once("s)\n").expect("how long it took");
    let took = title.strip_prefix("\nx deploy 失败 (").expect("the title");
    assert!(took.parse::<u64>().is_ok(), "{took}");
    let error = "\nError:\n错误信息: `--timeout <TIME>` 的值 `soon` 无效：";
    assert!(rest.starts_with(error), "{}", called.stdout);
    assert_eq!(sandbox.calls().len(), 0);
}

#[test]
fn what_is_wrong_with_a_command_line_is_said_in_chinese() {
    let sandbox = Sandbox::with_project();
    for line in [
        "deplyo",
        "frobnicate",
        "invoke local",
        "remove",
        "remove --version $LATEST --yes",
        "remove --version 1 --alias a --yes",
        "remove --version 1 --end-rollout --yes",
        "versions prune --yes",
        "versions prune --keep 0",
        "versions frobnicate",
        "login",
        "--stage dev",
        "deploy traffic=0.1",
        "deploy --inptus traffic=0.1",
        "deploy --frobnicate",
        "deploy --if-changed",
        "deploy --prune-triggers",
        "deploy --target nowhere",
        "deploy --endpoint http://example.com",
        "deploy --profile nobody --param",
        "deploy --inputs traffic",
        "deploy --inputs traffic=1.1",
        "deploy --inputs traffic=20%",
        "deploy --inputs traffic=abc",
        "deploy --inputs traffic=0.1234567",
        "deploy --inputs traffic=0.1 traffic=1",
        "deploy --inputs trafic=0.1",
        "deploy --inputs publish=no",
        "deploy --inputs name=1x",
        "deploy --inputs handler=other.main_handler",
        "deploy --inputs handler=main_handler",
        "deploy --inputs src=./nowhere",
        "deploy --inputs memorySize=100",
        "deploy --inputs timeout=0",
        "deploy --inputs namespace=a.b",
        "deploy --inputs config={\"a\":1,",
        "deploy --inputs function=other",
        "deploy --inputs.traffic=0.1",
        "deploy --all --inputs functions=x",
        "list-alias --all",
        "publish-ver --inputs function=x",
        "publish-ver --traffic 0.1",
        "create-alias --inputs name=a",
        "create-alias --inputs function=f version=1",
        "create-alias --inputs function=demo-dev-shop name=a version=x",
        "create-alias --inputs function=demo-dev-shop name=1 version=1",
        "create-alias --inputs function=demo-dev-shop name=a version=1 config={\"weights\":{\"2\":2}}",
        "update-alias --traffic 0.1",
        "delete-alias --alias $DEFAULT",
        "package --list --out -",
        "config --output-values nowhere.yml",
        "config --output-value a:b:c.d=1 --output-value a:b:c.d=2",
    ] {
        check(&sandbox, line, 2);
    }
    assert_eq!(sandbox.calls().len(), 0);
}

#[test]
fn what_is_wrong_with_a_file_is_said_in_chinese() {
    let sandbox = Sandbox::with_project();
    for yaml in [
        "  traffic: 2\n",
        "  environment:\n    variables:\n      AA: ''\n",
        "  timeout: ${env:NOPE}\n",
        "  timeout: ${opt:NOPE}\n",
        "  timeout: ${output:dev:shop:net.id}\n",
        "  timeout: ${param:NOPE}\n",
        "  timeout: 1\n  timeout: 2\n",
        "  timeout: soon\n",
        "  region: 1\n",
        "  type: http\n",
        "  image:\n    imageUrl: ''\n",
        "\ttimeout: 3\n",
        "  role: a: 1\n",
        "  description: \"a\n",
        "  layers: [a\n",
        "  layers:\n    - name: l\n",
        "  vpcConfig: {vpcId: a}\n",
        "  cfs:\n    - cfsId: a\n",
        "  events: {}\n",
        "  events:\n    - nothing: {}\n",
        "  events:\n    - timer: {parameters: {name: t, cronExpression: 'x', enable: true}}\n",
        "  events:\n    - cos: {parameters: {bucket: b}}\n",
        "  events:\n    - apigw: {parameters: {}}\n",
        "  events:\n    - ckafka: {parameters: {}}\n",
        "  events:\n    - clb: {parameters: {}}\n",
        "  provisionedNum: 1\n  qualifier: $LATEST\n",
        "  provisionedNum: -1\n",
        "  tags: [1]\n",
        "  ignoreTriggers: 3\n",
        "  asyncRunEnable: x\n",
        "  eip: x\n",
    ] {
        sandbox.yaml(yaml);
        check(&sandbox, "deploy --dry-run", 2);
    }
    for text in [
        "",
        "name: demo\n",
        "component: scf\n",
        "component: scf2\nname: demo\n",
        "component: website\nname: demo\n",
        "component: scf\nname: demo\ninputs:\n  handler: a.b\n",
        "component: scf\nname: demo\ninputs: 3\n",
        "component: multi-scf\nname: demo\ninputs: {}\n",
        "component: multi-scf\nname: demo\ninputs:\n  functions: {}\n",
        "component: multi-scf\nname: demo\ninputs:\n  functions:\n    a: 3\n",
        "component: scf\nname: 007\n",
        "service: hello\nprovider:\n  name: tencent\nfunctions:\n  one:\n    handler: index.main_handler\n",
        "hello:\n  component: '@serverless/tencent-scf'\n  inputs:\n    name: hello\n    codeUri: ./\n",
    ] {
        sandbox.file("serverless.yml", text);
        check(&sandbox, "deploy --dry-run", 2);
    }
    std::fs::remove_file(sandbox.root().join("serverless.yml")).unwrap();
    check(&sandbox, "deploy", 2);
    assert_eq!(sandbox.calls().len(), 0);
}

/// Commands that change something: two projects, one for each language, go through the same.
#[test]
fn a_release_is_the_same_in_both_languages() {
    let [chinese, english, text] = [(); 3].map(|()| Sandbox::with_project());
    let all = [&chinese, &english, &text];
    let same = |line: &str, code: i32| {
        let json = match line.split_once(" --inputs") {
            Some((before, inputs)) => format!("{before} --output json --inputs{inputs}"),
            None => format!("{line} --output json"),
        };
        let spoken = run_in(&chinese, LOCALE, &words(&json)).fails(code);
        let plain = run_in(&english, "C", &words(&json)).fails(code);
        assert_eq!(comparable(&spoken, &chinese), comparable(&plain, &english), "{line}");
        has_no_english(&spoken.stderr, line);
        let shown = run_in(&text, LOCALE, &words(line)).fails(code);
        has_no_english(&shown.stderr, line);
        has_no_english(&shown.stdout, line);
        let calls = all.map(|sandbox| sandbox.changes_since(0));
        assert_eq!(calls[0], calls[1], "{line}");
        assert_eq!(calls[0], calls[2], "{line}");
    };
    same("config", 0);
    same("package --list", 0);
    same("deploy --dry-run --publish --traffic 0.1", 0);
    same("deploy --run-id a --publish", 0);
    for sandbox in &all {
        sandbox.change_code("two");
        sandbox.yaml(
            "  timeout: 9\n  environment:\n    variables: {KEY: value}\n  events:\n    - timer:\n        parameters: {name: tick, \
             cronExpression: '0 0 * * * * *', enable: true}\n",
        );
    }
    same("deploy --dry-run --run-id b --publish --traffic 0", 0);
    same("deploy --run-id b --publish --traffic 0 --verbose", 0);
    same("deploy --run-id c --traffic 0.1", 0);
    same("deploy --traffic 0.1", 0);
    same("publish-ver --dry-run --run-id d --function demo-dev-shop", 0);
    same("publish-ver --run-id d --function demo-dev-shop --if-changed", 0);
    same("create-alias --dry-run --alias live --version 1", 0);
    same("create-alias --alias live --version 1", 0);
    same("create-alias --alias live --version 1 --weight 2=0.1", 5);
    same("update-alias --dry-run --alias live --version 1 --weight 2=0.1", 0);
    same("update-alias --alias live --version 1 --weight 2=0.1", 0);
    same("list-alias", 0);
    same("list-alias --alias nobody", 3);
    same("update-alias --alias live --version 77", 3);
    same("update-alias --alias nobody --version 1", 3);
    same("publish-ver --function nobody", 3);
    same("delete-alias --dry-run --alias live", 0);
    same("delete-alias --alias live --noCache", 0);
    same("delete-alias --alias live", 3);
    same("remove --alias live --yes", 0);
    same("remove --version 1", 2);
    same("versions prune --keep 1 --dry-run", 0);
    same("remove --dry-run", 0);
    same("deploy --debug --traffic 1 --login", 0);
    same("deploy --dry-run --traffic 1", 0);
}

#[test]
fn failures_of_calls_are_said_in_chinese() {
    let mut sandbox = Sandbox::with_project();
    sandbox.function(FUNCTION, "default", 2);
    let line = "list-alias --function demo-dev-shop";
    for (position, (fault, code)) in [
        (Fault::error("ResourceNotFound.Function", "函数不存在"), 3),
        (Fault::error("AuthFailure.UnauthorizedOperation", "没有权限"), 4),
        (Fault::error("AuthFailure.SignatureFailure", "签名错误"), 4),
        (Fault::error("AuthFailure.SignatureExpire", "签名已过期"), 4),
        (Fault::error("AuthFailure.SecretIdNotFound", "密钥不存在"), 4),
        (Fault::error("InvalidParameterValue.Name", "名称无效"), 1),
        (Fault::error("UnsupportedRegion", "不支持该地域"), 1),
        (Fault::Http { status: 403, body: "请离开".to_owned() }, 1),
        (Fault::NotJson, 1),
        (Fault::Truncated, 1),
        (Fault::DropBefore, 1),
    ]
    .into_iter()
    .enumerate()
    {
        let said = format!("fault {position}");
        sandbox.faulty(move |_| fault.clone());
        let chinese = run_in(&sandbox, LOCALE, &words(line)).fails(code);
        is_chinese(&chinese.stderr, &said);
        has_no_english(&chinese.stdout, &said);
    }
    sandbox.faulty(|_| Fault::Stall);
    let line = "list-alias --function demo-dev-shop --timeout 500ms";
    check(&sandbox, line, 6);
    sandbox.healthy();
    let line = "list-alias --function demo-dev-shop";
    sandbox.set("TENCENT_SECRET_KEY", "another");
    check(&sandbox, line, 4);
    sandbox.set("TENCENT_SECRET_ID", "AKIDother");
    check(&sandbox, line, 4);
    sandbox.unset("TENCENT_SECRET_KEY");
    check(&sandbox, line, 4);
    sandbox.unset("TENCENT_SECRET_ID");
    check(&sandbox, line, 4);
    check(&sandbox, "list-alias --function demo-dev-shop --profile nobody", 4);
    sandbox.set("SCFCTL_LOCAL", "perhaps");
    check(&sandbox, line, 2);
    sandbox.set("SCFCTL_LOCAL", "0");
    sandbox.set("TENCENT_SECRET_ID", "a").set("TENCENT_SECRET_KEY", "b");
    sandbox.set("SCFCTL_ENDPOINT", "http://127.0.0.1:1");
    let refused =
        run_in(&sandbox, LOCALE, &words("list-alias --function demo-dev-shop --timeout 2s"));
    assert_ne!(refused.code, 0);
    is_chinese(&refused.stderr, "a port that nobody listens to");
}
