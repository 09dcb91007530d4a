// SPDX-License-Identifier: GPL-2.0

//! The program itself, with a directory of plain files in place of securityfs.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

const COMPONENTS: &str = "\
component ed419d83-3c9d-4107-acb2-3a9815c2fcd1
 name gas-valve
 tenant -
 uid 1001
 grant gpio gpio-sim.0 3 out

component 6e8f49f6-4633-46ba-a35e-c0287db4c785
 name telemetry
 tenant -
 uid 1002
";

/// What stands for securityfs in one test.
struct Fake(PathBuf);

impl Fake {
    fn new(test: &str) -> Self {
        let mount = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&mount);
        let fake = Self(mount);
        fs::create_dir_all(fake.0.join("sphere")).unwrap();
        for (file, content) in [
            ("version", "1\n"),
            ("mode", "enforcing\n"),
            ("policy", "version 1\n# nothing\n\n reports 1 1000\n"),
            ("policy_error", ""),
            ("lock", "unlocked\n"),
            ("components", COMPONENTS),
            ("denials", "exec 0\ngpio 3\nnetwork 1\n"),
            ("syscalls", "101 2\n253 1\n"),
        ] {
            fake.set(file, content);
        }
        fake
    }

    fn set(&self, file: &str, content: &str) {
        fs::write(self.0.join("sphere").join(file), content).unwrap();
    }

    fn get(&self, file: &str) -> String {
        fs::read_to_string(self.0.join("sphere").join(file)).unwrap()
    }

    fn remove(&self, file: &str) {
        fs::remove_file(self.0.join("sphere").join(file)).unwrap();
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sphere-ctl"));
        command.arg("--securityfs").arg(&self.0).args(args);
        command
    }

    fn run(&self, args: &[&str]) -> (i32, String, String) {
        words(self.command(args).output().unwrap())
    }

    /// Standard output of a command that works.
    fn says(&self, args: &[&str]) -> String {
        let (status, out, errors) = self.run(args);
        assert_eq!((status, errors.as_str()), (0, ""), "{args:?}: {out}");
        out
    }

    /// Standard error of a command that fails.
    fn fails(&self, args: &[&str]) -> String {
        let (status, out, errors) = self.run(args);
        assert_eq!((status, out.as_str()), (1, ""), "{args:?}: {errors}");
        assert!(errors.starts_with("sphere-ctl: "), "{errors}");
        errors
    }
}

fn words(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let status = output.status.code().unwrap();
    (status, text(output.stdout), text(output.stderr))
}

#[test]
fn status_says_all_in_short_and_what_to_look_at() {
    let fake = Fake::new("status");
    assert_eq!(
        fake.says(&["status"]),
        "version     1
mode        enforcing
lock        unlocked
policy      2 statements
components  2
denied      gpio, 3 times
denied      network, once
! managers may change the policy: sphere-ctl lock says how to end that
! who was denied what: sphere-ctl denials, sphere-ctl components
"
    );
    fake.set("mode", "development\n");
    let status = fake.says(&["status"]);
    assert!(status.contains("! debuggers may trace others"), "{status}");
    assert!(!status.contains("nothing is refused"), "{status}");
    fake.set("version", "2\n");
    fake.set("mode", "permissive\n");
    fake.set("lock", "locked\n");
    fake.set("denials", "gpio 0\n");
    fake.set("policy_error", "line 3: no such gate\n");
    let status = fake.says(&["status"]);
    assert!(status.contains("denied      nothing since"), "{status}");
    let advice: Vec<_> = status
        .lines()
        .filter(|line| line.starts_with('!'))
        .collect();
    assert_eq!(advice.len(), 3, "{status}");
    assert_eq!(
        advice[2],
        "! the last policy was refused: line 3: no such gate"
    );
}

#[test]
fn components_are_shown_by_name_and_id() {
    let fake = Fake::new("components");
    let all = fake.says(&["components"]);
    assert!(
        all.starts_with("gas-valve\n  component    ed419d83-"),
        "{all}"
    );
    assert!(
        all.contains("  GPIO lines   gpio-sim.0: 3 (output)\n"),
        "{all}"
    );
    assert!(all.contains("\ntelemetry\n"), "{all}");
    let one = fake.says(&["components", "6e8f49f6-4633-46ba-a35e-c0287db4c785"]);
    assert_eq!(one, fake.says(&["components", "telemetry"]));
    assert!(!one.contains("gas-valve"), "{one}");
    assert!(
        fake.fails(&["components", "x\u{1b}"])
            .contains("x?: no component")
    );
    fake.set("components", "");
    assert_eq!(fake.says(&["components"]), "no component runs\n");
}

#[test]
fn a_long_line_is_cut_and_the_next_is_read() {
    let fake = Fake::new("long");
    let long = format!(
        "component ed419d83-3c9d-4107-acb2-3a9815c2fcd1\n name a\n grant x{}\n uid 7\n",
        "y".repeat(5000)
    );
    fake.set("components", &long);
    let words = fake.says(&["components"]);
    assert!(words.contains("  runs as      user 7\n"), "{words}");
}

#[test]
fn syscalls_are_counted() {
    let fake = Fake::new("syscalls");
    let words = fake.says(&["syscalls"]);
    assert!(
        words.starts_with("system call 101 was denied 2 times\nsystem call 253 was denied once\n"),
        "{words}"
    );
    fake.set("syscalls", "");
    assert_eq!(fake.says(&["syscalls"]), "no system call was denied\n");
    fake.remove("syscalls");
    assert!(fake.says(&["syscalls"]).contains("CONFIG_SYSCALL_POLICY"));
}

/// That of this machine, which procfs tells everybody.
#[test]
fn memory_is_shown_by_part_and_by_process() {
    let words = Fake::new("memory").says(&["memory"]);
    let (parts, processes) = words.split_once("\n\n").expect("two tables");
    assert!(parts.starts_with("total "), "{words}");
    assert!(parts.lines().all(|line| line.ends_with(" kB")), "{words}");
    assert!(
        processes.lines().any(|line| line.ends_with("  sphere-ctl")),
        "{words}"
    );
}

#[test]
fn a_policy_is_shown_and_loaded() {
    let fake = Fake::new("policy");
    assert_eq!(fake.says(&["policy", "show"]), fake.get("policy"));
    let file = fake.0.join("new");
    let path = file.to_str().unwrap();
    fake.set("policy", "");
    fs::write(&file, "version 1\n").unwrap();
    assert_eq!(fake.says(&["policy", "load", path]), "");
    assert_eq!(fake.get("policy"), "version 1\n");
    fake.set("policy", "");
    let mut child = fake
        .command(&["policy", "load", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"version 1\n#\n")
        .unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(fake.get("policy"), "version 1\n#\n");
}

#[test]
fn what_cannot_be_loaded_is_explained() {
    let fake = Fake::new("refused");
    let file = fake.0.join("long");
    let path = file.to_str().unwrap();
    let long = format!("version 1\n#{}\n", "x".repeat(16384 - 12));
    fs::write(&file, &long).unwrap();
    fake.says(&["policy", "load", path]);
    fs::write(&file, long + "\n").unwrap();
    assert!(
        fake.fails(&["policy", "load", path])
            .contains("long: the policy has more than 16384 bytes")
    );
    assert!(
        fake.fails(&["policy", "load", "/no/file"])
            .contains("/no/file: cannot open the file: ENOENT")
    );
}

#[test]
fn a_mistake_is_found_before_the_kernel_is_asked() {
    let fake = Fake::new("mistake");
    let file = fake.0.join("new");
    let path = file.to_str().unwrap();
    fs::write(&file, "version 1\n\ncheck door on\n").unwrap();
    let before = fake.get("policy");
    let errors = fake.fails(&["policy", "load", path]);
    assert_eq!(
        errors,
        format!("sphere-ctl: {path}:3: no such gate: see the file denials for their names\n")
    );
    assert_eq!(fake.get("policy"), before);
}

/// What runs `sphere-ctl policy check` where there is no securityfs.
fn check(file: &str, input: &[u8]) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sphere-ctl"))
        .args(["--securityfs", "/no/such/place", "policy", "check", file])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end without having read all.
    let _ = child.stdin.take().unwrap().write_all(input);
    words(child.wait_with_output().unwrap())
}

#[test]
fn a_policy_is_checked_on_any_machine() {
    let fake = Fake::new("check");
    let file = fake.0.join("new");
    let path = file.to_str().unwrap();
    fs::write(&file, "# mine\nversion 1\nnobody allow tcp bind 80\n").unwrap();
    let said = format!("{path}: ok, 2 statements\n");
    assert_eq!(check(path, b""), (0, said, String::new()));
    fs::write(&file, "version 1\nnobody deny\n").unwrap();
    let (status, out, errors) = check(path, b"");
    assert_eq!((status, out.as_str()), (1, ""));
    assert!(
        errors.starts_with(&format!("{path}:2: tasks without identity")),
        "{errors}"
    );
    let said = "-: ok, 1 statement\n".to_owned();
    assert_eq!(check("-", b"version 1\n"), (0, said, String::new()));
    let (status, _, errors) = check("-", b"version 1");
    assert_eq!(status, 1);
    assert!(
        errors.starts_with("-: the last line has no end"),
        "{errors}"
    );
    let (status, _, errors) = check("/no/file", b"");
    assert_eq!(status, 1);
    assert!(
        errors.starts_with("/no/file: cannot open the file"),
        "{errors}"
    );
}

#[test]
fn the_mode_is_printed_and_set() {
    let fake = Fake::new("mode");
    assert_eq!(fake.says(&["mode"]), "enforcing\n");
    fake.set("mode", "");
    assert_eq!(fake.says(&["mode", "permissive"]), "");
    assert_eq!(fake.get("mode"), "permissive");
    fake.set("mode", "");
    assert_eq!(fake.says(&["mode", "development"]), "");
    assert_eq!(fake.get("mode"), "development");
}

#[test]
fn locking_has_to_be_meant() {
    let fake = Fake::new("lock");
    fake.set("lock", "");
    let (status, _, errors) = fake.run(&["lock"]);
    assert_eq!(status, 2);
    assert!(
        errors.contains("sphere-ctl lock --until-reboot"),
        "{errors}"
    );
    assert_eq!(fake.get("lock"), "");
    assert_eq!(fake.says(&["lock", "--until-reboot"]), "");
    assert_eq!(fake.get("lock"), "locked");
}

#[test]
fn resetting_the_registry_has_to_be_meant() {
    let fake = Fake::new("reset");
    let (status, _, errors) = fake.run(&["reset-registry"]);
    assert_eq!(status, 2);
    assert!(
        errors.contains("nothing is reset yet")
            && errors.contains("sphere-ctl reset-registry --forget-versions"),
        "{errors}"
    );
    // There is no first process of ours here.
    let errors = fake.fails(&["reset-registry", "--forget-versions"]);
    assert!(
        errors.contains("cannot reach it at /run/sphere/control"),
        "{errors}"
    );
}

#[test]
fn what_is_missing_is_named() {
    let fake = Fake::new("missing");
    fake.remove("mode");
    assert!(
        fake.fails(&["mode"])
            .contains("sphere/mode: cannot open the file: ENOENT")
    );
    fs::remove_dir_all(fake.0.join("sphere")).unwrap();
    let words = fake.fails(&["status"]);
    assert!(
        words.contains("mount -t securityfs") || words.contains("no Sphere"),
        "{words}"
    );
}

#[test]
fn a_wrong_command_line_is_explained() {
    let fake = Fake::new("usage");
    let (status, _, errors) = fake.run(&["stats"]);
    assert_eq!(status, 2);
    assert_eq!(
        errors,
        "sphere-ctl: stats: unknown command; see sphere-ctl --help\n"
    );
    assert!(fake.says(&["--help"]).starts_with("usage: sphere-ctl"));
    assert!(fake.says(&["--version"]).starts_with("sphere-ctl 0."));
}
