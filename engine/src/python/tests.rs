use super::*;

#[track_caller]
fn read(source: &str) -> PythonFacts {
    PythonFacts::read(source.as_bytes()).unwrap()
}

#[test]
fn names_are_told_as_the_module_that_they_come_from_names_them() {
    for (source, expected) in [
        ("import os\nos.environ.get('A')\n", "os.environ.get"),
        ("import os as o\no.system('ls')\n", "os.system"),
        (
            "from os import environ as e\ne.get('A')\n",
            "os.environ.get",
        ),
        (
            "import xml.dom\nxml.dom.minidom.parse(f)\n",
            "xml.dom.minidom.parse",
        ),
        ("print(1)\n", "print"),
        ("from . import x\nx.run()\n", "..x.run"),
        ("lambda: 1\nopen('a').read()\n", ".read"),
    ] {
        assert_eq!(read(source).calls[0].name, expected, "{source}");
    }
}

#[test]
fn an_import_tells_its_module_its_name_and_whether_its_failure_is_expected() {
    let facts = read(
        "import cgi, os.path\ntry:\n    from html import escape as e\nexcept ImportError:\n    def f():\n        import re\n",
    );
    let told: Vec<_> = facts
        .imports
        .iter()
        .map(|import| {
            (
                import.module.as_str(),
                import.name.as_deref(),
                import.local.as_str(),
                import.line,
                import.guarded,
                import.top_level,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("cgi", None, "cgi", 1, false, true),
            ("os.path", None, "os", 1, false, true),
            ("html", Some("escape"), "e", 3, true, true),
            ("re", None, "re", 6, true, false),
        ]
    );
    assert!(facts.imports_module("cgi") && !facts.imports_module("html.parser"));
}

#[test]
fn the_text_that_an_argument_begins_with_is_told_with_its_place() {
    for (source, value, whole, place) in [
        ("print('A: b\\n')\n", "A: b\n", true, Some(7..13)),
        ("print(r'A\\n')\n", "A\\n", true, Some(8..11)),
        ("print('''A''')\n", "A", true, Some(9..10)),
        ("print('A' 'B')\n", "AB", true, None),
        ("print(f'A: {x}')\n", "A: ", false, Some(8..11)),
        ("print('A: %s' % x)\n", "A: %s", false, Some(7..12)),
        ("print('A: ' + x + y)\n", "A: ", false, Some(7..10)),
        ("print('A {}'.format(x))\n", "A {}", false, Some(7..11)),
    ] {
        let facts = read(source);
        let argument = facts.calls[0].positional(0).unwrap();
        let text = argument.text.clone().unwrap();
        assert_eq!(
            (text.value.as_str(), text.whole, text.range.clone()),
            (value, whole, place),
            "{source}"
        );
    }
    assert_eq!(read("print(x)\n").calls[0].arguments[0].text, None);
}

#[test]
fn a_call_knows_its_statement_and_whether_it_is_certain_to_be_reached() {
    let facts =
        read("import sys\nprint('a', file=sys.stderr)\nif x:\n    print('b')\ny = print('c')\n");
    let prints: Vec<&Call> = facts.calls_of("print").collect();
    let told: Vec<_> = prints
        .iter()
        .map(|call| (call.line, call.statement.is_some(), call.top_level))
        .collect();
    assert_eq!(told, [(2, true, true), (4, true, false), (5, false, true)]);
    let file = prints[0].keyword("file").unwrap();
    assert_eq!(file.name.as_deref(), Some("sys.stderr"));
}

#[test]
fn a_subscript_tells_its_key_and_whether_it_is_read() {
    let facts = read("import os\na = os.environ['A']\nos.environ['B'] = a\nos.environ[a]\n");
    let told: Vec<_> = facts
        .subscripts
        .iter()
        .map(|subscript| {
            (
                subscript.name.as_str(),
                subscript.key.as_deref(),
                subscript.line,
                subscript.read,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("os.environ", Some("A"), 2, true),
            ("os.environ", Some("B"), 3, false),
            ("os.environ", None, 4, true),
        ]
    );
}

#[test]
fn what_goes_into_a_text_and_where_it_is_from_is_told() {
    let facts = read("name = form.getvalue('n')\nprint(f'<p>{name!r:>{width}} {1 + x}')\n");
    let told: Vec<_> = facts
        .interpolations
        .iter()
        .map(|one| (one.name.as_deref(), one.range.clone(), one.line))
        .collect();
    assert_eq!(
        told,
        [
            (Some("name"), 38..42, 2),
            (Some("width"), 47..52, 2),
            (None, 56..61, 2)
        ]
    );
    let assignment = &facts.assignments[0];
    assert_eq!(
        (assignment.target.as_str(), assignment.source.as_deref()),
        ("name", Some("form.getvalue"))
    );
}

#[test]
fn statements_are_added_after_what_a_module_begins_with() {
    for (source, first, imports_end) in [
        (
            "#!/x\n'doc'\nfrom __future__ import a\nimport os\nimport re\nx\n",
            Some(36),
            Some(55),
        ),
        ("x = 1\nimport os\n", Some(0), None),
        ("# nothing\n", None, None),
    ] {
        let layout = read(source).layout;
        assert_eq!(
            (layout.first, layout.imports_end),
            (first, imports_end),
            "{source}"
        );
    }
}

#[test]
fn a_syntax_error_is_told_with_its_line_and_the_rest_is_read() {
    let facts = read("import cgi\nprint 'hello'\nimport os\n");
    assert_eq!(facts.syntax_error.as_ref().map(|error| error.line), Some(2));
    assert_eq!(facts.imports.len(), 2);
}

#[test]
fn what_would_overflow_a_stack_is_not_read() {
    for hostile in [
        "-".repeat(1_000_000),
        "(".repeat(1_000_000),
        "[".repeat(5_000) + &"]".repeat(5_000),
        "f(1,)".to_owned() + &"(1,)".repeat(100_000),
        "lambda:".repeat(100_000) + "1",
        "a.".repeat(100_000) + "b",
        "1 if 1 else ".repeat(50_000) + "1",
        "x = ".to_owned() + &"1+".repeat(100_000) + "1",
    ] {
        assert_eq!(PythonFacts::read(hostile.as_bytes()), None);
    }
    assert_eq!(PythonFacts::read(b"caf\xE9"), None);
    assert_eq!(PythonFacts::read(&vec![b'#'; MOST_BYTES + 1]), None);
}

#[test]
fn long_and_flat_is_read() {
    let long = format!("x = [{}]\n", "1, ".repeat(100_000));
    assert_eq!(read(&long).assignments.len(), 1);
    let deep = format!("x = {}1{}\n", "(".repeat(150), ")".repeat(150));
    assert_eq!(read(&deep).assignments.len(), 1);
}

#[test]
fn the_deepest_that_passes_does_not_overflow() {
    for deep in [
        "-".repeat(2_900) + "1",
        "(".repeat(2_900),
        "x = ".to_owned() + &"1+".repeat(1_400) + "1",
        "a.".repeat(1_400) + "b",
        "lambda:".repeat(1_400) + "1",
        "f".to_owned() + &"(1)".repeat(2_000),
    ] {
        assert!(PythonFacts::read(deep.as_bytes()).is_some());
    }
}
