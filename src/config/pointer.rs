//! JSON pointers (RFC 6901), which name a place in a file.

/// Returns the pointer to what these keys lead to, one within the other.
pub(crate) fn to(keys: &[&str]) -> String {
    keys.iter().flat_map(|key| ["/".to_owned(), escaped(key)]).collect()
}

/// Returns the pointer to a key below another pointer.
pub(crate) fn below(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", escaped(key))
}

/// Returns the keys that a pointer leads by.
pub(crate) fn keys(pointer: &str) -> impl Iterator<Item = String> + '_ {
    // In this order: `~01` is `~1`.
    pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"))
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_key_comes_back() {
        for (path, pointer) in [
            (&[][..], ""),
            (&["inputs"], "/inputs"),
            (&["a/b", "c~d", "~1"], "/a~1b/c~0d/~01"),
            (&["", "0"], "//0"),
        ] {
            assert_eq!(to(path), pointer);
            assert_eq!(keys(pointer).collect::<Vec<_>>(), path);
        }
        assert_eq!(below("/a", "b/c"), "/a/b~1c");
    }
}
