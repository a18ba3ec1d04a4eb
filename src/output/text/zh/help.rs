//! What `--help` says, in Chinese. As in `cli::help`, no line is wider than 80 columns, in which a
//! Chinese character takes two: the option parser counts one for it, and would not wrap in time.

use std::fmt::Write as _;

/// The texts of a command besides its options, in the places of the English ones.
#[derive(Debug)]
pub(crate) struct CommandHelp {
    /// The words that name it; none for the program.
    pub path: &'static str,
    /// In one line.
    pub about: &'static str,
    /// Before the options.
    pub before: Option<&'static str>,
    /// Behind the options, in the short form.
    pub after: Option<&'static str>,
    /// Behind the options, in the long form.
    pub after_long: Option<&'static str>,
}

impl CommandHelp {
    const fn new(path: &'static str, about: &'static str) -> Self {
        Self { path, about, before: None, after: None, after_long: None }
    }

    const fn before(self, text: &'static str) -> Self {
        Self { before: Some(text), ..self }
    }

    const fn after(self, text: &'static str) -> Self {
        Self { after: Some(text), ..self }
    }

    const fn after_long(self, text: &'static str) -> Self {
        Self { after_long: Some(text), ..self }
    }
}

/// The text of an option. A blank line sets apart what only the long form says.
#[derive(Debug)]
pub(crate) struct OptionHelp {
    /// The commands; empty for all others that have the option.
    pub commands: &'static [&'static str],
    /// The option's id.
    pub id: &'static str,
    pub text: &'static str,
}

const fn of_all(id: &'static str, text: &'static str) -> OptionHelp {
    OptionHelp { commands: &[], id, text }
}

const fn of(commands: &'static [&'static str], id: &'static str, text: &'static str) -> OptionHelp {
    OptionHelp { commands, id, text }
}

/// Of the command `help`, wherever it stands.
pub(crate) const HELP_COMMAND: &str = "显示本信息，或子命令的帮助";
/// Of the option `--help` where both forms say the same.
pub(crate) const HELP: &str = "显示帮助";
/// Of the option `--help` in the short form.
pub(crate) const SHORT_HELP: &str = "显示帮助（更多内容见 --help）";
/// Of the option `--help` in the long form.
pub(crate) const LONG_HELP: &str = "显示帮助（摘要见 -h）";
/// Of the option `--version` of the program.
pub(crate) const VERSION: &str = "显示版本号";
/// Above the commands.
pub(crate) const COMMANDS_HEADING: &str = "命令";

/// Above what is typed without the name of an option.
pub(crate) const ARGUMENTS_HEADING: &str = "参数";

/// Above options: of an English heading, or of those without one.
pub(crate) fn heading(english: Option<&str>) -> Option<&'static str> {
    Some(match english {
        None => "选项",
        Some("Project options") => "项目选项",
        Some("Connection options") => "连接选项",
        Some("Output options") => "输出选项",
        Some("Gates") => "检查项",
        Some("Reactions") => "应对方式",
        Some(_) => return None,
    })
}

/// Behind the text of an option: its default, its values and its other names.
pub(crate) fn facts(default: &str, values: &str, names: &str) -> String {
    let facts = [("默认值：", default), ("可选值：", values), ("同：", names)];
    let mut text = String::new();
    for (title, fact) in facts.iter().filter(|(_, fact)| !fact.is_empty()) {
        let space = if text.is_empty() { "" } else { " " };
        let _ = write!(text, "{space}[{title}{fact}]");
    }
    text
}

/// What the option parser composes, without the words that it cannot say in Chinese.
pub(crate) fn composed(text: &str) -> String {
    let replaced = [
        // With and without colours.
        ("Usage:\u{1b}[0m ", "用法：\u{1b}[0m"),
        ("Usage: ", "用法："),
        ("[OPTIONS]", "[选项]"),
        ("[COMMAND]", "[命令]"),
        ("<COMMAND>", "<命令>"),
        ("命令:", "命令："),
        ("参数:", "参数："),
        ("选项:", "选项："),
        ("检查项:", "检查项："),
        ("应对方式:", "应对方式："),
    ];
    replaced.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// What stands behind a refusal.
pub(crate) fn after_refusal(usage: Option<&str>) -> String {
    let usage = usage.map(|usage| composed(&format!("\nUsage: {usage}\n"))).unwrap_or_default();
    format!("{usage}\n更多信息见 `--help`。\n")
}

const TRY: &str = "  scfctl deploy --local --target examples/hello --publish";

/// The table of exit codes, a line each.
macro_rules! exit_codes {
    () => {
        "    0  成功
    1  API 或服务端拒绝，或执行失败
    2  用法或配置有误，没有做任何改动
    3  未找到函数、版本、别名或其他指定的对象
    4  凭证或权限问题
    5  冲突：已被他人修改
    6  未在 --timeout 内完成
    7  灰度发布已回滚
    8  灰度发布停住：已暂停、没有结论或数据不足
    9  被调用的函数执行失败
   10  --dry-run --detailed-exitcode：有需要进行的改动
   11  别名的实际流量与设置不符
  130  被中断（被终止时为 143）
"
    };
}
pub(super) use exit_codes;

const PROGRAM: &str = concat!(
    "退出码：\n",
    exit_codes!(),
    "涉及多个函数时：失败的函数退出码相同则取该值，否则为 1

帮助主题，用 `scfctl help TOPIC` 查看：
  inputs, config, exit-codes, credentials, rollout, gates

无需账号即可试用：
  scfctl deploy --local --target examples/hello --publish"
);

const INIT: &str = "\
示例：
  新建示例函数          scfctl init --runtime Python3.9
  由已有的函数生成      scfctl init --from-function api --target api
  由旧格式的文件转换    scfctl init --from-file old.yml --target new";

const INIT_NOTES: &str = "\
不会覆盖任何文件：已有 serverless.yml、.yaml、.json 或其他同名文件时拒绝执行
（退出码 2）。
--from-function 写出的文件再次部署时不产生任何改动：配置、触发器、$DEFAULT 的
流量分配（`traffic`）或唯一的自定义别名，以及代码包 code.zip。文件无法表达的
内容（例如含有 ${ 的值）在 stderr 上列出，并保持不变。像密钥的环境变量写入
.env（权限 600）并以引用代替；已有的 .env 必须已经包含它们。
--from-file 可读取最早的组件格式、`component: '@serverless/tencent-scf'`，以及
插件的 `service` 与 `provider: tencent`；有多个组件时各写入一个目录。
运行环境：Nodejs18.15、Nodejs20.19、Php8.0、Python3.9、Python3.10";

const DOCTOR: &str = "\
示例：
  查看命令会遇到的问题    scfctl doctor
  供脚本使用              scfctl doctor --output json";

const DOCTOR_NOTES: &str = "\
检查 serverless.yml、地域、凭证（不显示内容）、.env 文件、代理、DNS、证书、
时钟、密钥可以读取的内容和配额，每行都说明如何处理。修改类权限无法通过读取来
检查。没有失败时退出码为 0，否则为第一个失败的退出码（密钥和权限为 4）。没有密钥
时不发起任何调用。
参数：function、namespace、region";

const COMPLETION: &str = "\
示例：
  scfctl completion bash";

const COMPLETION_NOTES: &str = "\
输出一段脚本，使 shell 能够补全命令、选项、参数，以及函数、别名和版本的名称
（查询不超过 300 ms）：
  bash：写入 ~/.bashrc         source <(scfctl completion bash)
  zsh：写在 compinit 之后      source <(scfctl completion zsh)
  fish：写入 config.fish       source (scfctl completion fish | psub)
  PowerShell：写入 $PROFILE    &scfctl completion powershell |
                                 Out-String | Invoke-Expression
  elvish：写入 rc.elv          eval (scfctl completion elvish | slurp)";

const DEPLOY: &str = "\
示例：
  将新代码部署到 $LATEST       scfctl deploy
  $DEFAULT 的 10% 切到新代码   scfctl deploy --traffic 0.1
  固化为版本 N+1               scfctl deploy --publish --traffic 0
  查看将要进行的调用           scfctl deploy --dry-run --traffic 0.1";

const DEPLOY_NOTES: &str = "\
参数：serverless.yml 中 `inputs` 的键，每个写成 key=value：
  scfctl deploy --inputs traffic=0.1 memorySize=256
写了 `events` 时，文件所列版本和别名上的触发器以文件为准。
在子目录含有实例的目录中运行时，部署其中全部实例，按 ${output:...} 的依赖顺序；
--target DIR 只部署一个。一个实例失败时，只停止依赖它的实例。";

const APPLY: &str = "\
示例：
  scfctl deploy --publish --traffic 0.1 --plan plan.json
  scfctl apply plan.json";

const APPLY_NOTES: &str = "\
执行前会重新读取全部内容。输入、代码、函数、版本、别名或触发器与计划时不同时，
不发送任何请求（退出码 5），并列出变化。环境、目录和部署的所有选项以计划为准。
计划完成后再次执行不会做任何改动。";

const PACKAGE: &str = "\
示例：
  将上传的代码包的大小和哈希    scfctl package
  其中的文件                    scfctl package --list
  zip 文件本身                  scfctl package --out code.zip";

const INPUTS_NOTES: &str = "\
参数：serverless.yml 中 `inputs` 的键，每个写成 key=value";

const CONFIG: &str = "\
示例：
  scfctl config --stage prod";

const LOCAL: &str = "\
示例：
  scfctl local serve --listen 127.0.0.1:9000 --state scf.json";

const SERVE_NOTES: &str = "\
密钥取自环境变量或 --profile；都没有时，每次运行生成一对并显示出来。此时服务还
接受 AKIDscfctlLocalExample / scfctlLocalExampleKey，供示例和脚本使用，但仅限
本机，且只能放在 Authorization 头中。

拒绝浏览器页面的请求（带 Origin，或 Sec-Fetch-Site 不是 none），也拒绝发往其他
主机的请求：只接受本机、COS（<bucket>.cos.<region>.myqcloud.com）和 --allow-host
指定的主机。限制：256 个连接；请求头和请求体的每一部分 30 秒；已签名的请求体
10 MB，密钥确认之前 1 MB；已签名的对象 600 MB。";

const LOAD: &str = "\
示例：
  出错的版本    scfctl local load --rate 600/min --version '2: errors=5%'
  当前设置      scfctl local load
  停止调用      scfctl local load --clear";

const LOAD_NOTES: &str = "\
作用于 --local 的状态；指定 --endpoint 时，作用于 `local serve` 的服务。每次
调用按当时别名的权重和规则分配到版本。未指定的设置保持不变。新的负载视为已
持续一小时。";

const INVOKE: &str = "\
示例：
  带参数调用 $LATEST    scfctl invoke --data '{\"key\": \"value\"}'
  由别名选择版本        scfctl invoke --alias prod --path event.json
  参数来自管道          cat event.json | scfctl invoke --path -";

const INVOKE_NOTES: &str = "\
不写 --function 时，使用 serverless.yml 中的函数。函数的返回值原样输出到
stdout，日志和调用信息输出到 stderr。函数执行失败时退出码为 9。可能已经执行的
调用不会重试。短选项与 `sls` 相同：-d、-p、-q、-f（--function）、
-n（--namespace）、-r（--region）
参数：function、event、qualifier、alias、namespace、region：
  scfctl invoke --inputs function=my-function event='{\"key\": \"value\"}'";

const VERIFY_SPLIT: &str = "\
示例：
  由日志      scfctl verify-split --alias prod -n 2000 --yes
  由返回值    scfctl verify-split --alias prod --yes --version-at /version";

const VERIFY_SPLIT_NOTES: &str = "\
不写 --function 时，使用 serverless.yml 中的函数。该命令会真实调用函数。服务端
不说明由哪个版本应答：由日志，或由函数返回的 SCF_FUNCTIONVERSION 得知。每个占比
给出一个区间；设置无误却被判为不符的概率，不超过 1 减去置信度。
退出码：0 相符，11 不符，5 期间被修改，1 无法得知。
参数：function、alias、event、namespace、region：
  scfctl verify-split --yes --inputs function=my-function alias=prod";

const LOGS: &str = "\
示例：
  最近一小时的错误    scfctl logs --since 1h --level ERROR
  持续显示灰度版本    scfctl logs --canary --follow
  某一次调用          scfctl logs --request-id 4ab7089f --since 1d";

const LOGS_NOTES: &str = "\
不写 --function 时，使用 serverless.yml 中的函数。未指定版本时显示所有版本的
日志，每行带有北京时间、版本和请求标识的第一段；--output ndjson 每行输出一个
JSON。
短选项与 `sls` 相同：-q、-t、-i、-f（--function）、-n（--namespace）、
-r（--region）；--startTime 即 --since。
参数：function、qualifier、alias、requestId、level、since、namespace、region：
  scfctl logs --inputs function=my-function qualifier=2 since=30m";

const METRIC: &str = "\
示例：
  灰度版本与基线对比    scfctl metric --version 1,2
  最近一小时的错误      scfctl metric --metric Error --interval 1h";

const METRIC_NOTES: &str = "\
不指定 --function 时，使用 serverless.yml 中的函数；不指定 --version 和
--alias 时，统计函数的全部调用。在终端上显示图表，否则显示表格。
参数：function、metric、version、alias、period、interval、startTime、endTime、
  namespace、region：
  scfctl metric --inputs function=my-function metric=Invocation period=60
指标：Invocation、Error、Duration、Throttle、FunctionErrorPercentage、
  ServerErrorPercentage、Http2xx、Http4xx、Http432、Http433、Http434、Syserr、
  ConcurrentExecutions、ConfigMem、Mem、MemDuration、OutFlow
时间没有时区偏移时，为北京时间（UTC+8）。最近一两分钟的数值可能还会上升。";

const LIST_VER: &str = "\
示例：
  scfctl list-ver --function my-function";

const LIST_VER_NOTES: &str = "\
不写 --function 时，使用 serverless.yml 中的函数。
参数：function、namespace、region";

const STATUS: &str = "\
示例：
  当前目录的函数          scfctl status
  一个别名及其灰度发布    scfctl status --alias prod";

const STATUS_NOTES: &str = "\
不写 --function 时，使用 serverless.yml 中的函数。在子目录含有实例的目录中，或
文件中有多个函数时，在一张表中显示全部。
参数：function（多个函数时为其中一个的键）、alias、namespace、region
无法读取的部分（监控、触发器、预置实例）会说明原因，其余照常显示。版本的时间为
服务端给出的时间。";

const REMOVE: &str = "\
示例：
  查看将要删除的内容    scfctl remove --dry-run
  函数                  scfctl remove --yes
  一个版本              scfctl remove --version 3 --yes";

const REMOVE_NOTES: &str = "\
不写 --function 时，删除 serverless.yml 中的函数及其触发器、版本和别名。在子目录
含有实例的目录中，或文件中有多个函数时，删除全部函数，先删除依赖其他实例输出的。
已不存在的视为删除成功（退出码 0）。在终端中会询问；其他情况下需要 --yes 或
SCFCTL_YES=1。别名、触发器、预置实例或灰度发布正在使用的版本不会删除（退出码
5）。日志主题和 COS 中的代码包会保留。
参数：function、version、alias、namespace、region";

const VERSIONS: &str = "\
示例：
  scfctl versions prune --keep 5 --dry-run";

const VERSIONS_PRUNE: &str = "\
示例：
  查看将要删除的内容    scfctl versions prune --keep 5 --dry-run
  在流水线中            scfctl versions prune --keep 5 --yes";

const VERSIONS_PRUNE_NOTES: &str = "\
不写 --function 时，使用 serverless.yml 中的函数。保留最新的版本，以及别名所指的
（不论权重，包括匹配规则）、灰度发布涉及的、回滚要用的、触发器绑定的和有预置实例
的版本；结果说明每个版本保留的原因。版本号不会再次使用。无法得知谁按版本号直接调
用：请看 `scfctl metric`。在终端中会询问；其他情况下需要 --yes 或
SCFCTL_YES=1。
参数：function、namespace、region";

const PUBLISH_VER: &str = "\
示例：
  scfctl publish-ver --function my-function --description 'release 4'
  scfctl publish-ver --function my-function --if-changed";

const PUBLISH_VER_NOTES: &str = "\
不指定 --function 时，使用 serverless.yml 中的函数。
参数：function、description、namespace、region";

const CREATE_ALIAS: &str = "\
示例：
  全部到 1    scfctl create-alias --alias prod --version 1
  10% 到 2    scfctl create-alias --alias prod --version 1 --weight 2=0.1";

const CREATE_ALIAS_NOTES: &str = r#"不指定 --function 时，使用 serverless.yml 中的函数。
参数：name、function、version（主版本）、config、description、
  namespace、region：
  scfctl create-alias --inputs name=prod function=my-function version=1 \
    config='{"weights":{"2":0.1}}'
不指定权重时，全部流量指向主版本。"#;

const UPDATE_ALIAS: &str = "\
示例：
  10% 到 2      scfctl update-alias --alias prod --version 1 --weight 2=0.1
  全部到 2      scfctl update-alias --alias prod --version 2 --no-weights
  到 $LATEST    scfctl update-alias --alias prod --version '$LATEST'";

const UPDATE_ALIAS_NOTES: &str = r#"不指定 --function 时，使用 serverless.yml 中的函数。
参数：name、function、version（主版本）、config、description、
  namespace、region：
  scfctl update-alias --inputs name=prod function=my-function version=1 \
    config='{"weights":{"2":0.1}}'
不指定权重时，保留现有权重。"#;

const LIST_ALIAS: &str = "\
示例：
  scfctl list-alias --function my-function";

const LIST_ALIAS_NOTES: &str = "\
不指定 --function 时，使用 serverless.yml 中的函数。
参数：function、name（只列出该别名）、version（只列出使用该版本的别名）、
  namespace、region";

const DELETE_ALIAS: &str = "\
示例：
  scfctl delete-alias --function my-function --alias prod";

const DELETE_ALIAS_NOTES: &str = "\
不指定 --function 时，使用 serverless.yml 中的函数。
参数：name、function、namespace、region
绑定了触发器的别名，只有用 --force 才会删除。";

const ROLLOUT: &str = "\
示例：
  scfctl rollout start --alias prod --to 5 --steps 10%:10m,50%:pause,100%
  scfctl rollout status --alias prod
  scfctl rollout abort --alias prod";

const ROLLOUT_NOTES: &str = "\
不指定 --function 时，使用 serverless.yml 中的函数。灰度发布的状态保存在别名
的描述中：在任何机器上都可以继续。
参数：function、namespace、region";

const ROLLOUT_START: &str = "\
示例：
  $DEFAULT 到 $LATEST   scfctl rollout start
  别名 prod 到 5        scfctl rollout start --alias prod --to 5
  交给定时任务          scfctl rollout start --alias prod --publish --detach";

const ROLLOUT_START_NOTES: &str = "\
--alias、--to、--publish、--notify 以及步骤、检查项和应对方式的选项都可以写在
serverless.yml 的 `inputs` 下的 `rollout` 中：onNoData: continue。
不指定步骤时：10%,50%,90%,100%，每步 10 分钟。不指定检查项时：错误率不超过
基线版本的 1.1 倍加 0.05 个百分点。
结束后别名只指向新版本。退出码：0 完成，7 已回滚，8 已暂停。
参数：function、namespace、region";

const ROLLOUT_TICK: &str = "\
示例：
  由 cron 每分钟执行    scfctl rollout tick --alias prod";

const ROLLOUT_STATUS: &str = "\
示例：
  scfctl rollout status --alias prod --output json";

const ROLLOUT_PAUSE: &str = "\
示例：
  scfctl rollout pause --alias prod";

const ROLLOUT_RESUME: &str = "\
示例：
  scfctl rollout resume --alias prod";

const ROLLOUT_PROMOTE: &str = "\
示例：
  下一步                scfctl rollout promote --alias prod --expect-step 2
  最后一步              scfctl rollout promote --alias prod --full";

const ROLLOUT_ABORT: &str = "\
示例：
  scfctl rollout abort --alias prod";

const ROLLOUT_RETRY: &str = "\
示例：
  scfctl rollout retry --alias prod";

const ROLLOUT_REHEARSE: &str = "\
示例：
  scfctl rollout rehearse --scenario errors-at-50% --repeat 1000
  scfctl rollout rehearse --scenario may12.json --max-error-rate 2%";

const ROLLOUT_REHEARSE_NOTES: &str = "\
读取别名，在副本上用虚拟时间执行完全相同的判定。不运行 --gate-cmd 的命令；计划
暂停的地方立即继续。对于录制的数据，只有检查项有效，不调用任何服务
（docs/zh/rehearse.md）。只要演练完成，退出码就是 0：结果见输出。
参数：function、namespace、region";

const ROLLBACK: &str = "\
示例：
  回到之前的版本           scfctl rollback --alias prod
  回到指定版本             scfctl rollback --alias prod --to 4";

const ROLLBACK_NOTES: &str = "\
被撤下的版本记录在别名的描述中：`deploy --traffic` 不会再把流量切给它。
参数：function、namespace、region";

/// Every command.
pub(crate) const COMMANDS: &[CommandHelp] = &[
    CommandHelp::new("", "腾讯云云函数（SCF）的灰度发布工具").after(TRY).after_long(PROGRAM),
    CommandHelp::new("deploy", "部署到 $LATEST，发布版本，并切换流量")
        .before(DEPLOY)
        .after_long(DEPLOY_NOTES),
    CommandHelp::new("publish-ver", "将 $LATEST 发布为新版本，不部署")
        .before(PUBLISH_VER)
        .after_long(PUBLISH_VER_NOTES),
    CommandHelp::new("create-alias", "创建别名")
        .before(CREATE_ALIAS)
        .after_long(CREATE_ALIAS_NOTES),
    CommandHelp::new("update-alias", "修改别名的流量配置")
        .before(UPDATE_ALIAS)
        .after_long(UPDATE_ALIAS_NOTES),
    CommandHelp::new("list-alias", "列出函数的别名及其权重")
        .before(LIST_ALIAS)
        .after_long(LIST_ALIAS_NOTES),
    CommandHelp::new("delete-alias", "删除别名，保留其版本")
        .before(DELETE_ALIAS)
        .after_long(DELETE_ALIAS_NOTES),
    CommandHelp::new("list-ver", "列出函数的版本，最新的在前")
        .before(LIST_VER)
        .after_long(LIST_VER_NOTES),
    CommandHelp::new("status", "显示函数的版本、别名、触发器和灰度发布")
        .before(STATUS)
        .after_long(STATUS_NOTES),
    CommandHelp::new("metric", "显示版本或别名的调用次数、错误和运行时间")
        .before(METRIC)
        .after_long(METRIC_NOTES),
    CommandHelp::new("logs", "显示函数的日志").before(LOGS).after_long(LOGS_NOTES),
    CommandHelp::new("invoke", "调用函数并输出其返回值").before(INVOKE).after_long(INVOKE_NOTES),
    CommandHelp::new("verify-split", "多次调用别名，检查实际流量是否与设置相符")
        .before(VERIFY_SPLIT)
        .after_long(VERIFY_SPLIT_NOTES),
    CommandHelp::new("remove", "删除函数及其全部内容，或一个版本、一个别名")
        .before(REMOVE)
        .after_long(REMOVE_NOTES),
    CommandHelp::new("versions", "函数的旧版本").after(VERSIONS),
    CommandHelp::new("versions prune", "删除未被使用的旧版本")
        .before(VERSIONS_PRUNE)
        .after_long(VERSIONS_PRUNE_NOTES),
    CommandHelp::new("rollout", "逐步把流量切到新版本，并在过程中判定是否继续").after(ROLLOUT),
    CommandHelp::new("rollout start", "逐步提高新版本的权重，并在过程中判定是否继续")
        .before(ROLLOUT_START)
        .after_long(ROLLOUT_START_NOTES),
    CommandHelp::new("rollout tick", "查看一次、决定一次、最多写入一次：供 cron 和流水线使用")
        .before(ROLLOUT_TICK)
        .after_long(ROLLOUT_NOTES),
    CommandHelp::new("rollout status", "显示灰度发布的进度和判定结果，不做任何修改")
        .before(ROLLOUT_STATUS)
        .after_long(ROLLOUT_NOTES),
    CommandHelp::new("rollout pause", "停在当前步骤，直到执行 `resume`")
        .before(ROLLOUT_PAUSE)
        .after_long(ROLLOUT_NOTES),
    CommandHelp::new("rollout resume", "继续；停在计划中的暂停处时，进入下一步")
        .before(ROLLOUT_RESUME)
        .after_long(ROLLOUT_NOTES),
    CommandHelp::new("rollout promote", "立即进入下一步")
        .before(ROLLOUT_PROMOTE)
        .after_long(ROLLOUT_NOTES),
    CommandHelp::new("rollout abort", "一次写入，全部流量回到原版本")
        .before(ROLLOUT_ABORT)
        .after_long(ROLLOUT_NOTES),
    CommandHelp::new("rollout retry", "用同样的选项从第一步重新开始")
        .before(ROLLOUT_RETRY)
        .after_long(ROLLOUT_NOTES),
    CommandHelp::new("rollout rehearse", "在内存中用别名的副本和模拟流量演练，不做任何修改")
        .before(ROLLOUT_REHEARSE)
        .after_long(ROLLOUT_REHEARSE_NOTES),
    CommandHelp::new("rollback", "一次写入，全部流量回到之前的版本")
        .before(ROLLBACK)
        .after_long(ROLLBACK_NOTES),
    CommandHelp::new("apply", "执行 deploy --plan 保存的计划")
        .before(APPLY)
        .after_long(APPLY_NOTES),
    CommandHelp::new("package", "生成或列出 deploy 将上传的代码包，不调用任何接口")
        .before(PACKAGE)
        .after_long(INPUTS_NOTES),
    CommandHelp::new("config", "显示文件、变量和参数的最终结果，不调用任何接口")
        .before(CONFIG)
        .after_long(INPUTS_NOTES),
    CommandHelp::new("init", "新建 serverless.yml：由函数、运行环境或旧格式生成")
        .before(INIT)
        .after_long(INIT_NOTES),
    CommandHelp::new("doctor", "检查文件、密钥、网络和权限，只读不写")
        .before(DOCTOR)
        .after_long(DOCTOR_NOTES),
    CommandHelp::new("completion", "输出 shell 的补全脚本")
        .before(COMPLETION)
        .after_long(COMPLETION_NOTES),
    CommandHelp::new("local", "本程序内置的 SCF").after(LOCAL),
    CommandHelp::new("local serve", "在本机提供 SCF API，直到被中断")
        .before(LOCAL)
        .after_long(SERVE_NOTES),
    CommandHelp::new("local load", "产生模拟调用，供查看指标和灰度发布使用")
        .before(LOAD)
        .after_long(LOAD_NOTES),
];

/// Every option.
pub(crate) const OPTIONS: &[OptionHelp] = &[
    of_all("alias", "别名名称"),
    of_all("name", "同 --alias"),
    of(
        &[
            "rollout start",
            "rollout tick",
            "rollout status",
            "rollout pause",
            "rollout resume",
            "rollout promote",
            "rollout abort",
            "rollout retry",
            "rollout rehearse",
            "rollback",
        ],
        "alias",
        "别名 [默认：serverless.yml 中的，否则 $DEFAULT]\n\n在文件中为 `rollout` 下的 `alias`，没有则为 `aliasName`。",
    ),
    of(&["deploy"], "alias", "要切换流量的别名，代替 $DEFAULT"),
    of(&["list-alias"], "alias", "只列出该别名"),
    of(&["status"], "alias", "只显示该别名"),
    of_all(
        "watch",
        "持续查看；按键可暂停、推进、中止灰度发布\n\n输出不是终端时，每次变化输出一行。",
    ),
    of_all(
        "wait",
        "等待灰度发布：done、paused 或 step=N\n\n最多等待 --timeout 的时间。退出码：0 已达到，6 超时，7 已回滚，\n8 已暂停。",
    ),
    of(&["metric"], "alias", "通过该别名的调用"),
    of(&["remove"], "alias", "只删除该别名，保留其版本"),
    of(&["remove"], "version", "只删除该已发布的版本"),
    of(&["remove"], "force", "与 --alias 合用：即使有触发器绑定到该别名也删除"),
    of(&["remove"], "end_rollout", "结束别名正在进行的灰度发布"),
    of_all("yes", "不询问，直接删除；无法询问时必须给出"),
    of(&["versions prune"], "keep", "保留多少个最新的版本，至少 1 个；必须给出"),
    of(&["local load"], "alias", "被调用的别名 [默认：$DEFAULT]"),
    of(&["invoke"], "alias", "别名：由其权重和匹配规则选择版本"),
    of(&["invoke"], "qualifier", "版本或别名，也可写 -q [默认：$LATEST]"),
    of(&["invoke", "verify-split"], "timeout", "每次调用的时限：秒数，或 90s、5m"),
    of(&["logs"], "alias", "只显示通过该别名的调用"),
    of(&["logs"], "qualifier", "只显示该版本，也可写 -q"),
    of_all("request_id", "只显示该次调用：请求标识或其第一段"),
    of_all("level", "只显示该级别：ERROR、INFO 等"),
    of_all(
        "since",
        "从何时开始：30s、1h30m，或某个时间 [默认：10m]\n\n持续显示（--follow）时默认为 1m。没有写时区偏移的时间为北京时间。",
    ),
    of(&["logs"], "follow", "持续显示新的日志；也可写 -t\n\n直到被中断。"),
    of_all(
        "canary",
        "只显示正在灰度发布的版本\n\n取 --alias 所指别名的，否则取唯一正在灰度发布的别名的。",
    ),
    of(&["logs"], "interval", "两次查询的间隔，单位毫秒 [默认：2000]"),
    of_all(
        "overlap",
        "使用 --follow 时，日志最多晚到多久仍会显示 [默认：90s]\n\n比最新一行晚到更久的日志会被遗漏。",
    ),
    of(&["invoke"], "repeat", "依次调用的次数"),
    of(&["verify-split"], "alias", "别名 [默认：$DEFAULT]"),
    of_all("calls", "调用次数"),
    of(&["verify-split"], "yes", "确认要调用函数这么多次"),
    of(&["verify-split"], "data", "每次调用的参数（JSON）[默认：{}]"),
    of(&["verify-split"], "path", "调用参数所在的文件，- 表示标准输入"),
    of_all("version_at", "返回值中版本的位置：/version [默认：由日志得知]"),
    of(&["verify-split"], "confidence", "结论的置信度：95%、99%"),
    of(&["verify-split"], "concurrency", "同时进行的调用数量上限"),
    of_all("wait_logs", "最多等待日志多久"),
    of_all("data", "调用参数（JSON），也可写 -d [默认：{}]"),
    of_all("path", "调用参数所在的文件，- 表示标准输入；也可写 -p"),
    of_all("routing_key", "别名的匹配规则所用的键值，可重复"),
    of_all("asynchronous", "不等待返回值"),
    of_all("version", "主版本，承接其余流量"),
    of(&["list-alias"], "version", "只列出使用该版本的别名"),
    of(&["metric"], "version", "版本，分别统计"),
    of(
        &["local load"],
        "version",
        "版本的表现：'2: errors=5%'；可重复\n\n例如 '2: errors=5%, duration=30ms'。errors：失败调用的比例；\nbursts：一分钟内失败的相关性，0 到 1；\nduration：平均运行时间；spread：标准差与平均值之比；\nthrottled：被限流的比例；above：仅当版本达到该权重时；\nafter：从现在起多久之后。",
    ),
    of_all("weight", "另一个版本及其权重，例如 2=0.1"),
    of_all("no_weights", "全部流量指向主版本"),
    of_all("description", "别名的描述"),
    of(&["publish-ver"], "description", "版本的描述"),
    of_all("force", "同时替换匹配规则"),
    of(&["deploy"], "force", "即使没有变化也上传代码和配置，并替换匹配规则"),
    of(&["delete-alias"], "force", "即使有触发器绑定到该别名也删除"),
    of(&["package"], "force", "同 --noCache"),
    of_all("dry_run", "显示将要进行的调用和改动，只读不写"),
    of(
        &["deploy"],
        "plan",
        "显示同样的内容并保存为计划，由 apply 原样执行，否则完全不执行\n\n计划中没有密钥，只有它们以及所读内容的摘要。",
    ),
    of(&["apply"], "plan", "计划文件"),
    of(
        &["deploy"],
        "detailed_exitcode",
        "与 --dry-run 或 --plan 同用：有改动时退出码为 10，没有时为 0",
    ),
    of_all("detailed_exitcode", "与 --dry-run 同用：有需要进行的改动时退出码为 10，没有时为 0"),
    of_all("local", "使用本进程内的 SCF，无需账号\n\n状态保存在 .scfctl/local.json 中。"),
    of(&["config", "package"], "local", "与其他命令保持一致；本命令不调用任何接口"),
    of_all("endpoint", "API 地址 [默认：$SCFCTL_ENDPOINT，否则 scf.tencentcloudapi.com]"),
    of_all("insecure_http", "允许使用其他机器上的 http:// 地址"),
    of_all("timeout", "总时限：秒数，或 90s、5m"),
    of_all(
        "profile",
        "sls、tccli 或 SDK 凭证文件中的配置名，优先于环境变量\n[默认：$TENCENT_CREDENTIALS_PROFILE，否则 default]",
    ),
    of_all(
        "function",
        "函数名称 [默认：serverless.yml 中的函数]\n\n用 deploy 和 package 处理多个函数时，指定其中一个的键。",
    ),
    of_all("namespace", "函数的命名空间"),
    of_all(
        "region",
        "地域 [默认：`inputs.region`，否则 $TENCENTCLOUD_REGION，\n否则 ap-guangzhou]",
    ),
    of_all("respect_gitignore", "同时排除 .gitignore 所列的内容"),
    of_all("no_cache", "重新读取每个文件，不使用之前的记录"),
    of_all("no_validation", "普通配置项有误时只警告，由服务端判断"),
    of_all(
        "stage",
        "环境；决定读取哪个 .env.<STAGE>\n\n默认：serverless.yml 的 `stage`，否则 $STAGE，否则 dev。",
    ),
    of_all("from_function", "描述该函数，使再次部署不产生任何改动"),
    of_all("from_file", "将该旧格式的文件转换为现在的格式"),
    of_all("runtime", "新建该运行环境的函数，例如 Python3.9"),
    of(&["init"], "name", "新实例的名称 [默认：目录的名称]"),
    of(&["init"], "target", "写入的目录，可以是新目录"),
    of(&["init"], "region", "函数的地域"),
    of_all("target", "项目目录"),
    of_all("inputs", "参数，每个写成 key=value\n\n优先于 serverless.yml 中的值，可以连续写多个。"),
    of_all("app", "应用，优先于文件中的值"),
    of_all("org", "组织，优先于文件中的值"),
    of_all("parameters", "${param:NAME} 的值 [默认：$SCFCTL_PARAM_NAME]；可重复"),
    of_all(
        "output_values",
        "${output:STAGE:APP:NAME.KEY} 的值；不指定 STAGE:（即\nAPP.NAME.KEY）时表示本次运行的环境；可重复",
    ),
    of_all(
        "output_values_file",
        "YAML 或 JSON 文件中的这类值：`STAGE:APP:NAME.KEY: VALUE`\n[默认：$SCFCTL_OUTPUT_VALUES]",
    ),
    of_all("if_changed", "只在与最新版本不同时发布"),
    of_all(
        "run_id",
        "本次运行的标识：重复运行时不会重复发布\n\n用同一标识重复运行时，沿用之前发布的版本。\n默认：$SCFCTL_RUN_ID，否则随机生成。",
    ),
    of_all(
        "output",
        "结果的格式：text 或 json\n\n`rollout start`、`tick`、`rehearse`、`deploy --rollout` 和 `logs`\n还有 ndjson：每个事件一行。",
    ),
    of_all(
        "lang",
        "帮助、提示、错误和结果中语句的语言；JSON 不随之变化\n[默认：由 $LC_ALL、$LC_MESSAGES 或 $LANG 决定]",
    ),
    of_all(
        "colours",
        "颜色：auto（仅终端）、always 或 never\n\nauto 还取决于 $NO_COLOR、$CLICOLOR_FORCE 和 $TERM。JSON 没有颜色。",
    ),
    of_all("verbose", "在 stderr 上显示更多：每次重试"),
    of_all("quiet", "stderr 上只显示错误、警告和新内容的流量去向，\n不显示步骤和其他提示"),
    of_all("debug", "在 stderr 上显示每次调用的详情"),
    of_all("traffic", "$LATEST 的流量权重，其余由最新版本承接"),
    of_all("publish", "将部署的内容发布为版本"),
    of_all("qualifier", "`provisionedNum` 为哪个版本配置预置实例"),
    of_all("skip_unsupported_triggers", "事件类型已下线（apigw、cmq）时，仍部署其余内容"),
    of_all("prune_triggers", "从所有版本和别名中删除文件中没有的触发器"),
    of_all("concurrency", "同时部署的函数数量上限"),
    of_all("package", "原样部署该 zip，代替 `src`\n\n`package --out` 可以生成，并给出其哈希。"),
    of_all("sha256", "仅当 zip 的哈希为该值时"),
    of_all("out", "将代码包写入该文件\n\n已存在且不是普通文件的目标（例如管道）会被直接写入。"),
    of_all(
        "reports",
        "将报告写入该文件：页面 .html、数据 .json 或 JUnit .xml；可重复\n\n灰度发布以失败告终或被中断时同样写出。已存在且不是普通文件的目标\n（例如管道）会被直接写入。",
    ),
    of_all("list", "列出其中的文件及权限、大小和哈希"),
    of_all("show_values", "同时显示环境变量的值，以及其他含有敏感信息的值"),
    of_all("listen", "监听地址 [默认：127.0.0.1:0]\n\n端口 0 表示任一空闲端口。"),
    of_all("state", "保存状态的文件\n\n不指定时，状态随服务结束而丢失。"),
    of_all(
        "run",
        "调用函数时运行其 Python 或 Node.js 代码\n\n在本用户的进程中运行，没有沙箱；仅限本机，且不接受示例密钥。\n不指定时，调用只返回所到达的版本。",
    ),
    of_all("latency", "每次应答前的延迟，单位毫秒"),
    of_all(
        "transition",
        "函数处于变更中的时间，单位毫秒\n\n即状态为 Creating、Updating 或 Publishing 的时间。",
    ),
    of(&["local load"], "rate", "别名的调用频率：600/min、10/s、36000/h"),
    of_all("monitor", "监控数据的偏差：'delay=2m, lost=2%'"),
    of_all("matching", "请求头符合别名匹配规则的调用所占比例"),
    of_all("seed", "产生同一类型的另一组调用；用于新的负载"),
    of(&["rollout rehearse"], "seed", "产生同一类型的另一组调用 [默认：1]"),
    of_all(
        "scenario",
        "流量场景：名称或文件\n\n名称：healthy（默认）、errors-at-50%、slow、no-traffic、flapping。",
    ),
    of_all("repeat", "演练次数，随机种子依次加一"),
    of_all("clear", "停止负载，并清除它留下的监控数据"),
    of_all("end_rollout", "在同一次写入中结束该别名的灰度发布"),
    of(
        &["deploy"],
        "rollout",
        "部署后按 `rollout` 配置逐步发布，同 `rollout start`\n\n指定 --rollout=detach 时只执行第一步，其余交给 `rollout tick`。",
    ),
    of(
        &["rollout start", "rollout rehearse"],
        "to",
        "新版本：版本号、'$LATEST' 或 latest-published\n\n默认：$DEFAULT 为 $LATEST，其他别名为 latest-published。",
    ),
    of(&["rollback"], "to", "承接全部流量的版本 [默认：上一个承接的版本]"),
    of(&["rollout start", "rollout rehearse"], "publish", "先发布 $LATEST，再逐步切到该版本"),
    of_all("steps", "步骤，每步为权重和时长：10%:10m,50%:pause,100%"),
    of(&["rollout start", "rollout rehearse"], "interval", "未指定时长的步骤的时长 [默认：10m]"),
    of_all(
        "preset",
        "AWS SAM 的计划名称：Canary10Percent5Minutes、\nLinear10PercentEvery1Minute、AllAtOnce",
    ),
    of_all("bake", "100% 之后的观察时长 [默认：同 --interval]"),
    of_all("no_freeze", "结束后全部流量留在 $LATEST，不发布版本"),
    of_all("detach", "只执行第一步，其余交给 `rollout tick`"),
    of_all("project", "项目中的所有函数，各步同步推进；一个函数回退，全部回退"),
    of(&["rollout start"], "run_id", "本次运行的名称；同一名称下只开始一次、只发布一次版本"),
    of_all("follow", "持续执行，直到结束或暂停"),
    of_all("full", "直接到最后一步，该步仍保持其时长"),
    of_all("expect_step", "仅当处于该步骤时才执行，从 1 算起"),
    of_all("max_error_rate_increase", "相对基线版本的错误率上限：0.5%、\n1.5x、1.1x+0.05%（默认）"),
    of_all("max_error_rate", "错误率上限：2%"),
    of_all("max_duration_increase", "平均运行时间相对基线版本的增幅上限：20%"),
    of_all("max_throttles", "每一步中被限流的调用次数上限"),
    of_all("min_invocations", "按时间判定之前，每一步中新版本的最少调用次数 [默认：50]"),
    of_all("confidence", "整个灰度发布中判定失败的置信度 [默认：99%]"),
    of_all("dispersion", "错误的聚集程度 [默认：由前一小时的数据得出]"),
    of_all("settle", "一分钟的数据经过多久才计入 [默认：3m]"),
    of_all("no_gates", "不做判定，只按时间推进"),
    of_all(
        "gate_cmd",
        "用于判定的命令：退出码 0 通过，1 失败，2 尚无结论\n\nSCFCTL_FUNCTION、_NAMESPACE、_REGION、_ALIAS、_ROLLOUT、_FROM、_TO、\n_WEIGHT、_STEP、_STEPS 和 _BEGAN 说明判定的对象。",
    ),
    of_all("gate_timeout", "该命令的时限 [默认：30s]"),
    of_all("prometheus", "Prometheus 的地址，代替云监控"),
    of_all(
        "query_calls_canary",
        "查询语句：新版本最近一分钟的调用次数；$function、$alias 和\n$version 代表对应的名称",
    ),
    of_all("query_error_canary", "查询语句：新版本失败的调用次数"),
    of_all("query_calls_baseline", "查询语句：原版本的调用次数"),
    of_all("query_error_baseline", "查询语句：原版本失败的调用次数"),
    of_all(
        "notify",
        "要通知的群机器人：类型及保存其地址的环境变量；可重复\n\n类型：wecom、dingtalk、feishu、slack、json。地址只写在环境变量中，\n不写在命令行上；签名用的密钥（如有）写在 VARIABLE_SECRET 中。",
    ),
    of_all("advance", "`early`：判定通过后立即进入下一步，不等时长结束"),
    of_all("require_pass", "只有判定通过才进入下一步"),
    of_all("on_fail", "判定失败时：rollback（默认）或 hold"),
    of_all("on_no_data", "步骤结束而数据不足时：hold（默认）、continue 或 rollback"),
    of_all("on_inconclusive", "步骤结束而没有结论时：hold（默认）或 continue"),
    of_all("deadline", "整个灰度发布的时限"),
    of_all("on_deadline", "超过该时限时：hold（默认）或 rollback"),
    of_all("on_interrupt", "本命令被中断时：hold（默认）或 rollback"),
    of_all("metric", "指标：Invocation、Error、Duration 等\n[默认：这些和 Throttle]"),
    of_all("interval", "查询多久以来：秒数，或 15m、3h、7d [默认：15m]"),
    of_all("period", "每个点的秒数：60、300、3600 或 86400\n\n默认：不超过 1440 个点的最小值。"),
    of_all("start_time", "开始时间（北京时间，UTC+8）：'2024-05-01 12:00:00'"),
    of_all("end_time", "结束时间（北京时间，UTC+8）[默认：现在]"),
    of_all(
        "rate",
        "每个接口每秒的调用次数，或 `documented`\n\n超出的调用返回 RequestLimitExceeded；\n`documented` 表示 API 文档中的限制。",
    ),
    of_all("shell", "shell 的名称"),
    of_all("behaviour", "API 文档未作规定之处的行为"),
    of_all("allow_host", "允许请求使用的主机名；可重复\n\n本机的主机名总是允许。"),
];

/// The texts of a command.
pub(crate) fn of_command(path: &str) -> Option<&'static CommandHelp> {
    COMMANDS.iter().find(|command| command.path == path)
}

/// The text of an option of a command.
pub(crate) fn of_option(command: &str, id: &str) -> Option<&'static OptionHelp> {
    let of = |is_meant: &dyn Fn(&OptionHelp) -> bool| {
        OPTIONS.iter().find(|option| option.id == id && is_meant(option))
    };
    of(&|option| option.commands.contains(&command))
        .or_else(|| of(&|option| option.commands.is_empty()))
}
