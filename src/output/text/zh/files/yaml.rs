//! What is said of YAML and JSON. What a parser says in words of its own is quoted.

use crate::config::yaml::{
    DocumentError, Fault, JsonSyntax, MAX_BYTES, MAX_DEPTH, MAX_MERGED_KEYS, MAX_NODES, Problem,
    YamlSyntax,
};
use crate::output::Text;

impl Text for DocumentError {
    fn zh(&self) -> String {
        format!("第 {} 行第 {} 列：{}", self.line, self.column, self.problem.zh())
    }
}

impl Text for Problem {
    fn zh(&self) -> String {
        match self {
            Self::Yaml(words) => words.zh(),
            Self::Json(words) => words.zh(),
            Self::ControlCharacter => "不允许使用控制字符".to_owned(),
            Self::Tab => "行首有制表符".to_owned(),
            Self::EndOfFile => "文件意外结束".to_owned(),
            Self::EndOfValue => "值意外结束".to_owned(),
            Self::SecondDocument => "只能有一个文档，后面却还有另一个".to_owned(),
            Self::AliasInItself => "YAML 别名出现在它自己的锚点内".to_owned(),
            Self::TooDeep => format!("嵌套超过 {MAX_DEPTH} 层"),
            Self::AliasesTooDeep => format!("YAML 别名展开后嵌套超过 {MAX_DEPTH} 层"),
            Self::TooManyValues => format!("YAML 别名展开后超过 {MAX_NODES} 个值"),
            Self::TooManyBytes => format!("YAML 别名展开后文本超过 {MAX_BYTES} 字节"),
            Self::TooManyMerged => format!("`<<` 合并的键超过 {MAX_MERGED_KEYS} 个"),
            Self::Merge => "`<<` 的值必须是键值对或键值对的列表".to_owned(),
            Self::DuplicateKey { key } => format!("键 `{key}` 重复"),
            Self::Key => "键必须是标量或标量的列表".to_owned(),
            Self::NotOfTag { tag } => format!("值与标签 {tag} 不符"),
            Self::TagMisfit { tag } => format!("标签不适用于这种值：{tag}"),
            Self::UnknownTag { tag } => format!("未知的标签：{tag}"),
            Self::NotAPair => "不是一对键和值".to_owned(),
            Self::NotASinglePair => "不是单个键值对".to_owned(),
            Self::DuplicateInOrderedMap => "键重复".to_owned(),
            Self::ValueInSet => "集合中的键不能有值".to_owned(),
        }
    }
}

impl Text for YamlSyntax {
    fn zh(&self) -> String {
        match self {
            Self::FlowSequence => "`[…]` 中缺少 `,` 或 `]`",
            Self::FlowMapping => "`{…}` 中缺少 `,` 或 `}`",
            Self::FlowIndentation => "`[…]` 或 `{…}` 中的行缩进不足",
            Self::Bracket => "多了一个右括号",
            Self::BlockMapping | Self::Key => "这里应该是键",
            Self::BlockSequence => "这里应该是列表项（`- …`）",
            Self::SequenceEntry => "这里不能出现列表项（`- …`）",
            Self::MappingValue => "这里不能出现 `: `",
            Self::MappingKey => "这里不能出现键",
            Self::Colon => "这里不能出现 `:`",
            Self::BlankBehindColon => "`:` 后面要有空格",
            Self::KeyWithoutColon => "键的后面缺少 `:`",
            Self::Content => "这里应该是值",
            Self::BehindQuote | Self::BehindSingleQuote => "右引号后面还有内容",
            Self::QuoteToTheEnd => "直到文件结束引号都没有闭合",
            Self::QuotedIndentation => "引号中的行缩进不足",
            Self::Escape => "双引号中有无效的反斜杠转义",
            Self::EscapeDigits => "反斜杠转义缺少十六进制数字",
            Self::Anchor => "没有对应的锚点（`&…`）",
            Self::AnchorName => "`*` 或 `&` 后面缺少名称",
            Self::TagHandle => "标签的前缀没有声明",
            Self::Indentation => "缩进错误",
            Self::BlockTextIndentation => "`|` 或 `>` 文本中的行缩进错误",
            Self::BlockTextHeader => "`|` 或 `>` 的后面只能是注释或换行",
            Self::CommentWithin => "多行文本中间有注释",
            Self::DocumentStart => "文档结束后还有内容",
            Self::Depth => "嵌套过深",
            Self::End => "文件意外结束",
            Self::Other(words) => return format!("YAML 解析器提示“{words}”"),
        }
        .to_owned()
    }
}

impl Text for JsonSyntax {
    fn zh(&self) -> String {
        match self {
            Self::OpenList => "直到文件结束 `[` 都没有闭合",
            Self::OpenObject => "直到文件结束 `{` 都没有闭合",
            Self::OpenString => "直到文件结束引号都没有闭合",
            Self::NoValueLeft => "文件结束时缺少值",
            Self::Colon => "缺少 `:`",
            Self::ListComma => "缺少 `,` 或 `]`",
            Self::ObjectComma => "缺少 `,` 或 `}`",
            Self::Word => "只能是 `true`、`false` 或 `null`",
            Self::Value => "这里应该是值",
            Self::Escape => "无效的反斜杠转义",
            Self::Number => "无效的数字",
            Self::NumberRange => "数字超出范围",
            Self::Key => "键必须是双引号中的字符串",
            Self::TrailingComma => "最后一项后面不能有 `,`",
            Self::Trailing => "值的后面还有内容",
            Self::Control => "字符串中有换行或其他控制字符",
            Self::Depth => "嵌套过深",
            Self::Other(words) => return format!("JSON 解析器提示“{words}”"),
        }
        .to_owned()
    }
}

impl Text for Fault {
    fn zh(&self) -> String {
        let text = match self {
            Self::Duplicate { key, first } => {
                return format!("`{key}` 在第 {} 行已经出现：请只保留一个", first.line);
            }
            Self::NoKey { line } => {
                return format!("第 {line} 行不是键：请写成 `key: value`，冒号后面要有空格");
            }
            Self::Open { opened, missing, at } => {
                return format!(
                    "第 {} 行第 {} 列的 `{opened}` 没有闭合：请补上缺少的 `{missing}`",
                    at.line, at.column
                );
            }
            Self::QuoteWithin { quote: '\'' } => {
                "文本在前面的引号处就结束了：单引号中的单引号要写两次（`''`）"
            }
            Self::QuoteWithin { .. } => "文本在前面的引号处就结束了：双引号中的双引号要写成 `\\\"`",
            Self::NoAnchor { name } => {
                return format!(
                    "`*{name}` 重复上面用 `&{name}` 标记的内容，但没有这样的标记：请在那里加上 `&{name}`；\
                     如果是以 `*` 开头的文本，请加上引号"
                );
            }
            Self::Tab => "请用空格缩进；YAML 不允许在这里使用制表符",
            Self::SecondDocument => {
                "一份配置只有一个文档：请删去 `---` 及其下面的内容，或者移到单独的文件中"
            }
            Self::Indentation => "请与上面的行比较缩进：同一层的键从同一列开始",
            Self::Mixed => {
                "同一处只能是列表（`- …`）或键（`key: …`），不能两者都有：请与上面的行比较"
            }
            Self::Unquoted => {
                "请给文本加上引号：以 `{`、`[`、`*`、`&`、`!`、`@`、`%` 或反引号开头，或者含有 `: ` 的文本，\
                 不加引号就有别的含义"
            }
            Self::Unclosed => "请检查这一行或上面的行中没有闭合的引号、`{` 或 `[`",
            Self::Escape => "双引号中的反斜杠要写成 `\\\\`；单引号中的反斜杠就是它本身",
            Self::Tag => "`!` 表示标签，只有别的工具认识：请给文本加上引号，或者直接写值",
        };
        text.to_owned()
    }
}
