#!/bin/sh
# A systemd of its own in namespaces of its own. `boot.sh outside FOLDER` boots one with nothing but
# our unit: FOLDER has bin/ and etc/, laid over /usr/bin and /etc, units/, the only units that there
# are, and log, where systemd writes. `boot.sh debian FOLDER` boots the host's whole Debian, for a
# package to be installed. After the end `boot.sh remove FOLDER` takes away what was left.
# Nothing of the host is written, and all that runs inside ends with the first process there.
set -eu
folder=$2
groups=/sys/fs/cgroup

# To be run in a private mount namespace. Makes the other namespaces, in a control group of its own.
outside() {
    enter_control_group
    exec unshare --fork --kill-child --pid --mount --uts --ipc --net --cgroup "$0" inside "$folder"
}

inside() {
    mount -t proc proc /proc
    mount --bind /proc/sys /proc/sys
    mount -o remount,bind,ro /proc/sys
    mount_control_groups
    mount -t overlay -o "ro,lowerdir=$folder/bin:/usr/bin" overlay /usr/bin
    mount -t overlay -o "ro,lowerdir=$folder/etc:/etc" overlay /etc
    mount --bind /dev/null /dev/console
    mount --bind "$folder/log" /dev/kmsg
    mount -t tmpfs tmpfs /run
    mkdir /run/units /run/generators
    mount --bind "$folder/units" /run/units
    mount -t tmpfs tmpfs /var/lib
    mount -t tmpfs tmpfs /var/tmp
    mount -t tmpfs tmpfs /tmp # last, as FOLDER may lie there
    ip link set lo up
    exec env -i PATH="$PATH" container=lift-test \
        SYSTEMD_UNIT_PATH=/run/units SYSTEMD_GENERATOR_PATH=/run/generators \
        /lib/systemd/systemd --system --unit=test.target --log-target=kmsg
}

# To be run in a private mount namespace. Changes go into memory; none of the host's own services
# runs. A reboot is a new start of the container (status 133).
debian() {
    enter_control_group
    mkdir "$folder/host" "$folder/root" "$folder/changes"
    mount --bind / "$folder/host"
    mount -t tmpfs tmpfs "$folder/changes"
    mkdir "$folder/changes/upper" "$folder/changes/work"
    changes="upperdir=$folder/changes/upper,workdir=$folder/changes/work"
    mount -t overlay -o "lowerdir=$folder/host,$changes" overlay "$folder/root"
    rm -rf "$folder"/root/etc/systemd/system/*.wants
    cp "$folder/machine-id" "$folder/root/etc/machine-id"
    status=133
    while [ $status = 133 ]; do
        status=0
        setpriv --pdeathsig KILL systemd-nspawn --register=no --keep-unit --private-network --machine=lift-test \
            --directory="$folder/root" --boot </dev/null >> "$folder/log" 2>&1 || status=$?
    done
    exit $status
}

# To be run in a private mount namespace, too. What was killed may need a moment to be gone.
remove() {
    mount_control_groups
    for _ in $(seq 100); do
        find "$groups/$(basename "$folder")" -depth -type d -exec rmdir {} + 2>/dev/null && return
        sleep 0.05
    done
    echo "still busy: $(find "$groups/$(basename "$folder")" -name cgroup.procs -exec cat {} +)" >&2
    exit 1
}

enter_control_group() {
    mount_control_groups
    mkdir "$groups/$(basename "$folder")"
    echo $$ > "$groups/$(basename "$folder")/cgroup.procs"
}

# The kernel mounts no file system over itself, hence the tmpfs between.
mount_control_groups() {
    mount -t tmpfs tmpfs "$groups"
    mount -t cgroup2 cgroup2 "$groups"
}

"$1"
