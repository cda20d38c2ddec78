use super::*;

/// Each part as a line: what it is and what it says.
fn told(page: &str) -> Vec<String> {
    let outline = Outline::of(page);
    outline
        .items
        .iter()
        .map(|item| match &item.part {
            Part::Title(text) => format!("title {text}"),
            Part::Heading(level, text) => format!("h{level} {text}"),
            Part::Paragraph(text) => format!("p {text}"),
            Part::Entry(text) => format!("{}li {text}", " ".repeat(item.depth - 1)),
            Part::Preformatted(text) => format!("pre {text:?}"),
            Part::Link { text, target } => format!("link {text} -> {target}"),
            Part::Image { alt, source } => format!("img {alt:?} {source}"),
            Part::Form { method, action } => format!("form {method} {action}"),
            Part::Field(field) => format!(
                "{} {}={} ({}) {:?}",
                field.kind, field.name, field.value, field.text, field.flags
            ),
            Part::Row { cells, is_heading } => format!("row {is_heading} {}", cells.join("|")),
            Part::Rule => "rule".to_owned(),
            Part::Frame(source) => format!("frame {source}"),
        })
        .collect()
}

#[track_caller]
fn check(page: &str, expected: &[&str]) {
    assert_eq!(told(page), expected);
}

#[test]
fn a_page_is_told_as_it_is_read() {
    check(
        "<!doctype html><title>Guest &amp; book</title><style>p{}</style>\
         <h1>Hello,\n <em>world</em></h1><p>One<p>two <a href='/a'>three</a> four<hr>\
         <script>document.write('<p>no</p>')</script>five",
        &[
            "title Guest & book",
            "h1 Hello, world",
            "p One",
            "p two three four",
            "link three -> /a",
            "rule",
            "p five",
        ],
    );
}

#[test]
fn lists_tables_and_pictures_keep_their_shape() {
    check(
        "<ul><li>a<ul><li>b</ul><li><a href=c>c</a></ul>\
         <table><tr><th>n<th>v<tr><td><p>1</p><td>2<br>3</table><img src=x.png alt=''><img src=y>\
         <pre>\n a\n  b\n</pre>",
        &[
            "li a",
            " li b",
            "li c",
            "link c -> c",
            "row true n|v",
            "row false 1|2 3",
            "img Some(\"\") x.png",
            "img None y",
            "pre \" a\\n  b\"",
        ],
    );
}

#[test]
fn a_form_tells_its_fields_with_their_values() {
    check(
        "<form method=post action=/cgi-bin/f><label>Name <input name=n value='Zoë' required></label>\
         <input type=hidden name=t value=1><textarea name=m>a\nb</textarea>\
         <select name=s><option value=1>one<option value=2 selected>two</select>\
         <button name=go value=y>Send</button></form>",
        &[
            "form POST /cgi-bin/f",
            "p Name",
            "text n=Zoë () [\"required\"]",
            "hidden t=1 () []",
            "textarea m=a\nb () []",
            "select s=2 (1, 2) []",
            "button go=y (Send) []",
        ],
    );
}

#[test]
fn pages_that_are_made_to_hurt_end_all_the_same() {
    let deep = "<div>".repeat(200_000) + "x";
    assert_eq!(told(&deep), ["p x"]);
    let lists = "<ul><li>".repeat(100_000);
    assert!(Outline::of(&lists).items.len() <= MOST_ITEMS);
    let many = "<p>a".repeat(MOST_ITEMS + 50);
    let outline = Outline::of(&many);
    assert_eq!(outline.items.len(), MOST_ITEMS);
    assert!(outline.cut.is_some());
    let long = "x".repeat(1_000_000);
    assert!(
        matches!(&Outline::of(&long).items[0].part, Part::Paragraph(text) if text.len() < 40_000)
    );
    for broken in [
        "",
        "<",
        "<a",
        "<a href=",
        "</",
        "<!--",
        "<table><td>",
        "<select><option>",
        "\0",
    ] {
        assert!(Outline::of(broken).cut.is_none());
    }
}
