//! The report as JUnit XML, as build servers read it.

use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use super::outcome::{Report, Tested, Verdict};

pub(super) fn report(report: &Report) -> anyhow::Result<Vec<u8>> {
    let mut junit = Junit::new("cgi-studio test");
    junit.set_time(report.took);
    let mut suite = TestSuite::new(report.site.to_string_lossy());
    suite.set_time(report.took);
    suite.add_test_cases(report.all.iter().map(case));
    junit.add_test_suite(suite);
    let mut text = junit.to_string()?;
    text.push('\n');
    Ok(text.into_bytes())
}

fn case(tested: &Tested) -> TestCase {
    let status = match tested.verdict() {
        Verdict::Passed => TestCaseStatus::success(),
        verdict => {
            let kind = match verdict {
                Verdict::Error => NonSuccessKind::Error,
                _ => NonSuccessKind::Failure,
            };
            let complaints = tested.complaints();
            let mut status = TestCaseStatus::non_success(kind);
            status.set_message(complaints.first().cloned().unwrap_or_default());
            let finding = tested.headline().map(|finding| {
                format!(
                    "{} {}: {}",
                    finding.code, finding.title, finding.explanation
                )
            });
            let lines: Vec<String> = complaints.into_iter().chain(finding).collect();
            status.set_type(match verdict {
                Verdict::Error => "not run",
                _ => "expectation",
            });
            status.set_description(lines.join("\n"));
            status
        }
    };
    let mut case = TestCase::new(tested.name.clone(), status);
    case.set_classname(tested.file.to_string_lossy());
    case.set_time(tested.took);
    case
}
