//! Configurations that people have: the tutorial's and Debian's.

use super::*;

/// What the Python CGI tutorial tells its readers to write.
const TUTORIAL: &str = r#"
# For all scripts of the site.
ScriptAlias /cgi-bin/ /var/www/cgi-bin/

<Directory "/var/www/cgi-bin">
   AllowOverride None
   Options +ExecCGI
   Order allow,deny
   Allow from all
</Directory>

<Directory "/var/www/cgi-bin">
Options All
</Directory>

AddHandler cgi-script .cgi .pl .py
"#;

/// The structure of Debian's serve-cgi-bin.conf.
const SERVE_CGI_BIN: &str = r#"
<IfModule mod_alias.c>
	<IfModule mod_cgi.c>
		Define WITH_SYSTEM_CGI
	</IfModule>

	<IfModule mod_cgid.c>
		Define WITH_SYSTEM_CGI
	</IfModule>

	<IfDefine WITH_SYSTEM_CGI>
		ScriptAlias /cgi-bin/ /usr/lib/cgi-bin/
		<Directory "/usr/lib/cgi-bin">
			AllowOverride None
			Options +ExecCGI -MultiViews +SymLinksIfOwnerMatch
			Require all granted
		</Directory>
	</IfDefine>
</IfModule>
"#;

#[test]
fn the_tutorials_configuration_is_taken_without_loss() {
    let conversion = convert_text(TUTORIAL);
    let grades: Vec<_> = conversion.notes.iter().map(|note| note.grade).collect();
    assert_eq!(grades, [Grade::Taken; 9]);
    let config = &conversion.config;
    let script_aliases = config.scripts.script_aliases.as_ref().unwrap();
    assert_eq!(script_aliases["/cgi-bin/"], Path::new("/var/www/cgi-bin"));
    assert_eq!(config.scripts.suffixes, [".cgi", ".pl", ".py"]);
    assert!(config.options.allow_outside_root);
    let scopes: Vec<String> = config.scopes.iter().map(describe).collect();
    assert_eq!(
        scopes,
        [
            "the whole site: scripts=None",
            r#"folder = "/var/www/cgi-bin": scripts=All; listing=true"#
        ]
    );
}

#[test]
fn the_written_file_names_the_lines_it_comes_from() {
    let case = Case::new();
    case.file("httpd.conf", TUTORIAL);
    let toml = case.read("httpd.conf").to_toml();
    let file = case.path("httpd.conf").display().to_string();
    for line in [
        format!("# {file}:3 ScriptAlias\nscript_aliases = "),
        format!(
            "# {file}:3 ScriptAlias /cgi-bin/ /var/www/cgi-bin/\n# {file}:12 <Directory \"/var/www/cgi-bin\">\n[[scopes]]\n"
        ),
    ] {
        assert!(toml.contains(&line), "{line}\n{toml}");
    }
}

#[track_caller]
fn check_serve_cgi_bin(conversion: &Conversion) {
    assert_eq!(losses(conversion), [""; 0]);
    let script_aliases = conversion.config.scripts.script_aliases.as_ref().unwrap();
    assert_eq!(script_aliases["/cgi-bin/"], Path::new("/usr/lib/cgi-bin"));
    let scopes: Vec<String> = conversion.config.scopes.iter().map(describe).collect();
    assert_eq!(
        scopes,
        [
            "the whole site: scripts=None",
            r#"folder = "/usr/lib/cgi-bin": scripts=All"#
        ]
    );
}

#[test]
fn the_system_wide_script_folder_of_debian_is_taken() {
    check_serve_cgi_bin(&convert_text(SERVE_CGI_BIN));
    let real = PathBuf::from("/etc/apache2/conf-available/serve-cgi-bin.conf");
    if real.is_file() {
        check_serve_cgi_bin(&read(&[real], &ReadOptions::default()).unwrap());
    }
}

/// The structure of what Debian installs in /etc/apache2.
fn debian() -> Case {
    let case = Case::new();
    case.file(
        "etc/apache2/apache2.conf",
        "DefaultRuntimeDir ${APACHE_RUN_DIR}\nPidFile ${APACHE_PID_FILE}\nTimeout 300\nKeepAlive On\n\
         User ${APACHE_RUN_USER}\nErrorLog ${APACHE_LOG_DIR}/error.log\nLogLevel warn\n\
         IncludeOptional mods-enabled/*.load\nIncludeOptional mods-enabled/*.conf\nInclude ports.conf\n\
         <Directory />\n\tOptions FollowSymLinks\n\tAllowOverride None\n\tRequire all denied\n</Directory>\n\
         <Directory /var/www/>\n\tOptions Indexes FollowSymLinks\n\tAllowOverride None\n\tRequire all granted\n</Directory>\n\
         AccessFileName .htaccess\n<FilesMatch \"^\\.ht\">\n\tRequire all denied\n</FilesMatch>\n\
         LogFormat \"%h %l \\\"%r\\\"\" common\n\
         IncludeOptional conf-enabled/*.conf\nIncludeOptional sites-enabled/*.conf\n",
    );
    case.file(
        "etc/apache2/mods-enabled/alias.load",
        "LoadModule alias_module /x/mod_alias.so\n",
    );
    case.file(
        "etc/apache2/mods-enabled/dir.conf",
        "DirectoryIndex index.html index.cgi\n",
    );
    case.file(
        "etc/apache2/ports.conf",
        "Listen 80\n<IfModule ssl_module>\n\tListen 443\n</IfModule>\n",
    );
    case.file("etc/apache2/conf-enabled/serve-cgi-bin.conf", SERVE_CGI_BIN);
    case.file(
        "etc/apache2/sites-enabled/000-default.conf",
        "<VirtualHost *:80>\n\tServerAdmin a@b\n\tDocumentRoot /var/www/html\n\
         \tCustomLog ${APACHE_LOG_DIR}/access.log combined\n</VirtualHost>\n",
    );
    case
}

#[track_caller]
fn check_debian(conversion: &Conversion) {
    assert_eq!(losses(conversion), [""; 0]);
    let config = &conversion.config;
    assert_eq!(config.server.document_root, Path::new("/var/www/html"));
    assert_eq!(config.limits.time_seconds, 300.0);
    let scopes: Vec<String> = config.scopes.iter().map(describe).collect();
    for expected in [
        "the whole site: scripts=None; require=all denied",
        r#"folder = "/var/www": listing=true; require=all granted"#,
        r#"folder = "/usr/lib/cgi-bin": scripts=All; require=all granted"#,
        r#"the whole site, files_match = "^\\.ht": require=all denied"#,
    ] {
        assert!(
            scopes.iter().any(|scope| scope == expected),
            "{expected}: {scopes:#?}"
        );
    }
}

#[test]
fn all_of_debians_configuration_is_taken() {
    let conversion = debian().read("etc/apache2/apache2.conf");
    check_debian(&conversion);
    check_round_trip(&conversion);
    let real = PathBuf::from("/etc/apache2/apache2.conf");
    if real.is_file() {
        let conversion = read(&[real], &ReadOptions::default()).unwrap();
        check_round_trip(&conversion);
        assert_eq!(conversion.config.limits.time_seconds, 300.0);
    }
}
