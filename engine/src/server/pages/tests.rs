use super::*;
use crate::diagnosis::samples::{captured, exchange, own, run, run_of, script};
use crate::exchange::Selection;
use crate::process::Exit;

const TEMPLATES: [(&str, &str); 13] = [
    ("failure.html", template!("failure.html")),
    ("index.html", template!("index.html")),
    ("message.html", template!("message.html")),
    ("plain.html", template!("plain.html")),
    ("control.html", template!("parts/control.html")),
    ("evidence.html", template!("parts/evidence.html")),
    ("evidence_line.html", template!("parts/evidence_line.html")),
    ("finding.html", template!("parts/finding.html")),
    ("folded.html", template!("parts/folded.html")),
    ("row.html", template!("parts/row.html")),
    ("section.html", template!("parts/section.html")),
    ("stage.html", template!("parts/stage.html")),
    ("step.html", template!("parts/step.html")),
];

fn text(page: &Bytes) -> String {
    String::from_utf8(page.to_vec()).unwrap()
}

/// Every piece of text is on the page.
#[track_caller]
fn check(page: &Bytes, expected: &[&str]) -> String {
    let page = text(page);
    for part in expected {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    page
}

#[test]
fn templates_begin_with_a_comment_that_is_not_sent() {
    for (name, template) in TEMPLATES {
        assert!(
            template.starts_with("<!--") && template.contains("-->\n"),
            "{name}"
        );
    }
    assert!(template!("failure.html").contains(RECORDED));
    let page = text(&failure(
        &exchange(vec![run(b"", b"", Exit::Code(0))]),
        500,
        true,
        None,
    ));
    assert!(page.starts_with("<!doctype html>"), "{page:.80}");
}

#[test]
fn a_value_is_filled_in_once_and_escaped_unless_it_is_html() {
    let values = [("a", "<{b}>"), ("b", "&'\""), ("c_html", "<b>{a}</b>")];
    assert_eq!(
        fill("<!-- {x} -->\n{a}|{b}|{c_html}|", &values),
        "&lt;{b}&gt;|&amp;&#39;&quot;|<b>{a}</b>|"
    );
}

#[test]
fn the_failure_page_shows_strip_finding_evidence_and_stderr() {
    let exchange = exchange(vec![run(
        b"got\t2 fields\nContent-Type: text/html\n\n<h1>",
        b"one\ntwo\n",
        Exit::Code(0),
    )]);
    let page = check(
        &failure(&exchange, 500, true, None),
        &[
            "✕ 500 Internal Server Error",
            "<h1>The script printed text before its headers</h1>",
            "stdout, lines 1 to 4",
            "<li class=\"marked\"><span class=\"number\">1</span>",
            "title=\"line feed\">↵</span>",
            "title=\"tab\">→</span>",
            "RFC 3875 §6.3 · CGI025",
            "<summary>stderr, 2 lines</summary>",
            "Run #214",
            "exit 0 · 41 ms",
        ],
    );
    assert_eq!(page.matches("class=\"name\"").count(), 5);
    assert_eq!(page.matches("<li class=\"fail\">").count(), 1);
}

#[test]
fn another_computer_learns_the_status_and_no_more() {
    let exchange = exchange(vec![run(b"secret", b"secret", Exit::Code(1))]);
    let refusal = Refusal {
        status: 400,
        reason: "secret".into(),
        authority: "secret".into(),
        at: None,
        excerpt: b"secret".to_vec(),
    };
    for page in [
        failure(&exchange, 500, false, None),
        message(&exchange, 404, "secret", "secret", false),
        refused(&refusal, false),
    ] {
        let page = text(&page);
        assert!(
            !page.contains("secret") && !page.contains("form.py") && page.len() < 1000,
            "{page}"
        );
    }
}

#[test]
fn hostile_bytes_never_leave_their_text() {
    let hostile = b"<script>alert(1)</script>\"'&\x00\x1b[31m\xff\xe2\x80\xae{style_html}";
    let line = [&hostile[..], b"\n"].concat();
    let traceback = [
        b"Traceback (most recent call last):\n  File \"/x/<script>.py\", line 1, in <script>\n    ",
        &hostile[..],
        b"\nKeyError: ",
        hostile,
        b"\n",
    ]
    .concat();
    let lossy = String::from_utf8_lossy(hostile).into_owned();
    let mut exchanges = vec![
        exchange(vec![run(&line, &line, Exit::Code(0))]),
        exchange(vec![run(b"", &traceback, Exit::Code(1))]),
        exchange(vec![run(
            &[b"Status: ", &hostile[..], b"\n\n"].concat(),
            b"",
            Exit::Code(0),
        )]),
        exchange(vec![run_of(
            script("/x/<script>'\".py", &line),
            Default::default(),
            b"",
            b"",
            Some(Exit::Code(1)),
        )]),
    ];
    for exchange in &mut exchanges {
        exchange.request.raw_head =
            Bytes::from([b"GET /<script>alert(1)</script> ", &line[..]].concat());
        exchange.selection = Selection {
            target: SelectedTarget::Nothing {
                nearest: Some(lossy.clone()),
            },
            steps: vec![lossy.clone()],
        };
        let refusal = Refusal {
            status: 400,
            reason: lossy.clone(),
            authority: lossy.clone(),
            at: Some(3),
            excerpt: hostile.to_vec(),
        };
        let entries = [FolderEntry {
            name: lossy.clone(),
            url: lossy.clone(),
            kind: EntryKind::Script,
        }];
        for page in [
            failure(exchange, 500, true, None),
            message(exchange, 404, &lossy, &lossy, true),
            refused(&refusal, true),
            folder(&lossy, &lossy, &entries),
        ] {
            let page = text(&page);
            assert!(
                !page.contains("<script>") && !page.contains("</script>"),
                "{page}"
            );
            assert_eq!(page.matches(STYLE).count(), 1);
            assert!(page.chars().all(|character| character == '\n'
                || character == '\t'
                || !character.is_control()));
            assert!(!page.contains('\u{202e}'));
        }
    }
}

#[test]
fn a_flood_on_stderr_is_cut_and_the_cut_is_stated() {
    let mut run = run(b"", b"", Exit::Code(0));
    run.stderr = captured(&b"0123456\n".repeat(100_000));
    let page = check(
        &failure(&exchange(vec![run]), 500, true, None),
        &["stderr, the last 8192 lines; 734464 bytes before them are not shown here"],
    );
    assert!(page.len() < 100_000, "{}", page.len());
}

#[test]
fn a_message_shows_the_near_name_and_the_way() {
    let mut exchange = exchange(Vec::new());
    exchange.response = Some(own(404));
    exchange.selection = Selection {
        target: SelectedTarget::Nothing {
            nearest: Some("/cgi-bin/hello.py".into()),
        },
        steps: vec!["cgi-bin is a folder".into()],
    };
    check(
        &message(
            &exchange,
            404,
            "Not found",
            "Nothing is there by that name",
            true,
        ),
        &[
            "! 404 Not Found",
            "<h1>Not found</h1>",
            "<h2>Did you mean</h2>",
            "href=\"/cgi-bin/hello.py\"",
            "<li><span>Cgi-bin is a folder</span></li>",
            "Run #214, recorded in CGI Studio at",
        ],
    );
    exchange.id = crate::exchange::ExchangeId(0);
    check(
        &message(&exchange, 404, "a", "b", true),
        &["This request was not recorded"],
    );
    check(
        &failure(&exchange, 500, true, None),
        &["This run was not recorded"],
    );
}

#[test]
fn a_folder_page_links_what_is_there_and_no_scheme() {
    let entry = |name: &str, url: &str, kind| FolderEntry {
        name: name.into(),
        url: url.into(),
        kind,
    };
    let page = check(
        &folder(
            "guestbook",
            "/labs/",
            &[
                entry("a.py", "/cgi-bin/a.py", EntryKind::Script),
                entry(
                    "javascript:alert(1)",
                    "javascript:alert(1)",
                    EntryKind::File,
                ),
            ],
        ),
        &[
            "<title>guestbook</title>",
            "<h2>Scripts</h2>",
            "href=\"/cgi-bin/a.py\"",
            "href=\"./javascript:alert(1)\"",
            "<h2>Files</h2>",
        ],
    );
    assert!(!page.contains("<h2>Folders</h2>"));
}
