//! Disks that misbehave on demand, each in a mount namespace of its own: it goes when the test
//! goes, and nothing else on the machine ever sees it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::unistd::geteuid;
use tempfile::TempDir;

/// A disk, mounted where only the processes started [through](Disk::through) it see it.
pub struct Disk {
    /// Keeps the namespace alive; ends with its input.
    keeper: Child,
    dir: TempDir,
}

impl Disk {
    /// A disk in memory with room for so many KiB.
    ///
    /// # Errors
    /// Why there can be none on this machine.
    pub fn small(kib: u32) -> Result<Self, String> {
        Self::mounted(|dir| {
            Ok(format!("mount -t tmpfs -o size={kib}k lift-test {}", dir.join("disk").display()))
        })
    }

    /// A disk that can be frozen: a file with a file system in it.
    ///
    /// # Errors
    /// Why there can be none on this machine.
    pub fn freezable() -> Result<Self, String> {
        if !geteuid().is_root() {
            return Err("only root can mount a file".into());
        }
        Self::mounted(|dir| {
            let image = dir.join("image");
            let file = File::create(&image).map_err(|error| error.to_string())?;
            file.set_len(8 << 20).map_err(|error| error.to_string())?;
            run(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&image))?;
            Ok(format!("mount -o loop {} {}", image.display(), dir.join("disk").display()))
        })
    }

    fn mounted(prepare: impl FnOnce(&Path) -> Result<String, String>) -> Result<Self, String> {
        let dir = tempfile::tempdir().expect("a temporary directory");
        fs::create_dir(dir.path().join("disk")).expect("a directory");
        let mount = prepare(dir.path())?;
        let mut unshare = Command::new("unshare");
        unshare.arg("--mount");
        if !geteuid().is_root() {
            unshare.args(["--user", "--map-root-user"]);
        }
        unshare.args(["sh", "-c", &keeping(&mount, &dir.path().join("disk"))]);
        unshare.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut keeper = unshare.spawn().map_err(|error| format!("no unshare: {error}"))?;
        let mut line = String::new();
        let output = keeper.stdout.take().expect("its output is a pipe");
        let disk = Self { keeper, dir };
        match BufReader::new(output).read_line(&mut line) {
            Ok(_) if line == "mounted\n" => Ok(disk),
            _ => Err(format!("this does not work here: {mount}")),
        }
    }

    /// The directory as those see it who get there [through](Disk::through) the namespace.
    pub fn state_dir(&self) -> PathBuf {
        self.dir.path().join("disk/state")
    }

    /// The command through which a program sees the disk.
    pub fn through(&self) -> Vec<String> {
        let mut words = vec!["nsenter".to_owned(), "--mount".to_owned()];
        if !geteuid().is_root() {
            words.extend(["--user".to_owned(), "--preserve-credentials".to_owned()]);
        }
        words.extend(["--target".to_owned(), self.keeper.id().to_string()]);
        words
    }

    /// The disk as everybody else sees it.
    pub fn outside(&self) -> PathBuf {
        let path = self.dir.path().join("disk");
        Path::new(&format!("/proc/{}/root", self.keeper.id()))
            .join(path.strip_prefix("/").expect("an absolute path"))
    }

    /// Mounts it again, with these options.
    ///
    /// # Errors
    /// Why that cannot be.
    pub fn remount(&self, options: &str) -> Result<(), String> {
        let words = self.through();
        let path = self.dir.path().join("disk");
        let options = format!("remount,{options}");
        run(Command::new(&words[0]).args(&words[1..]).args(["mount", "-o", &options]).arg(path))
    }

    /// Holds up whoever writes or syncs, until the value is dropped.
    ///
    /// # Errors
    /// Why this disk cannot be frozen.
    pub fn freeze(&self) -> Result<Frozen, String> {
        let path = self.outside();
        run(Command::new("fsfreeze").arg("-f").arg(&path))?;
        Ok(Frozen(path))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait(); // nothing is left to do about it
    }
}

/// Mounts, and waits for the end of its input: that of the test, however it comes. Whoever waits for
/// a frozen disk then is let go, since not even `SIGKILL` would end it.
fn keeping(mount: &str, disk: &Path) -> String {
    format!(
        "trap '' INT; {mount} && echo mounted && cat; fsfreeze -u {} 2>/dev/null",
        disk.display()
    )
}

/// A disk that holds up everybody who writes.
pub struct Frozen(PathBuf);

impl Drop for Frozen {
    fn drop(&mut self) {
        // Failing loudly matters: whoever waits for this disk cannot even be killed.
        if let Err(error) = run(Command::new("fsfreeze").arg("-u").arg(&self.0)) {
            eprintln!("the disk stays frozen: {error}");
        }
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("no {name}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if output.status.success() { Ok(()) } else { Err(format!("{name} failed: {said}")) }
}
