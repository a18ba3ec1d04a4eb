use super::*;

fn excludes(pattern: &str) -> Excludes {
    Excludes::new(&[pattern.to_owned()]).unwrap()
}

#[test]
fn a_folder_is_left_out_by_its_name_not_by_a_star() {
    for (pattern, folder, expected) in [
        ("node_modules", "node_modules", true),
        ("node_modules", "sub/node_modules", false),
        ("**/node_modules", "sub/node_modules", true),
        ("./dist/", "dist", true),
        ("/dist", "dist", true),
        ("build*/", "build-1", true),
        ("dir/*", "dir/sub", false),
        ("dir/**", "dir/sub", true),
        ("dir/**", "dir", true),
        ("{a,b}", "b", true),
        ("@(a|b)", "b", false),
        ("@(a|b)/**", "b", true),
        ("!a", "a", true),
    ] {
        assert_eq!(excludes(pattern).folder(folder).unwrap(), expected, "{pattern} {folder}");
    }
    let file = |pattern: &str, name: &str| excludes(pattern).file(name).unwrap();
    assert!(!file("a.js/", "a.js"));
    assert!(file("dir/*", "dir/.a") && !file("dir/*", "dir/sub/a"));
    assert!(file("{a}", "{a}"));
}

/// Answers recorded from the real tool.
#[test]
fn patterns_mean_what_micromatch_means() {
    for (pattern, takes, refuses) in [
        ("*.!(js|json)", &["a.png", "a.js.png"][..], &["a.js", "a.json", "d/a.png"][..]),
        ("!(index.js)", &["a", ".b", "index.jsx"], &["index.js", "d/a"]),
        ("!(a)b", &["xb", "b"], &["ab", "axb"]),
        ("d/!(a|b*)", &["d/c", "d/ab"], &["d/a", "d/b", "d/bc", "c"]),
        ("!(a)/x", &["b/x"], &["a/x", "ax/x"]),
        ("!(*.d).ts", &["a.ts"], &["a.d.ts"]),
        ("@(a|b).js", &["a.js", "b.js"], &["ab.js", "@(a|b).js"]),
        ("+(a|b)", &["a", "abba"], &["", "c", "+(a|b)"]),
        ("*(a|b)c", &["c", "abc"], &["xc"]),
        ("?(a)b", &["b", "ab"], &["aab"]),
        ("@(a|!(b*)).js", &["a.js", "c.js"], &["b.js"]),
        ("+(*(a)b)", &["b", "aabab"], &["a"]),
        // What could repeat in several ways stands for its own text.
        ("+(a|aa)", &["+(a|aa)"], &["a"]),
        ("*(*|b)", &["*(*|b)"], &["b"]),
        ("+(+(a))", &["+(+(a))"], &["a"]),
        ("+(*(a)*(b))", &["abba"], &["c"]),
        ("+(a|b)+(c|d)", &["abcd"], &["ab"]),
        ("a.txt/**", &["a.txt", "a.txt/b", "a.txt/b/c"], &["a.txtx"]),
        ("a*/**", &["ab/c"], &["ab"]),
        ("a/**/b", &["a/b", "a/x/b", "a/.x/y/b"], &["ab", "b"]),
        ("**/b", &["b", "x/b", ".x/y/b"], &["xb"]),
        ("**", &["a", "a/b", ".c/d"], &[]),
        ("a**b", &["ab", "axb"], &["a/b"]),
        ("[slug].js", &["s.js", "[slug].js"], &["x.js"]),
        ("[!a-c]", &["d"], &["a", "b"]),
        ("[^a]b", &["xb"], &["ab", "/b"]),
        ("[[:digit:]]+.js", &["1.js", "123.js"], &["a.js"]),
        ("[]a]", &["]", "a"], &["b"]),
        ("(a|b).js", &["a.js"], &["(a|b).js"]),
        ("a(1).js", &["a1.js"], &["a(1).js"]),
        (r"a\(1\).js", &["a(1).js"], &["a1.js"]),
        (r"\*", &["*"], &["a"]),
        ("a?c", &["abc", "a.c"], &["ac", "a/c"]),
        ("A", &["A"], &["a"]),
        ("a+b", &["a+b"], &["aab"]),
        ("a|b", &["a|b"], &["a", "b"]),
        ("*.a|*.b", &["x.a", "x.b"], &["x.c"]),
        ("[", &["["], &[]),
        ("(", &["("], &[]),
        ("a)", &["a)"], &["a"]),
        (".*", &[".a"], &["a"]),
        ("./a", &["a"], &["./a"]),
        ("!!a", &["b", "c/d"], &["a"]),
        ("\"*\".js", &["*.js"], &["a.js"]),
        ("文*", &["文件"], &["件"]),
    ] {
        let mut excludes = excludes(pattern);
        for (names, expected) in [(takes, true), (refuses, false)] {
            for name in names {
                assert_eq!(excludes.file(name).unwrap(), expected, "{pattern} {name}");
            }
        }
    }
}

#[test]
fn what_is_no_pattern_is_refused() {
    for pattern in ["(?!a)", "[[:no:]]", "{1..5000}", &"a".repeat(1001)] {
        let error = Excludes::new(&[pattern.to_owned()]).unwrap_err();
        assert!(error.to_string().starts_with("exclude pattern `"), "{error}");
        assert!(Includes::new(&[pattern.to_owned()]).is_err(), "{pattern}");
    }
    for pattern in ["{a", "a}", "{a}", "a|b", "a+", "", "!", "/", "a)", "a["] {
        assert!(Excludes::new(&[pattern.to_owned()]).is_ok(), "{pattern}");
    }
    // The real tool accepts these as patterns that match nothing.
    for (pattern, reason) in [
        ("!(a", "`!(` has no closing parenthesis"),
        ("a/@(b|c", "`@(` has no closing parenthesis"),
        ("[z-a]", "`z-a` is an empty range"),
        ("@(*+)", "a `+` repeats nothing"),
    ] {
        let mut excludes = excludes(pattern);
        assert!(!excludes.file("b").unwrap());
        let told = excludes.warnings("")[0].to_string();
        assert_eq!(told, format!("exclude `{pattern}` names no file: {reason}"));
        let told = Includes::new(&[pattern.to_owned()]).unwrap().warnings("")[0].to_string();
        assert_eq!(told, format!("include `{pattern}` names no file: {reason}"));
    }
}

#[test]
fn a_pattern_that_goes_back_and_forth_ends() {
    let name = "a".repeat(200);
    for pattern in
        ["*(*(*(*(a))))b", "+(a|aa|+(a))!(b)c", "*(!(a*)*(a|!(b)))c", "!(!(!(!(a)b)c)d)e"]
    {
        // True, false, or too intricate, but soon.
        let _ = excludes(pattern).file(&name);
    }
}

#[test]
fn includes_name_dots() {
    let includes = |pattern: &str, name: &str| {
        Includes::new(&[pattern.to_owned()]).unwrap().file(name).unwrap()
    };
    for (pattern, name, expected) in [
        ("keep/*", "keep/b.js", true),
        ("keep/*", "keep/.c.js", false),
        ("**", "a/b", true),
        ("**", "a/.b", false),
        ("**/*.js", "b.js", true),
        ("**/*.js", ".a/b.js", false),
        (".env", ".env", true),
        (".env*", ".env.prod", true),
        ("*env", ".env", false),
        ("?env", ".env", false),
        ("!(a)", ".env", false),
        ("!(a)", "b", true),
        ("@(*|b)", ".env", false),
        ("@(.env|b)", ".env", true),
        ("[!a]env", ".env", false),
        ("conf/.env", "conf/.env", true),
        ("a//./b", "a/b", true),
    ] {
        assert_eq!(includes(pattern, name), expected, "{pattern} {name}");
    }
    assert!(Includes::new(&["./a/../b".to_owned()]).is_err());
    let includes = Includes::new(&["a/*/c.js".to_owned(), "x/**/y".to_owned()]).unwrap();
    for (folder, expected) in
        [("a", true), ("a/b", true), ("a/b/c", false), ("b", false), ("x/q/r", true)]
    {
        assert_eq!(includes.reach(folder), expected, "{folder}");
    }
    let patterns = ["*".to_owned(), "!b".to_owned()];
    let mut includes = Includes::new(&patterns).unwrap();
    assert!(includes.file("a").unwrap() && !includes.file("b").unwrap());
}

#[test]
fn a_pattern_without_effect_is_told_with_its_likely_cause() {
    let told = |patterns: &[&str], files: &[&str], folders: &[&str]| {
        let patterns: Vec<String> = patterns.iter().map(|one| (*one).to_owned()).collect();
        let mut excludes = Excludes::new(&patterns).unwrap();
        for folder in folders {
            excludes.folder(folder).unwrap();
        }
        for file in files {
            excludes.file(file).unwrap();
        }
        excludes.warnings("src").iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    for (patterns, files, folders, expected) in [
        (&["a.js", "**/*.js"][..], &["a.js", "d/b.js"][..], &["d"][..], &[][..]),
        (&["*.py"], &["a.js"], &[], &["exclude `*.py` names no file"]),
        (&["@(b|c).{py,ts}"], &["a.js"], &[], &["exclude `@(b|c).{py,ts}` names no file"]),
        (
            &["a (1).js"],
            &["a (1).js"],
            &[],
            &["exclude `a (1).js` names no file; where `(` or `[` is meant literally, write `\\` \
               before it"],
        ),
        (
            &["src/keys/**"],
            &["a.js"],
            &["keys"],
            &["exclude `src/keys/**` names no file; patterns begin at the source folder, so \
               perhaps `keys/**` is meant"],
        ),
        (
            &["*.pyc"],
            &["d/a.pyc"],
            &["d"],
            &["exclude `*.pyc` names no file at the top of the source folder; `**/*.pyc` names \
               those below, too"],
        ),
        (
            &["@(d|e)"],
            &["d/a"],
            &["d"],
            &["exclude `@(d|e)` names no file; it names a folder, and `@(d|e)/**` leaves out \
               what is in it"],
        ),
        // The content of a folder that is left out is not examined.
        (&["d/**", "d/a.js", "**/*.py"], &[], &["d"], &[]),
        (&["d", "*.py"], &[], &["d"], &["exclude `*.py` names no file"]),
        (&[".git/**", ".env", "**/.env.*"], &["a"], &[], &[]),
        (
            &["!a.js"],
            &["a.js"],
            &[],
            &["exclude `!a.js` leaves out what `a.js` names, as sls does; `!` takes nothing back \
               in: to pack these files all the same, write `a.js` in `include`"],
        ),
    ] {
        assert_eq!(told(patterns, files, folders), expected, "{patterns:?}");
    }
}
