//! The words of an indexed query on the script's command line (RFC 3875 §4.4, §7.2).
use super::grammar::octet_from_hex;

/// The arguments after the script's own name.
pub(crate) struct CommandLine {
    pub(crate) arguments: Vec<Vec<u8>>,
    pub(crate) note: Option<&'static str>,
}

/// The words that a query puts on the command line: all of them, or none.
pub(crate) fn from_query(method: &[u8], query: &[u8]) -> CommandLine {
    let none = |note| CommandLine {
        arguments: Vec::new(),
        note,
    };
    if query.is_empty() {
        return none(None);
    }
    if method != b"GET" && method != b"HEAD" {
        return none(Some(
            "only a GET or HEAD request turns its query into arguments (§4.4)",
        ));
    }
    // The test comes before decoding: `%3D` is no equals sign here.
    if query.contains(&b'=') {
        return none(Some(
            "the query has an equals sign, so it is form data and gives no arguments (§4.4)",
        ));
    }
    let mut arguments = Vec::new();
    let mut escaped = false;
    for word in query.split(|byte| *byte == b'+') {
        let Some(word) = decoded_word(word) else {
            return none(Some(
                "a word of the query is empty or cannot be decoded, so there are no arguments at all (§4.4)",
            ));
        };
        let argument = escape(&word);
        escaped |= argument.len() != word.len();
        arguments.push(argument);
    }
    let note = escaped.then_some(
        "characters that are active in the Bourne shell have a backslash before them (§7.2)",
    );
    CommandLine { arguments, note }
}

/// A search-word without its escapes; `None` if it is empty, broken, or no C string.
fn decoded_word(word: &[u8]) -> Option<Vec<u8>> {
    if word.is_empty() {
        return None;
    }
    let mut decoded = Vec::with_capacity(word.len());
    let mut rest = word;
    while let [first, tail @ ..] = rest {
        rest = match (first, tail) {
            (b'%', [high, low, tail @ ..]) => {
                decoded.push(octet_from_hex(*high, *low).filter(|octet| *octet != 0)?);
                tail
            }
            (b'%' | 0, _) => return None,
            _ => {
                decoded.push(*first);
                tail
            }
        };
    }
    Some(decoded)
}

fn escape(word: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(word.len());
    for byte in word {
        if is_active_in_shell(*byte) {
            escaped.push(b'\\');
        }
        escaped.push(*byte);
    }
    escaped
}

/// What the Bourne shell splits, quotes, expands or matches with.
const fn is_active_in_shell(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t'
            | b'\n'
            | b'|'
            | b'&'
            | b';'
            | b'<'
            | b'>'
            | b'('
            | b')'
            | b'$'
            | b'`'
            | b'\\'
            | b'"'
            | b'\''
            | b'*'
            | b'?'
            | b'['
            | b']'
            | b'#'
            | b'~'
            | b'{'
            | b'}'
            | b'^'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(method: &str, query: &str, expected: &[&str]) {
        let arguments = from_query(method.as_bytes(), query.as_bytes()).arguments;
        let arguments: Vec<_> = arguments
            .iter()
            .map(|word| word.escape_ascii().to_string())
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|word| word.as_bytes().escape_ascii().to_string())
            .collect();
        assert_eq!(arguments, expected, "{method} ?{query}");
    }

    #[test]
    fn an_indexed_query_is_split_at_plus_signs() {
        check("GET", "a+b", &["a", "b"]);
        check("HEAD", "one", &["one"]);
        check("GET", "a/b:c@d,e", &["a/b:c@d,e"]);
        check("GET", "a-b_c.d!", &["a-b_c.d!"]);
    }

    #[test]
    fn an_encoded_sign_is_decoded_after_the_tests() {
        check("GET", "a%3Db", &["a=b"]);
        check("GET", "a%2Bb", &["a+b"]);
        check("GET", "%2520", &["%20"]);
    }

    #[test]
    fn other_queries_give_no_arguments() {
        check("GET", "", &[]);
        check("GET", "a=b", &[]);
        check("GET", "a+b=", &[]);
        check("POST", "a+b", &[]);
        check("get", "a+b", &[]);
        assert!(from_query(b"POST", b"a").note.is_some());
        assert!(from_query(b"GET", b"").note.is_none());
    }

    #[test]
    fn one_impossible_word_takes_all_with_it() {
        for query in ["a+%00", "a+%zz", "a+%4", "a+%", "a++b", "+", "a+"] {
            check("GET", query, &[]);
            assert!(
                from_query(b"GET", query.as_bytes()).note.is_some(),
                "{query}"
            );
        }
    }

    #[test]
    fn what_the_shell_would_act_on_is_escaped() {
        check("GET", "a;b", &["a\\;b"]);
        check(
            "GET",
            "%24HOME+%60id%60+a%26b",
            &["\\$HOME", "\\`id\\`", "a\\&b"],
        );
        check(
            "GET",
            "*+%5c+%22+%27+%0a",
            &["\\*", "\\\\", "\\\"", "\\'", "\\\n"],
        );
        check("GET", "a%20b", &["a\\ b"]);
        assert!(from_query(b"GET", b"a;b").note.is_some());
        assert!(from_query(b"GET", b"ab").note.is_none());
    }
}
