//! The catalogue of error codes: the words that the code has, with what they mean.

use std::collections::BTreeSet;

use crate::made::{Language, Part, Said, table};
use crate::page::{files, root};

/// A code, the exit codes that go with it, what it means, and what to do.
struct Entry(&'static str, &'static [u8], Said, Said);

#[rustfmt::skip]
const ENTRIES: &[Entry] = &[
    Entry("alias-in-use", &[5], ("a trigger is bound to the alias that is to be deleted", "要删除的别名仍绑定触发器"), ("move or delete the trigger first", "先迁移或删除触发器")),
    Entry("alias-not-found", &[3], ("there is no such alias", "别名不存在"), ("`scfctl list-alias` shows those that are there", "`scfctl list-alias` 显示现有的别名")),
    Entry("alias-not-usable", &[1], ("the service tells of the alias what nothing can be made of", "服务返回的别名内容无法使用"), ("look at the alias in the console", "在控制台查看该别名")),
    Entry("cannot-connect", &[1], ("nothing answers there", "无法连接"), ("`scfctl doctor`; the network, a firewall, the region", "`scfctl doctor`；检查网络、防火墙、地域")),
    Entry("certificate-refused", &[1], ("the certificate is not to be trusted", "证书不受信任"), ("the system's trust store or `SSL_CERT_FILE`; a proxy that opens TLS", "检查系统信任库或 `SSL_CERT_FILE`，以及拆解 TLS 的代理")),
    Entry("change-not-visible", &[1, 5], ("what was written does not show", "写入的内容没有显示出来"), ("look with `scfctl status`, then run it again", "用 `scfctl status` 查看，再重新执行")),
    Entry("conflict", &[5], ("somebody else has changed what this run had read or written", "他人修改了本次运行读到或写入的内容"), ("look with `scfctl status`, then run it again", "用 `scfctl status` 查看，再重新执行")),
    Entry("content-changed", &[5], ("the code or settings of `$LATEST` have changed during its rollout", "灰度发布途中 `$LATEST` 的代码或配置发生变化"), ("`rollout retry` with the new code, or `rollout abort`", "用 `rollout retry` 以新代码重新开始，或 `rollout abort`")),
    Entry("corrupted", &[1], ("what arrived in COS is not what was sent", "COS 收到的内容与发送的不同"), ("run it again", "重新执行")),
    Entry("description-too-long", &[2], ("the description and its marker do not fit", "描述与标记合计过长"), ("shorten the text", "缩短描述")),
    Entry("function-error", &[9], ("the function that was called failed", "所调用的函数执行失败"), ("its result and its log say why", "见返回值和日志")),
    Entry("function-failed", &[1], ("the service ended its work on the function as failed", "服务端对函数的操作失败"), ("the message is the service's", "见服务返回的信息")),
    Entry("function-not-found", &[3], ("there is no such function", "函数不存在"), ("region, namespace and name; `scfctl config` shows them", "检查地域、命名空间和名称；`scfctl config` 显示它们")),
    Entry("function-status", &[1], ("the function's state does not allow it", "函数的状态不允许该操作"), ("wait, or look at the function in the console", "等待，或在控制台查看")),
    Entry("handler-not-found", &[2], ("the package has no file of the handler", "代码包中没有执行方法所在的文件"), ("`scfctl package --list` shows what is packed", "`scfctl package --list` 显示打包的内容")),
    Entry("held", &[8], ("a rollout stands still", "灰度发布停住"), ("`rollout resume`, `promote`, `retry` or `abort`", "`rollout resume`、`promote`、`retry` 或 `abort`")),
    Entry("hook-failed", &[1, 2], ("`src.hook` failed, or could not be started", "`src.hook` 失败或无法启动"), ("its own output says why", "见其输出")),
    Entry("http-status", &[1], ("the answer is no answer of the API", "应答不是 API 的应答"), ("a proxy or an endpoint in between", "检查中间的代理或接入点")),
    Entry("internal", &[1], ("a fault of this program", "程序自身的错误"), ("report it", "请报告")),
    Entry("interrupted", &[130], ("Ctrl-C", "Ctrl-C"), ("the hint says how to go on", "提示中说明如何继续")),
    Entry("invalid-answer", &[1], ("the answer cannot be read", "无法解读应答"), ("run it again; `--debug` shows it", "重新执行；`--debug` 显示应答")),
    Entry("invalid-app-id", &[2], ("`TENCENT_APP_ID` is no number", "`TENCENT_APP_ID` 不是数字"), ("mend it or leave it out", "改正或去掉")),
    Entry("invalid-configuration", &[2], ("a file or a reference in it cannot be read", "配置文件或其中的引用有误"), ("file and line are named", "错误中注明文件和行号")),
    Entry("invalid-credentials", &[4], ("half a pair, a placeholder, a profile that is nowhere", "凭证不完整、未填写，或配置名不存在"), ("`scfctl config` says where it was found", "`scfctl config` 显示来源")),
    Entry("invalid-endpoint", &[2], ("`--endpoint` or its variable is no address", "`--endpoint` 或其变量不是地址"), ("the message shows the form", "见错误信息中的格式")),
    Entry("invalid-inputs", &[2], ("an input is unknown, wrong or missing", "参数未知、有误或缺失"), ("the hint has the line to type", "提示中给出应输入的命令")),
    Entry("invalid-payload", &[2], ("the payload of `invoke` is no JSON, or too large", "`invoke` 的载荷不是 JSON 或过大"), ("mend it", "改正")),
    Entry("invalid-plan", &[2], ("the file of `apply` is no plan of this version, or was edited", "`apply` 的文件不是本版本的计划，或被修改过"), ("plan anew", "重新生成计划")),
    Entry("invalid-proxy", &[2], ("a proxy variable is no address", "代理变量不是地址"), ("the variable is named", "错误中注明变量")),
    Entry("invalid-request", &[1], ("a request could not be made", "无法构造请求"), ("report it", "请报告")),
    Entry("io", &[1], ("a file, a terminal or a pipe failed", "文件、终端或管道出错"), ("the message names it", "见错误信息")),
    Entry("listener-not-found", &[3], ("the load balancer has no such listener", "负载均衡没有该监听器"), ("protocol and port of the trigger", "检查触发器的协议和端口")),
    Entry("load-balancer-failed", &[1], ("the load balancer ended the work as failed", "负载均衡的任务失败"), ("the message is the service's", "见服务返回的信息")),
    Entry("local-scf", &[1], ("the local SCF could not work", "本地 SCF 出错"), ("the message names the file or the address", "见错误信息")),
    Entry("match-rules", &[5], ("the alias has match rules, which would be lost", "别名带有按规则路由，会因此丢失"), ("`--force` replaces them", "`--force` 会替换它们")),
    Entry("no-answer", &[1], ("no answer came, or its outcome is not known", "没有收到应答，或结果未知"), ("run it again: it looks first", "重新执行：会先查看")),
    Entry("no-credentials", &[4], ("no keys were found, or none were given any more", "没有找到凭证，或不再提供"), ("[Credentials](credentials.md)", "[凭证](credentials.md)")),
    Entry("no-logs", &[3], ("the version has no log topic", "该版本没有日志主题"), ("set `cls`", "设置 `cls`")),
    Entry("no-rollout", &[2, 3], ("no rollout is under way", "没有进行中的灰度发布"), ("`rollout start`", "`rollout start`")),
    Entry("not-begun", &[130, 143], ("interrupted before the first change", "在第一个修改之前被中断"), ("run it again", "重新执行")),
    Entry("not-changeable", &[2], ("type, runtime or protocol of a function cannot be changed", "函数类型、运行环境、协议不能更改"), ("another function", "使用另一个函数")),
    Entry("not-held", &[1], ("the rollout that was waited for is done and was never held", "所等待的灰度发布已完成，其间没有停住"), ("nothing", "无需处理")),
    Entry("not-indexed", &[3], ("the log topic has no index", "日志主题没有索引"), ("create it in the console of CLS", "在 CLS 控制台创建索引")),
    Entry("not-together", &[5], ("functions of a project are not in one rollout", "项目中的函数不在同一个灰度发布中"), ("they are named; [All functions together](rollout-project.md)", "错误中列出；见[一起灰度发布](rollout-project.md)")),
    Entry("other-options", &[5], ("the same `--run-id` has begun with other options", "同一 `--run-id` 以其他选项开始过"), ("another run id, or the options of before", "换一个运行名，或使用原来的选项")),
    Entry("other-step", &[5, 2], ("the rollout is in another step", "灰度发布处于另一步"), ("`rollout status`", "`rollout status`")),
    Entry("package-failed", &[1, 2], ("the code cannot be packed or read", "代码无法打包或读取"), ("the message names the file", "见错误信息")),
    Entry("provisioning-failed", &[1], ("provisioned instances did not come", "预置实例启动失败"), ("the message is the service's", "见服务返回的信息")),
    Entry("proxy-failed", &[1], ("the proxy refused or could not be reached", "代理拒绝或无法连接"), ("host and port are named", "错误中注明主机和端口")),
    Entry("request-too-large", &[1], ("the request is larger than the API takes", "请求超过 API 的上限"), ("through COS: `src.bucket`, or a smaller package", "通过 COS（`src.bucket`），或减小代码包")),
    Entry("rolled-back", &[5, 7], ("a rollout was rolled back; or `traffic` would go to a version that was", "灰度发布已回滚；或 `traffic` 会切到已回滚的版本"), ("`rollout retry` once the cause is gone", "排除原因后 `rollout retry`")),
    Entry("rollout-of-project", &[2], ("the function is under a rollout of several", "该函数处于多个函数的灰度发布中"), ("`--project`", "使用 `--project`")),
    Entry("routing-mismatch", &[5], ("the alias read back is not the one that was written", "读回的别名与写入的不同"), ("`scfctl status`, then run it again", "用 `scfctl status` 查看，再重新执行")),
    Entry("routing-not-possible", &[2], ("an alias cannot be routed so", "别名不能这样分配流量"), ("two versions at most, two different ones", "最多两个版本，且不能相同")),
    Entry("several-failed", &[1, 2, 3, 4, 5, 6], ("several instances failed, for different reasons", "多个实例因不同原因失败"), ("each one's own error stands with it", "见各实例自己的错误")),
    Entry("split-differs", &[11], ("the alias splits its calls otherwise than it is set", "别名的实际流量与设置不符"), ("`scfctl status`; who calls what", "用 `scfctl status` 查看调用方")),
    Entry("stale-plan", &[5], ("what the plan was made for has changed", "计划所依据的内容已变化"), ("the hint plans anew", "按提示重新生成计划")),
    Entry("terminated", &[143], ("ended by the system", "被系统终止"), ("the hint says how to go on", "提示中说明如何继续")),
    Entry("timed-out", &[6], ("not finished within `--timeout`", "未在 `--timeout` 内完成"), ("run it again; a longer `--timeout`", "重新执行；加大 `--timeout`")),
    Entry("under-rollout", &[5], ("the alias is under a rollout", "别名正在灰度发布"), ("`rollout abort` or `promote`, or `--end-rollout`", "`rollout abort` 或 `promote`，或 `--end-rollout`")),
    Entry("unknown-marker", &[5], ("the alias has a marker of a newer version", "别名中有更新版本的标记"), ("a newer scfctl, or `--end-rollout`", "使用更新的 scfctl，或 `--end-rollout`")),
    Entry("usage", &[1, 2], ("the command line makes no sense", "命令行有误"), ("the hint has the line to type", "提示中给出应输入的命令")),
    Entry("version-in-use", &[5], ("something uses the version that is to be deleted", "要删除的版本仍在使用"), ("the message says what", "见错误信息")),
    Entry("version-not-found", &[3], ("there is no such version", "版本不存在"), ("`scfctl list-ver` shows those that are there", "`scfctl list-ver` 显示现有的版本")),
    Entry("versions-unknown", &[1], ("too many calls of `verify-split` do not say which version answered", "`verify-split` 中无法得知版本的调用过多"), ("`--version-at`, or a longer `--wait-logs`", "使用 `--version-at`，或加大 `--wait-logs`")),
];

/// The words that functions of `src/error` give as codes.
fn in_the_code() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in files("src/error", ".rs") {
        let text = std::fs::read_to_string(root().join(&file)).unwrap();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let indent = line.len() - line.trim_start().len();
            let name = line.split("fn ").nth(1).and_then(|rest| rest.split('(').next());
            let is_one = name.is_some_and(|name| name == "code" || name.ends_with("_code"));
            if !is_one || !line.contains("str") {
                continue;
            }
            let end = format!("{}}}", " ".repeat(indent));
            for line in lines.by_ref().take_while(|line| *line != end) {
                let words = line.split('"').skip(1).step_by(2);
                let is_word = |word: &&str| {
                    !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
                };
                found.extend(words.filter(is_word).map(str::to_owned));
            }
        }
    }
    found
}

pub(crate) fn parts(language: Language) -> Vec<Part> {
    let told: BTreeSet<String> = ENTRIES.iter().map(|entry| entry.0.to_owned()).collect();
    assert_eq!(told.len(), ENTRIES.len());
    assert_eq!(told, in_the_code(), "codes of src/error");
    let text = table(
        &[
            language.of(("`error.code`", "`error.code`")),
            language.of(("exit code", "退出码")),
            language.of(("what it means", "含义")),
            language.of(("what to do", "处理方式")),
        ],
        ENTRIES.iter().map(|Entry(code, exits, means, advice)| {
            let exits = exits.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
            vec![
                format!("`{code}`"),
                exits,
                language.of(*means).to_owned(),
                language.of(*advice).to_owned(),
            ]
        }),
    );
    let page = match language {
        Language::English => "docs/en/errors.md",
        Language::Chinese => "docs/zh/errors.md",
    };
    vec![Part { page, name: "codes", text }]
}
