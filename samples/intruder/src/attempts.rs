// SPDX-License-Identifier: GPL-2.0

//! What the intruder tries.

use crate::interface;
use core::ffi::CStr;
use rustix::{
    fs::{CWD, FileType, Mode, OFlags, makedev, mknodat, openat},
    io::{self, Errno},
    mount::{MountFlags, mount},
    net::{AddressFamily, SocketType, ipproto, socket},
    process::{
        Pid, PidfdFlags, PidfdGetfdFlags, Resource, Rlimit, Signal, Uid, chroot, getrlimit, getuid,
        kill_process, pidfd_getfd, pidfd_open, setrlimit,
    },
    system::{RebootCommand, reboot, sethostname},
    thread::set_thread_res_uid,
    time::{ClockId, Timespec, clock_settime},
};
use sphere_core::{
    capability::CapabilitySet,
    record::{Kind, RECORD_MAX, Spec, bare},
    uuid::Uuid,
};
use sphere_device::identity::{self, Attr};
use syscalls::{Sysno, syscall};

/// The component id of the sample application `telemetry`.
const TELEMETRY: Uuid = Uuid([
    0x6e, 0x8f, 0x49, 0xf6, 0x46, 0x33, 0x46, 0xba, 0xa3, 0x5e, 0xc0, 0x28, 0x7d, 0xb4, 0xc7, 0x85,
]);

/// What came of an attempt.
#[derive(Clone, Copy)]
pub enum Answer {
    /// The kernel said no.
    Refused(Errno),
    /// It could not even be tried, or made no difference, for this reason.
    InVain(&'static str),
    /// It worked, which it must not.
    Succeeded,
}

impl<T> From<Result<T, Errno>> for Answer {
    fn from(result: Result<T, Errno>) -> Self {
        match result {
            Ok(_) => Self::Succeeded,
            Err(error) => Self::Refused(error),
        }
    }
}

/// Something to try.
pub struct Attempt {
    /// In words.
    pub what: &'static str,
    /// Tries it.
    pub run: fn() -> Answer,
}

/// All attempts but that of [`crate::second`].
pub const ATTEMPTS: &[Attempt] = &[
    Attempt {
        what: "be telemetry from now on",
        run: || be_telemetry(Attr::Current),
    },
    Attempt {
        what: "be telemetry in the next program",
        run: || be_telemetry(Attr::Exec),
    },
    Attempt {
        what: "be the manager from now on",
        run: || identity::set_raw(Attr::Current, &bare(Kind::Manager)).into(),
    },
    Attempt {
        what: "be the manager in the next program",
        run: || identity::set_raw(Attr::Exec, &bare(Kind::Manager)).into(),
    },
    Attempt {
        what: "have no identity any more",
        run: || identity::set_raw(Attr::Current, &bare(Kind::None)).into(),
    },
    Attempt {
        what: "write the manager's identity to /proc",
        run: write_to_proc,
    },
    Attempt {
        what: "mount a /proc of my own",
        run: || mount("proc", "/", "proc", MountFlags::empty(), None).into(),
    },
    Attempt {
        what: "be user 0",
        run: || become_user(0).into(),
    },
    Attempt {
        what: "be another application's user",
        run: become_neighbour,
    },
    Attempt {
        what: "have another root directory",
        run: || chroot("/bin").into(),
    },
    Attempt {
        what: "trace the manager",
        run: trace_manager,
    },
    Attempt {
        what: "make the manager trace me",
        run: appoint_manager,
    },
    Attempt {
        what: "read the manager's memory",
        run: read_manager,
    },
    Attempt {
        what: "take an open file of the manager",
        run: take_file_of_manager,
    },
    Attempt {
        what: "talk to the config service",
        run: || sample::config::connect_once().into(),
    },
    Attempt {
        what: "kill the manager",
        run: || kill_process(Pid::INIT, Signal::KILL).into(),
    },
    Attempt {
        what: "open a GPIO chip",
        run: || open_device(c"/dev/gpiochip0"),
    },
    Attempt {
        what: "open a flash partition",
        run: || open_device(c"/dev/mtd0"),
    },
    Attempt {
        what: "make a device node",
        run: make_device,
    },
    Attempt {
        what: "mount all devices",
        run: || mount("devtmpfs", "/dev", "devtmpfs", MountFlags::empty(), None).into(),
    },
    Attempt {
        what: "mount a flash partition",
        run: || mount("mtd0", "/dev", "jffs2", MountFlags::empty(), None).into(),
    },
    Attempt {
        what: "mount the groups that limit me",
        run: || mount("cgroup2", "/", "cgroup2", MountFlags::empty(), None).into(),
    },
    Attempt {
        what: "have more files open than I may",
        run: raise_limit,
    },
    Attempt {
        what: "use the network",
        run: || socket(AddressFamily::INET, SocketType::STREAM, None).into(),
    },
    Attempt {
        what: "send datagrams",
        run: || socket(AddressFamily::INET, SocketType::DGRAM, None).into(),
    },
    Attempt {
        what: "send packets of any protocol",
        run: || socket(AddressFamily::INET, SocketType::RAW, Some(ipproto::RAW)).into(),
    },
    Attempt {
        what: "find out which machines there are",
        run: || socket(AddressFamily::INET, SocketType::DGRAM, Some(ipproto::ICMP)).into(),
    },
    Attempt {
        what: "listen to all that is on the network",
        run: || socket(AddressFamily::PACKET, SocketType::RAW, None).into(),
    },
    Attempt {
        what: "configure the network",
        run: || socket(AddressFamily::NETLINK, SocketType::RAW, None).into(),
    },
    Attempt {
        what: "take the network interfaces down",
        run: interface::take_down,
    },
    Attempt {
        what: "set the clock",
        run: || clock_settime(ClockId::Realtime, Timespec::default()).into(),
    },
    Attempt {
        what: "give the machine another name",
        run: || sethostname(b"mine").into(),
    },
    Attempt {
        what: "read the kernel log",
        run: read_kernel_log,
    },
    // The last: if it worked, nothing more could be said.
    Attempt {
        what: "restart the machine",
        run: || reboot(RebootCommand::Restart).into(),
    },
];

fn raise_limit() -> Answer {
    let Some(most) = getrlimit(Resource::Nofile).maximum else {
        return Answer::InVain("nobody has given me a limit");
    };
    let more = Rlimit {
        current: Some(most + 1),
        maximum: Some(most + 1),
    };
    setrlimit(Resource::Nofile, more).into()
}

fn open_device(path: &CStr) -> Answer {
    match openat(CWD, path, OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()) {
        Err(Errno::NOENT) => Answer::InVain("my file system has no such device"),
        answer => answer.into(),
    }
}

fn make_device() -> Answer {
    // The first GPIO chip of a machine has most often this number.
    let chip = makedev(254, 0);
    mknodat(CWD, "/node", FileType::CharacterDevice, Mode::RWXU, chip).into()
}

fn read_kernel_log() -> Answer {
    /// `SYSLOG_ACTION_READ_ALL`.
    const READ_ALL: usize = 3;

    let mut log = [0u8; 64];
    // SAFETY: the kernel writes at most as many bytes to `log` as it has.
    let result = unsafe { syscall!(Sysno::syslog, READ_ALL, log.as_mut_ptr(), log.len()) };
    answer(result)
}

fn be_telemetry(attr: Attr) -> Answer {
    let spec = Spec {
        component: TELEMETRY,
        tenant: "",
        name: "telemetry",
        capabilities: CapabilitySet::EMPTY,
        storage_bytes: 0,
        gpio: &[],
        mtd: &[],
        net: &[],
        peers: &[],
    };
    let mut record = [0; RECORD_MAX];
    match spec.write(&mut record) {
        Ok(size) => identity::set_raw(attr, &record[..size]).into(),
        Err(_) => Answer::InVain("my record is not valid"),
    }
}

fn write_to_proc() -> Answer {
    const PATH: &CStr = c"/proc/self/attr/sphere/exec";
    match openat(CWD, PATH, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty()) {
        Ok(file) => io::write(file, &bare(Kind::Manager)).into(),
        Err(Errno::NOENT) => Answer::InVain("there is no /proc in my file system"),
        Err(error) => Answer::Refused(error),
    }
}

fn become_user(uid: u32) -> Result<(), Errno> {
    let user = Uid::from_raw(uid);
    set_thread_res_uid(user, user, user)
}

/// Tries the users that the manager gives to applications.
fn become_neighbour() -> Answer {
    let own = getuid().as_raw();
    let mut answer = Answer::InVain("there is none");
    for uid in (1001..=1032).filter(|&uid| uid != own) {
        answer = become_user(uid).into();
        if matches!(answer, Answer::Succeeded) {
            break;
        }
    }
    answer
}

fn trace_manager() -> Answer {
    /// `PTRACE_SEIZE`, which does not stop what it traces.
    const SEIZE: usize = 0x4206;

    // SAFETY: nothing of this process is traced.
    let result = unsafe { syscall!(Sysno::ptrace, SEIZE, 1, 0, 0) };
    answer(result)
}

fn appoint_manager() -> Answer {
    /// `PTRACE_TRACEME`: the parent is to be the tracer, and would be told of every stop.
    const TRACEME: usize = 0;

    // SAFETY: the request has no other arguments, and no memory is touched.
    let result = unsafe { syscall!(Sysno::ptrace, TRACEME, 0, 0, 0) };
    answer(result)
}

fn read_manager() -> Answer {
    /// `struct iovec`.
    #[repr(C)]
    struct Span(*mut u8, usize);

    let mut byte = 0u8;
    let local = Span(&raw mut byte, 1);
    // Where a program for a fixed address has its first page.
    let remote = Span(core::ptr::without_provenance_mut(0x20_0000), 1);
    // SAFETY: the kernel writes at most one byte to `byte`.
    let result = unsafe {
        syscall!(
            Sysno::process_vm_readv,
            1,
            &raw const local,
            1,
            &raw const remote,
            1,
            0
        )
    };
    answer(result)
}

fn take_file_of_manager() -> Answer {
    pidfd_open(Pid::INIT, PidfdFlags::empty())
        .and_then(|manager| pidfd_getfd(manager, 1, PidfdGetfdFlags::empty()))
        .into()
}

/// What came of a raw system call.
pub fn answer(result: Result<usize, syscalls::Errno>) -> Answer {
    result
        .map_err(|error| Errno::from_raw_os_error(error.into_raw()))
        .into()
}
