//! What `help TOPIC` says, in Chinese.

use super::help::exit_codes;

/// Name, what it is about, and text of each topic, as in `cli::topics`.
pub(crate) const TOPICS: &[(&str, &str, &str)] = &[
    ("inputs", "参数：--inputs 之后的 key=value", INPUTS),
    ("config", "各项设置的来源", CONFIG),
    ("exit-codes", "退出码的含义", EXIT_CODES),
    ("credentials", "凭证的查找顺序", CREDENTIALS),
    ("rollout", "灰度发布的过程", ROLLOUT),
    ("gates", "灰度发布的检查项", GATES),
];

const INPUTS: &str = "\
即 serverless.yml 中 `inputs` 的键，写法与 sls 相同：
  scfctl deploy --inputs traffic=0.1 memorySize=256
优先于文件中的值。--inputs 之后可以写任意多个，命令的选项写在前后均可。
常用参数也可以写成选项：
  scfctl deploy --traffic 0.1
  scfctl update-alias --alias prod --version 1 --weight 2=0.1
其他命令只有自己的几个参数，见各命令的 --help。

值依次按 JSON、逗号分隔的列表、数字解析，否则为文本。名称、版本和描述总是文本。
$LATEST 和 JSON 需要加引号：version='$LATEST' config='{\"weights\":{\"2\":0.1}}'。

没有写的键保持云端的值；写了空值（layers: []）则清空。以下情况在调用之前拒绝：
未知的键（会指出最接近的键）、重复的键、不是 key=value 形式的内容、
没有 --inputs 的键值对。

详见 docs/zh/command-line.md。";

const CONFIG: &str = "\
命令行优先于当前目录（或 --target 所指目录）的 serverless.yml，后者优先于上级
目录的文件（继承其中的 app、stage 和 inputs）。查看最终结果，不发起任何调用：
  scfctl config --stage prod

环境：--stage，否则文件中的值，否则 $STAGE，否则 dev。环境决定读取 .env.STAGE
还是 .env；取最近的一个，最多到项目的上两级目录。
地域：--region，否则 `inputs.region`，否则 $TENCENTCLOUD_REGION，否则凭证配置
中的地域，否则 ap-guangzhou。
函数：--function，否则 `inputs.name`，否则 NAME-STAGE-APP。
引用：${env:NAME}、${param:NAME}、${output:STAGE:APP:NAME.KEY}，逗号之后为默认值

环境变量：SCFCTL_ENDPOINT、SCFCTL_LOCAL（--local）、SCFCTL_RUN_ID（--run-id）、
SCFCTL_PARAM_NAME（--param）、SCFCTL_OUTPUT_VALUES（--output-values）、
SCFCTL_METADATA_ENDPOINT、HTTPS_PROXY、NO_PROXY、NO_COLOR、CLICOLOR_FORCE、
LC_ALL、LANG。

详见 docs/zh/configuration.md 和 docs/zh/network.md。";

const EXIT_CODES: &str = concat!(
    exit_codes!(),
    "
涉及多个函数时：失败的函数退出码相同则取该值，否则为 1。

使用 --output json 时，失败也输出一个 JSON 对象，其中的 `code` 供程序判断。
灰度发布停住或已回滚不是命令本身的错误，7 和 8 说明它的状态。130 和 143 不会留下
做了一半的改动：正在进行的改动会完成，不再开始下一个。

详见 docs/zh/exit-codes.md 和 docs/zh/errors.md。"
);

const CREDENTIALS: &str = "\
取第一个有密钥的来源；SecretId、SecretKey 和 Token 取自同一来源：
  1  环境变量：TENCENT_SECRET_ID、TENCENT_SECRET_KEY、TENCENT_TOKEN，或以
     TENCENTCLOUD_ 开头的同名变量
  2  项目的 .env：同样的名称
  3  ~/.serverless-tencent/credentials，由 sls 写入
  4  ~/.tccli/PROFILE.credential，由 tccli 写入：密钥、角色或登录
  5  ~/.tencentcloud/credentials，然后是 /etc/tencentcloud/credentials
  6  容器的角色（TKE_ROLE_ARN 等变量）
  7  云服务器的角色
--profile NAME 只读取 3 至 5。TENCENTCLOUD_ROLE_ARN 表示用环境变量中的密钥换取
该角色。临时密钥在运行期间自动续期。

查看使用哪个来源，不显示密钥：
  scfctl config
检查密钥是否有效、有哪些权限：
  scfctl doctor
没有密钥时，使用本程序内置的 SCF：
  scfctl deploy --local --target examples/hello

详见 docs/zh/credentials.md。";

const ROLLOUT: &str = "\
新版本在别名中的流量逐步增加；每分钟与旧版本比较一次，变差则退回。
  开始，并等到结束          scfctl rollout start --alias prod --to 5
  开始，其余交给定时任务    scfctl rollout start --alias prod --detach
  由定时任务每分钟执行      scfctl rollout tick --alias prod
  查看                      scfctl rollout status --alias prod
  暂停，继续                scfctl rollout pause --alias prod
                            scfctl rollout resume --alias prod
  立即进入下一步            scfctl rollout promote --alias prod
  一次写入，全部退回        scfctl rollout abort --alias prod
  重新开始                  scfctl rollout retry --alias prod
  在内存中演练              scfctl rollout rehearse --alias prod
没有灰度发布时，全部流量回到之前的版本：
  scfctl rollback --alias prod

状态保存在别名的描述中：任何机器都可以接着执行，同时运行多个 tick 也是安全的。
步骤用 --steps 10%:10m,50%:pause,100% 或 --preset 指定，也可写在 serverless.yml
的 `rollout` 中。退出码：0 完成，7 已回滚，8 停住。

详见 docs/zh/rollouts.md 和 docs/zh/rollout-marker.md。";

const GATES: &str = "\
没有指定检查项时使用 --max-error-rate-increase 1.1x+0.05%：在相同的时间里，
错误率不超过旧版本的 1.1 倍加 0.05 个百分点。
  --max-error-rate-increase   与旧版本相比的错误率
  --max-error-rate            错误率上限
  --max-duration-increase     与旧版本相比的平均运行时间
  --max-throttles             一步之内被限流的调用次数
  --gate-cmd, --gate-timeout  命令：退出码 0 通过，1 未通过，2 尚无定论
  --prometheus                代替云监控，同时需要四个查询：
    --query-calls-canary, --query-error-canary,
    --query-calls-baseline, --query-error-baseline
  --no-gates                  不做检查，只按时间推进
判定有多严：--confidence 99%、--min-invocations 50、--settle 3m、--dispersion。
无论查看多少次，误判正常版本的比例不超过 1%。

随后如何处理：--on-fail rollback、--on-no-data hold、--on-inconclusive hold、
--on-deadline hold（与 --deadline 同用）、--on-interrupt hold；--advance early
通过后立即进入下一步，--require-pass 只有通过才进入下一步。
可先用模拟流量演练：
  scfctl rollout rehearse --scenario errors-at-50% --repeat 100

详见 docs/zh/gates.md。";

#[cfg(test)]
mod tests {
    use super::super::assert_text_is_chinese;
    use super::*;

    #[test]
    fn every_sentence_is_chinese() {
        for (_, about, text) in TOPICS {
            assert_text_is_chinese(about);
            let is_prose = |line: &&str| !line.contains(" scfctl ");
            let prose: Vec<&str> = text.lines().filter(is_prose).collect();
            assert_text_is_chinese(&prose.join("\n"));
        }
    }
}
