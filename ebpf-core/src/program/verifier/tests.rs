use super::*;

const LOG: &str = "0: R1=ctx() R10=fp0
; int v = *(int *)(long)ctx->data; @ a.bpf.c:7
0: (61) r1 = *(u32 *)(r1 +0)          ; R1_w=pkt(r=0)
1: (61) r0 = *(u32 *)(r1 +0)
invalid access to packet, off=0 size=4, R1(id=0,off=0,r=0)
R1 offset is outside of the packet
processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
";

fn refusal(text: &str) -> VerifierError {
    VerifierError::new(
        "drop_all".into(),
        Errno::EACCES,
        VerifierLog::new(text, false),
    )
}

#[test]
fn the_short_form_shows_the_line_that_matters() {
    assert_eq!(
        refusal(LOG).to_string(),
        "verifier refused program `drop_all`: EACCES: permission denied: R1 offset is outside of the packet"
    );
}

#[test]
fn the_long_form_shows_the_whole_log() {
    let long = format!("{:#}", refusal(LOG));
    assert_eq!(long.lines().count(), 1 + LOG.lines().count());
    assert!(
        long.contains("\n    1: (61) r0 = *(u32 *)(r1 +0)\n"),
        "{long}"
    );
}

#[test]
fn registers_and_statistics_are_never_the_cause() {
    let log = VerifierLog::new(
        "R0 !read_ok\nR0=scalar() R10=fp0\n3: R1_w=1 R2=2\nverification time 9 usec\n",
        false,
    );
    assert_eq!(log.cause(), Some("R0 !read_ok"));
    assert_eq!(log.last(2), ["3: R1_w=1 R2=2", "verification time 9 usec"]);
    assert_eq!(VerifierLog::default().cause(), None);
    assert!(VerifierLog::default().is_empty());
}

#[test]
fn the_report_of_newer_kernels_is_not_the_cause() {
    let log = VerifierLog::new(
        "0: R1=ctx() R10=fp0\n0: (95) exit\nR0 !read_ok\nVerification failed: Access: Value is not initialized\nReason:\n  \
         R0 was never written.\nSuggestion:\n  Initialize R0 on every path before this instruction.\nprocessed 1 insns\n",
        false,
    );
    assert_eq!(log.cause(), Some("R0 !read_ok"));
}

#[test]
fn advice_comes_with_the_causes_it_knows() {
    let error = refusal(
        "cannot call GPL-restricted function from non-GPL compatible program\nprocessed 1 insns\n",
    );
    assert!(
        error
            .to_string()
            .contains("give the object a GPL-compatible licence"),
        "{error}"
    );
    let cut = VerifierError::new("p".into(), Errno::E2BIG, VerifierLog::new("x", true));
    assert_eq!(
        cut.to_string(),
        "verifier refused program `p`: E2BIG: argument list too long: x (log truncated)"
    );
}
