//! The reference of the configuration: keys of serverless.yml, inputs of commands, variables.

use std::collections::BTreeSet;

use scfctl::cli::inputs::of_command;
use scfctl::config::function::{Reader, keys};
use scfctl::config::multi_scf;
use scfctl::config::position::Position;
use scfctl::model::{PLAIN, Values};
use serde_json::{Map, Value, json};

use crate::made::{Language, Part, Said, list, table};
use crate::page::{files, root};

/// A key of `inputs`: what it holds, its default, and what it is.
struct Key(&'static str, Said, &'static str, Said);

const TEXT: Said = ("text", "文本");
const SWITCH: Said = ("`true` or `false`", "`true` 或 `false`");
const MAP: Said = ("map", "映射");
const LIST: Said = ("list", "列表");
/// By the row of a plain setting.
const BY_ROW: Said = ("", "");

#[rustfmt::skip]
const KEYS: &[Key] = &[
    Key("name", TEXT, "`<name>-<stage>-<app>`", ("name of the function", "函数名称")),
    Key("namespace", TEXT, "`default`", ("namespace", "命名空间")),
    Key("region", TEXT, "`ap-guangzhou`", ("region", "地域")),
    Key("src", ("folder, zip file or map", "目录、zip 文件或映射"), "–", ("the code, see [What is packed](packages.md)", "代码，见[打包](packages.md)")),
    Key("handler", TEXT, "–", ("`file.function` that is called", "执行方法，`文件.函数`")),
    Key("runtime", TEXT, "–", ("language and version", "运行环境")),
    Key("type", ("`event` or `web`", "`event` 或 `web`"), "`event`", ("kind of function; cannot be changed later", "函数类型，创建后不能更改")),
    Key("image", MAP, "–", ("a container image in place of `src`", "镜像，代替 `src`")),
    Key("deployMode", ("`code` or `image`", "`code` 或 `image`"), "–", ("says what `image` and `src` say already", "部署方式，由 `image`、`src` 即可得知")),
    Key("entryFile", TEXT, "–", ("file that a web function's own `scf_bootstrap` starts", "Web 函数自动生成的 `scf_bootstrap` 所启动的文件")),
    Key("protocolType", ("`WS` or nothing", "`WS` 或不写"), "–", ("WebSocket, of web functions", "Web 函数使用 WebSocket")),
    Key("protocolParams", MAP, "–", ("`wsParams: {idleTimeOut}`: seconds without a message after which it is cut, 1–1800", "`wsParams: {idleTimeOut}`：空闲多少秒后断开，1–1800")),
    Key("instanceConcurrencyConfig", MAP, "–", ("requests that an instance of a web function serves at once", "Web 函数单实例的请求并发")),
    Key("description", BY_ROW, "–", ("description of the function", "函数描述")),
    Key("memorySize", BY_ROW, "128", ("memory: 64, or a multiple of 128", "内存：64，或 128 的倍数")),
    Key("timeout", BY_ROW, "3", ("longest run; over 900 with `asyncRunEnable` only", "执行超时；超过 900 需要 `asyncRunEnable`")),
    Key("initTimeout", BY_ROW, "–", ("longest start of an instance", "初始化超时")),
    Key("environment", MAP, "–", ("`variables`: environment variables, at most 4 KB together", "`variables`：环境变量，合计不超过 4 KB")),
    Key("role", BY_ROW, "–", ("execution role; empty takes it away", "运行角色；空文本表示去掉")),
    Key("vpcConfig", MAP, "–", ("private network; `{}` takes it away", "私有网络；`{}` 表示去掉")),
    Key("publicAccess", SWITCH, "`true`", ("reaches the public network", "公网访问")),
    Key("eip", SWITCH, "`false`", ("from a fixed address", "固定公网出口 IP")),
    Key("layers", LIST, "–", ("layers in order, five at most by default; `[]` takes them away", "层，按顺序，默认最多五个；`[]` 表示去掉")),
    Key("cls", MAP, "–", ("log set and topic", "日志集与日志主题")),
    Key("cfs", LIST, "–", ("file systems", "文件系统（CFS）")),
    Key("deadLetter", MAP, "–", ("where asynchronous calls go that failed for good", "死信队列")),
    Key("msgTTL", ("60–21600 (seconds)", "60–21600（秒）"), "–", ("how long an asynchronous call waits to be run", "异步调用的最长等待时间")),
    Key("retryNum", ("0–2 (times)", "0–2（次）"), "–", ("how often a failed asynchronous call is run again", "异步调用失败后的重试次数")),
    Key("asyncRunEnable", SWITCH, "`false`", ("asynchronous execution; at creation alone", "异步执行，仅创建时")),
    Key("traceEnable", SWITCH, "`false`", ("traces of asynchronous calls; at creation alone", "事件追踪，仅创建时")),
    Key("installDependency", SWITCH, "`false`", ("the service installs dependencies", "在线安装依赖")),
    Key("tags", ("map, or list of `key` and `value`", "映射，或 `key`、`value` 的列表"), "–", ("tags; those that the file lacks are taken off", "标签；文件中没有的会被去掉")),
    Key("diskSize", BY_ROW, "–", ("`/tmp`", "`/tmp` 的大小")),
    Key("nodeType", BY_ROW, "–", ("kind of machine", "机型")),
    Key("nodeSpec", BY_ROW, "–", ("size of that machine", "机型规格")),
    Key("l5Enable", BY_ROW, "`false`", ("L5 (service discovery)", "L5（服务发现）")),
    Key("events", LIST, "–", ("[triggers](configuration.md#triggers)", "[触发器](configuration.md#触发器)")),
    Key("ignoreTriggers", SWITCH, "`false`", ("leaves triggers alone", "不处理触发器")),
    Key("autoCreateApi", SWITCH, "`false`", ("API Gateway, which the vendor has retired: refused", "API 网关，厂商已下线：拒绝")),
    Key("publish", SWITCH, "`false`", ("publishes a version behind the update", "更新后发布版本")),
    Key("publishDescription", TEXT, "–", ("description of that version", "该版本的描述")),
    Key("traffic", ("0–1", "0–1"), "–", ("share of `$LATEST`, see [The two workflows](workflows.md)", "`$LATEST` 的流量占比，见[两种流程](workflows.md)")),
    Key("aliasName", TEXT, "–", ("the alias that is routed in place of `$DEFAULT`", "代替 `$DEFAULT` 的别名")),
    Key("aliasDescription", TEXT, "–", ("its description", "该别名的描述")),
    Key("aliasFunctionVersion", TEXT, "–", ("its main version", "该别名的主版本")),
    Key("additionalVersionWeights", LIST, "–", ("its other version and weight", "该别名的附加版本与权重")),
    Key("provisionedNum", ("whole number", "整数"), "–", ("instances that are kept warm; 0 removes them", "预置实例数量；0 表示删除")),
    Key("qualifier", TEXT, "–", ("the version that they are of; else the last published one", "预置实例所属的版本；不写则为最后一次发布的版本")),
    Key("rollout", MAP, "–", ("[options of a rollout](rollout-options.md)", "[灰度发布的选项](rollout-options.md)")),
    Key("function", TEXT, "–", ("of `multi-scf`: the function that is meant", "`multi-scf`：所指的函数")),
];

#[rustfmt::skip]
const OF_SEVERAL: &[(&str, Said)] = &[
    ("environments", ("`environment` of all functions", "所有函数的 `environment`")),
    ("function", ("which one is meant, behind `--inputs`", "用 `--inputs` 指明函数")),
    ("functions", ("map from keys to inputs, or a list whose entries have a `key` or a `name`", "以 key 为键的映射，或列表，每项含 `key` 或 `name`")),
    ("isAutoPublish", ("`publish` of all functions", "所有函数的 `publish`")),
    ("triggers", ("triggers, each with the `function` that it is of", "触发器，各有所属的 `function`")),
    ("vpc", ("`vpcConfig` of all functions", "所有函数的 `vpcConfig`")),
];

#[rustfmt::skip]
const VARIABLES: &[(&str, Said)] = &[
    ("INVOKE_LOCAL_PYTHON", ("the Python that runs functions of the local SCF (`python3`)", "本地 SCF 运行函数所用的 Python（`python3`）")),
    ("SCFCTL_COMPLETION_TIMEOUT", ("how long completion may look names up (300 ms)", "补全查询名称的时限（300 ms）")),
    ("SCFCTL_COS_ENDPOINT", ("another address of COS", "COS 的其他地址")),
    ("SCFCTL_ENDPOINT", ("`--endpoint`", "`--endpoint`")),
    ("SCFCTL_LOCAL", ("`--local`, where it is `1` or `true`", "`--local`，值为 `1` 或 `true`")),
    ("SCFCTL_METADATA_ENDPOINT", ("`off`, or where the role of this machine is asked for", "`off`，或查询本机角色的地址")),
    ("SCFCTL_NODE", ("the Node.js that runs functions of the local SCF (`node`)", "本地 SCF 运行函数所用的 Node.js（`node`）")),
    ("SCFCTL_OUTPUT_VALUES", ("`--output-values`", "`--output-values`")),
    ("SCFCTL_PARAM_NAME", ("`--param NAME=…`, for each name", "`--param NAME=…`，每个名称一个变量")),
    ("SCFCTL_RUN_ID", ("`--run-id`", "`--run-id`")),
    ("SCFCTL_YES", ("`--yes` of `remove` and `versions prune`", "`remove` 与 `versions prune` 的 `--yes`")),
    ("TENCENT_APP_ID", ("the AppId, which names the bucket; else the service is asked", "AppId，用于存储桶名称；不写则向服务查询")),
];

/// What a plain setting may be, by its row.
fn by_row(key: &str, language: Language) -> (String, String) {
    let Some(row) = PLAIN.iter().find(|row| row.key == key) else {
        return (String::new(), "–".to_owned());
    };
    let holds = match &row.values {
        Values::Integer { from, to, unit } => {
            let unit = unit.to_string();
            let said = match &*unit {
                "seconds" => language.of(("seconds", "秒")),
                "times" => language.of(("times", "次")),
                "instances" => language.of(("instances", "个")),
                other => other,
            };
            match language {
                Language::English => format!("{from}–{to} ({said})"),
                Language::Chinese => format!("{from}–{to}（{said}）"),
            }
        }
        Values::Text { limit: Some(limit), .. } => match language {
            Language::English => format!("text of at most {limit} characters"),
            Language::Chinese => format!("文本，最多 {limit} 个字符"),
        },
        Values::Text { limit: None, .. } => language.of(TEXT).to_owned(),
        // A switch.
        _ => language.of(SWITCH).to_owned(),
    };
    (holds, format!("`{}`", row.name))
}

fn unknown(inputs: &Map<String, Value>) -> Vec<String> {
    let place = |_: &str| Position::line("serverless.yml", 1);
    let reader = Reader::new(inputs, &place);
    reader.unknown_keys().into_iter().map(|(key, _)| key).collect()
}

/// Words that the code which reads the configuration has, each of which may be a key of a map.
fn words() -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for file in files("src/config/function", ".rs") {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        words.extend(
            code.split('"')
                .skip(1)
                .step_by(2)
                .filter(|word| {
                    word.len() < 30
                        && !word.is_empty()
                        && word.chars().all(|c| c.is_ascii_alphanumeric())
                })
                .map(str::to_owned),
        );
    }
    words
}

/// The keys of a map under a key, or of the entries of a list: those that are not unknown there.
/// None where any key is taken, or none.
fn inner(key: &str, words: &BTreeSet<String>) -> Vec<String> {
    let unknown_of = |word: &str| {
        let map = json!({word: Value::Null, "noSuchKeyAtAll": Value::Null});
        let shapes = if matches!(key, "layers" | "cfs" | "additionalVersionWeights") {
            json!([map])
        } else {
            map
        };
        let inputs = json!({key: shapes});
        unknown(inputs.as_object().unwrap())
    };
    let is_of = |unknown: &[String], word: &str| {
        unknown.iter().any(|one| one.ends_with(&format!(".{word}")))
    };
    if !is_of(&unknown_of("name"), "noSuchKeyAtAll") {
        return Vec::new();
    }
    words.iter().filter(|word| !is_of(&unknown_of(word), word)).cloned().collect()
}

pub(crate) fn parts(language: Language) -> Vec<Part> {
    let known: BTreeSet<&str> = keys().collect();
    let told: BTreeSet<&str> = KEYS.iter().map(|key| key.0).collect();
    assert_eq!(told, known, "keys of `inputs`");
    let words = words();
    let inputs = table(
        &[
            language.of(("key", "键")),
            language.of(("holds", "值")),
            language.of(("default", "默认值")),
            language.of(("what it is", "含义")),
            language.of(("parameter of the API", "API 参数")),
        ],
        KEYS.iter().map(|Key(key, holds, default, says)| {
            let (range, name) = by_row(key, language);
            let mut holds = if *holds == BY_ROW { range } else { language.of(*holds).to_owned() };
            let inner = inner(key, &words);
            if !inner.is_empty() {
                let inner = list(inner.iter().map(String::as_str));
                holds.push_str(language.of((": ", "：")));
                holds.push_str(&inner);
            }
            vec![
                format!("`{key}`"),
                holds,
                (*default).to_owned(),
                language.of(*says).to_owned(),
                name,
            ]
        }),
    );
    let several: BTreeSet<&str> = OF_SEVERAL.iter().map(|(key, _)| *key).collect();
    assert_eq!(several, multi_scf::KEYS.iter().copied().collect(), "keys of `multi-scf`");
    let several = table(
        &[language.of(("key", "键")), language.of(("what it is", "含义"))],
        OF_SEVERAL
            .iter()
            .map(|(key, says)| vec![format!("`{key}`"), language.of(*says).to_owned()]),
    );
    let page = match language {
        Language::English => "docs/en/configuration-reference.md",
        Language::Chinese => "docs/zh/configuration-reference.md",
    };
    vec![
        Part { page, name: "keys of inputs", text: inputs },
        Part { page, name: "keys of several functions", text: several },
        Part { page, name: "inputs of commands", text: of_commands(language) },
        Part { page, name: "variables", text: variables(language) },
    ]
}

/// The inputs that commands take behind `--inputs`, of several commands in one row where they are
/// the same.
fn of_commands(language: Language) -> String {
    let mut rows: Vec<(Vec<String>, Vec<&'static str>)> = Vec::new();
    for command in scfctl::cli::commands() {
        let Some(mut taken) = of_command(&command).filter(|taken| !taken.is_empty()) else {
            continue;
        };
        if taken.len() > 20 {
            // All keys of the tables above.
            taken.clear();
        }
        let command = format!("`{command}`");
        match rows.iter_mut().find(|(_, known)| *known == taken) {
            Some((commands, _)) => commands.push(command),
            None => rows.push((vec![command], taken)),
        }
    }
    table(
        &[language.of(("command", "命令")), language.of(("inputs", "参数"))],
        rows.into_iter().map(|(commands, taken)| {
            let taken = if taken.is_empty() {
                language.of(("the keys of the tables above", "以上各表中的键")).to_owned()
            } else {
                list(taken)
            };
            vec![commands.join(", "), taken]
        }),
    )
}

fn variables(language: Language) -> String {
    let is_ours = |word: &&str| {
        word.starts_with("SCFCTL_")
            && word.len() > "SCFCTL_".len()
            && word.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    };
    let mut read = BTreeSet::new();
    for file in files("src", ".rs") {
        let text = std::fs::read_to_string(root().join(&file)).unwrap();
        let words = text.split('"').filter(is_ours).map(str::to_owned);
        read.extend(words);
    }
    let told: BTreeSet<String> = VARIABLES
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .filter(|name| name.starts_with("SCFCTL_") && name != "SCFCTL_PARAM_NAME")
        .collect();
    // The one that begins with more is a whole word nowhere.
    read.remove("SCFCTL_PARAM_");
    assert_eq!(told, read, "variables");
    table(
        &[language.of(("variable", "变量")), language.of(("what it is", "含义"))],
        VARIABLES
            .iter()
            .map(|(name, says)| vec![format!("`{name}`"), language.of(*says).to_owned()]),
    )
}
