//! Configuration files and filter texts.

use cgi_tests::invariants;
use proptest::prelude::{Strategy as _, any};
use proptest::proptest;
use proptest::test_runner::{TestCaseError, TestRunner};

use crate::near::near;

const CONFIGURATION: &[&[u8]] = &[
    b"[server]\n",
    b"[scripts]\n",
    b"[environment]\n",
    b"[limits]\n",
    b"[options]\n",
    b"[watch]\n",
    b"[[scopes]]\n",
    b"\n",
    b"\r\n",
    b"#",
    b"=",
    b"\"",
    b"'",
    b"[",
    b"]",
    b"{",
    b"}",
    b",",
    b".",
    b"listen = \"127.0.0.1:0\"\n",
    b"hosts = [\"a\"]\n",
    b"script_aliases = { \"/x/\" = \"y\" }\n",
    b"suffixes = [\".py\", \"py\"]\n",
    b"time_seconds = -1\n",
    b"capture_bytes = 1e99\n",
    b"strictness = \"strict\"\n",
    b"unknown = 1\n",
    b"PATH = \"/bin\"\n",
    b"folder = \"a\"\n",
    b"url_match = \"(\"\n",
    b"files = \"*.[\"\n",
    b"require = \"not (\"\n",
    b"require = \"ip 10\"\n",
    b"error_documents = { \"404\" = \"text:x\" }\n",
    b"script_alias_matches = [ { url = \"^/(\", to = \"$1\" } ]\n",
    b"document_root = \"..\"\n",
    b"quiet_milliseconds = true\n",
    b"\xef\xbb\xbf",
    b"\xff",
    b"9999999999999999999999",
    b"a = nan\n",
    b"actions = { \".md\" = \"/r\" }\n",
];

const FILTER: &[&[u8]] = &[
    b"failed",
    b"status:5xx",
    b"status=500",
    b"time>100ms",
    b"size>=10k",
    b"exit!=0",
    b"since:10m",
    b"env.PATH_INFO:",
    b"header.cookie~",
    b"path~^/a(",
    b"(",
    b")",
    b"not ",
    b"-",
    b"!",
    b" or ",
    b"||",
    b" and ",
    b"&&",
    b"\"",
    b"\\",
    b":",
    b"=",
    b"~",
    b">",
    b"<",
    b"*",
    b" ",
    b"\xe2\x80\x9c",
    b"99999999999999999999",
    b"id>",
    b"slow",
    b"stderr:",
    b"method:",
    b"a",
];

const APACHE: &[&[u8]] = &[
    b"DocumentRoot site\n",
    b"<Directory \"a\">\n",
    b"<Directory /a/*>\n",
    b"</Directory>\n",
    b"<Location /x>\n",
    b"</Location>\n",
    b"<LocationMatch \"^/a(\">\n",
    b"</LocationMatch>\n",
    b"<Files *.cgi>\n",
    b"</Files>\n",
    b"<IfModule x>\n",
    b"</IfModule>\n",
    b"<Limit GET>\n",
    b"</Limit>\n",
    b"<RequireNone>\n",
    b"</RequireNone>\n",
    b"ScriptAlias /cgi-bin/ cgi-bin/\n",
    b"ScriptAliasMatch ^/a/(.*) $1.cgi\n",
    b"Alias /x x\n",
    b"Options +ExecCGI\n",
    b"Options None\n",
    b"AddHandler cgi-script .cgi .pl\n",
    b"SetHandler cgi-script\n",
    b"Require all denied\n",
    b"Require not ip 10\n",
    b"Require user a b\n",
    b"Order deny,allow\n",
    b"Deny from all\n",
    b"Allow from 10.0.0.1 host.example\n",
    b"Satisfy any\n",
    b"AuthName \"a\"\n",
    b"AuthType Basic\n",
    b"AuthUserFile /etc/h\n",
    b"ErrorDocument 404 /e\n",
    b"ErrorDocument 999 x\n",
    b"SetEnv A\n",
    b"SetEnv A \"b",
    b"PassEnv PATH\n",
    b"Action x /y\n",
    b"Script PUT /y\n",
    b"Define A b\n",
    b"${A}",
    b"AllowOverride All\n",
    b"LimitRequestBody 99999999999999999999\n",
    b"DirectoryIndex a b\n",
    b"AcceptPathInfo Off\n",
    b"\\\n",
    b"\"",
    b"\\",
    b" ",
    b"\n",
    b"#",
    b"<",
    b">",
    b"\xff",
    b"\0",
    b"/",
    b"*",
    b"Unknown x\n",
];

#[test]
fn any_file_may_stand_where_the_configuration_should() {
    let folder = tempfile::tempdir().unwrap();
    let regressions = "tests/properties/regressions/configuration.txt";
    let mut runner = TestRunner::new(crate::config_on_disk(regressions));
    let outcome = runner.run(&near(CONFIGURATION), |bytes| {
        invariants::configuration(folder.path(), &bytes);
        Ok::<_, TestCaseError>(())
    });
    outcome.unwrap();
}

#[test]
fn any_file_may_stand_where_the_configuration_of_httpd_should() {
    let folder = tempfile::tempdir().unwrap();
    let regressions = "tests/properties/regressions/apache.txt";
    let mut runner = TestRunner::new(crate::config_on_disk(regressions));
    let outcome = runner.run(&near(APACHE), |bytes| {
        invariants::apache_reads_back(folder.path(), &bytes);
        Ok::<_, TestCaseError>(())
    });
    outcome.unwrap();
}

proptest! {
    #![proptest_config(crate::config("tests/properties/regressions/filters.txt"))]

    #[test]
    fn every_text_is_a_filter(text in near(FILTER).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())) {
        invariants::filter(&text);
    }

    #[test]
    fn every_string_is_a_filter(text in any::<String>()) {
        invariants::filter(&text);
    }
}
