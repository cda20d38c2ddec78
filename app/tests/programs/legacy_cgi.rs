//! Python scripts of twenty years with the modules `cgi` and `cgitb`, which are a package of their own now.

use crate::served::{
    FRAMINGS, PYTHON, Served, copy_of_site, every_byte, has_library, python_packages,
};
use crate::support::program::{command, output};
use crate::support::studio::Home;

/// The site beside the package, as its configuration expects.
fn served() -> Option<Served> {
    let pip = has_library("pip", PYTHON, &["-m", "pip", "--version"]);
    let wheels = pip.then(python_packages).flatten()?;
    let home = Home::new();
    let folder = copy_of_site("legacy-cgi", &home);
    let mut pip = command(PYTHON, home.path());
    pip.env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", wheels);
    output(pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--target",
        "packages",
        "legacy-cgi",
    ]));
    Some(Served::start(home, &folder))
}

#[test]
fn the_fields_of_a_form_arrive_through_the_package() {
    let Some(site) = served() else { return };
    let asked = site.get("/cgi-bin/form.py?name=Zo%C3%AB&name=%3Cb%3E&none=");
    let module = site.home.path().join("packages/cgi.py");
    // Some Pythons still have a `cgi` of their own; this is the package's.
    asked.check(200, &format!("<p id=module>{}</p>", module.display()));
    asked.check(
        200,
        "<p class=field>name = Zoë</p>\n<p class=field>name = &lt;b&gt;</p>\n<p id=first>Zoë</p>",
    );
    let posted = site.curl("/cgi-bin/form.py?q=1", &["--data-urlencode", "name=é & ü"]);
    posted.check(
        200,
        "<p class=field>name = é &amp; ü</p>\n<p class=field>q = 1</p>",
    );
    let parts = ["--form-string", "name=a\nb", "--form-string", "name=2"];
    site.curl("/cgi-bin/form.py", &parts).check(
        200,
        "<p class=field>name = a\nb</p>\n<p class=field>name = 2</p>",
    );
    site.curl("/cgi-bin/functions.py?x=1", &["--data", "a=b"])
        .check(
            200,
            "('text/html', {'charset': 'utf-8', 'q': '1'})\n{'a': ['b'], 'x': ['1']}\n",
        );
    site.end_in_silence();
}

#[test]
fn uploads_of_every_framing_arrive() {
    let Some(site) = served() else { return };
    let upload = site.upload("Zoë.bin", &every_byte());
    for framing in FRAMINGS {
        let arguments = [
            "--header",
            framing,
            "--form",
            &upload.part(),
            "--form",
            "note=ja",
        ];
        let answer = site.curl("/cgi-bin/upload.py", &arguments);
        let expected = format!(
            "file Zoë.bin\ntype image/x-test\nsha256 {}\nnote ja\n",
            upload.sha256
        );
        assert_eq!(answer.text(), expected, "{framing}");
    }
    site.end_in_silence();
}

#[test]
fn a_failure_that_cgitb_reports_is_shown_and_found() {
    let Some(site) = served() else { return };
    let page = site.get("/cgi-bin/fails.py");
    page.check(200, "ZeroDivisionError");
    page.check(200, "(numbers=[])");
    site.end_with_finding("/cgi-bin/fails.py", "CGI069");
}
