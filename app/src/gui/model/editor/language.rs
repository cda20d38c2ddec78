//! What a file is written in: how it is coloured, commented out and indented.

use std::path::Path;

/// A language that the editor knows more of than its characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Python.
    Python,
    /// HTML.
    Html,
    /// A shell.
    Shell,
    /// Perl.
    Perl,
    /// PHP.
    Php,
    /// JavaScript.
    JavaScript,
    /// CSS.
    Css,
    /// JSON.
    Json,
    /// TOML.
    Toml,
    /// Ruby.
    Ruby,
    /// Lua.
    Lua,
    /// SQL.
    Sql,
    /// XML.
    Xml,
    /// Markdown.
    Markdown,
    /// None of these.
    #[default]
    Plain,
}

/// How text is made a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comment {
    /// This before each line.
    Line(&'static str),
    /// These around each line.
    Around(&'static str, &'static str),
}

impl Language {
    /// The language of a file: by its `#!` line, which decides what runs it; else by the end of its name.
    #[must_use]
    pub fn of(path: &Path, text: &str) -> Self {
        let first = text.lines().next().unwrap_or_default();
        let by_line = first.strip_prefix("#!").and_then(Self::of_interpreter);
        by_line.unwrap_or_else(|| Self::of_name(path))
    }

    fn of_interpreter(line: &str) -> Option<Self> {
        let name_of = |word: &str| word.rsplit('/').next().unwrap_or_default().to_owned();
        let mut words = line.split_whitespace();
        let mut name = name_of(words.next()?);
        if name == "env" {
            let mut rest = words.filter(|word| !word.starts_with('-') && !word.contains('='));
            name = name_of(rest.next()?);
        }
        let stem = name.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
        Some(match stem {
            "python" | "pypy" => Self::Python,
            "sh" | "bash" | "dash" | "ksh" | "zsh" | "ash" => Self::Shell,
            "perl" => Self::Perl,
            "php" | "php-cgi" => Self::Php,
            "node" | "nodejs" | "deno" | "bun" => Self::JavaScript,
            "ruby" => Self::Ruby,
            "lua" | "luajit" => Self::Lua,
            _ => return None,
        })
    }

    fn of_name(path: &Path) -> Self {
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        match ending.to_ascii_lowercase().as_str() {
            "py" | "pyw" | "pyi" | "wsgi" => Self::Python,
            "html" | "htm" | "xhtml" | "shtml" | "tmpl" | "jinja" | "j2" => Self::Html,
            "sh" | "bash" | "ksh" | "zsh" => Self::Shell,
            "pl" | "pm" | "plx" | "t" => Self::Perl,
            "php" | "phtml" => Self::Php,
            "js" | "mjs" | "cjs" => Self::JavaScript,
            "css" => Self::Css,
            "json" => Self::Json,
            "toml" => Self::Toml,
            "rb" => Self::Ruby,
            "lua" => Self::Lua,
            "sql" => Self::Sql,
            "xml" | "svg" | "rss" => Self::Xml,
            "md" | "markdown" => Self::Markdown,
            _ => Self::Plain,
        }
    }

    /// Its name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Python => "Python",
            Self::Html => "HTML",
            Self::Shell => "Shell",
            Self::Perl => "Perl",
            Self::Php => "PHP",
            Self::JavaScript => "JavaScript",
            Self::Css => "CSS",
            Self::Json => "JSON",
            Self::Toml => "TOML",
            Self::Ruby => "Ruby",
            Self::Lua => "Lua",
            Self::Sql => "SQL",
            Self::Xml => "XML",
            Self::Markdown => "Markdown",
            Self::Plain => "Plain text",
        }
    }

    /// The end of names by which grammars know it.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Python => "py",
            Self::Html => "html",
            Self::Shell => "sh",
            Self::Perl => "pl",
            Self::Php => "php",
            Self::JavaScript => "js",
            Self::Css => "css",
            Self::Json => "json",
            Self::Toml => "toml",
            Self::Ruby => "rb",
            Self::Lua => "lua",
            Self::Sql => "sql",
            Self::Xml => "xml",
            Self::Markdown => "md",
            Self::Plain => "txt",
        }
    }

    /// How a line becomes a comment; JSON and plain text have none.
    #[must_use]
    pub fn comment(self) -> Option<Comment> {
        Some(match self {
            Self::Python | Self::Shell | Self::Perl | Self::Toml | Self::Ruby => Comment::Line("#"),
            Self::Php | Self::JavaScript => Comment::Line("//"),
            Self::Lua | Self::Sql => Comment::Line("--"),
            Self::Css => Comment::Around("/*", "*/"),
            Self::Html | Self::Xml | Self::Markdown => Comment::Around("<!--", "-->"),
            Self::Json | Self::Plain => return None,
        })
    }

    /// Whether a line that ends so is followed by one that stands deeper.
    #[must_use]
    pub fn opens_block(self, line: &str) -> bool {
        let line = line.trim_end();
        match self {
            Self::Python => line.ends_with([':', '(', '[', '{']),
            Self::Shell => {
                let last = line.split_whitespace().next_back().unwrap_or_default();
                ["then", "do", "else", "{", "in"].contains(&last) || line.ends_with('{')
            }
            Self::Plain | Self::Markdown | Self::Html | Self::Xml | Self::Sql => false,
            _ => line.ends_with(['{', '(', '[']),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, text: &str, language: Language) {
        assert_eq!(Language::of(Path::new(name), text), language);
    }

    #[test]
    fn what_runs_a_script_says_more_than_its_name() {
        check("a.cgi", "#!/usr/bin/env python3\n", Language::Python);
        check("a.cgi", "#!/usr/bin/env -S VAR=1 perl -w\n", Language::Perl);
        check("a.cgi", "#! /bin/sh\r\n", Language::Shell);
        check("a.cgi", "#!/usr/bin/python3.12\r", Language::Python);
        check("a.py", "#!/opt/odd\n", Language::Python);
        check("a.PL", "", Language::Perl);
        check("cgi-studio.toml", "", Language::Toml);
        check("a", "", Language::Plain);
        check("a.cgi", "#!", Language::Plain);
    }
}
