//! Which chats there are.

/// A kind of chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ChatKind {
    /// A robot of `WeCom` (企业微信).
    WeCom,
    /// A robot of `DingTalk` (钉钉).
    DingTalk,
    /// A robot of Feishu (飞书) or Lark.
    Feishu,
    /// An incoming webhook of Slack.
    Slack,
    /// Anything that takes our JSON.
    Json,
}
