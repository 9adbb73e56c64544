#!/usr/bin/env python3
"""Unpacks an OCI image into a folder, and runs it there as its own configuration says.

    run-image.py unpack IMAGE.tar FOLDER       prints the sizes
    run-image.py run FOLDER DATA USER [ARG...] needs namespaces for mounts and network: unshare --mount --net

Variables that begin with LATCHKEY_ or JAVA_ are passed on. The root file system is read-only, /tmp is mounted with noexec, and /data is the only place to write. ARG replaces the
image's command.
"""

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import tarfile

CONFIGURATION = "configuration.json"


def unpack(image, folder):
    with tarfile.open(image) as archive:

        def blob(digest):
            return archive.extractfile("blobs/" + digest.replace(":", "/"))

        index = json.load(archive.extractfile("index.json"))
        manifest = json.load(blob(index["manifests"][0]["digest"]))
        root = os.path.join(folder, "root")
        os.makedirs(root)
        for layer in manifest["layers"]:
            with tarfile.open(fileobj=blob(layer["digest"]), mode="r|*") as files:
                # Some Debian versions of Python do not know filters yet.
                files.extractall(root, numeric_owner=True)
        configuration = json.load(blob(manifest["config"]["digest"]))
    with open(os.path.join(folder, CONFIGURATION), "w") as file:
        json.dump(configuration, file)
    unpacked = sum(
        os.lstat(os.path.join(path, name)).st_size for path, _, names in os.walk(root) for name in names
    )
    print(sum(layer["size"] for layer in manifest["layers"]), unpacked)


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        fcntl.ioctl(probe, 0x8914, struct.pack("16sH14s", b"lo", 0x1 | 0x40, b""))  # SIOCSIFFLAGS, IFF_UP | IFF_RUNNING


def run(folder, data, user, arguments):
    root = os.path.join(folder, "root")
    with open(os.path.join(folder, CONFIGURATION)) as file:
        container = json.load(file)["config"]
    loopback_up()
    mount("--make-rprivate", "/")
    mount("--bind", root, root)
    for name in ("proc", "dev", "tmp", "data"):
        os.makedirs(os.path.join(root, name), exist_ok=True)
    mount("-t", "proc", "-o", "ro,nosuid,nodev,noexec", "proc", root + "/proc")
    mount("-t", "tmpfs", "-o", "mode=755,noexec", "tmpfs", root + "/dev")
    for device in ("null", "zero", "random", "urandom"):
        os.mknod(f"{root}/dev/{device}", 0o020666, os.stat("/dev/" + device).st_rdev)
        os.chmod(f"{root}/dev/{device}", 0o666)
    mount("-t", "tmpfs", "-o", "mode=1777,nosuid,nodev,noexec,size=16m", "tmpfs", root + "/tmp")
    if data != "-":
        mount("--bind", data, root + "/data")
        mount("-o", "remount,bind,nosuid,nodev,noexec", root + "/data")
    mount("-o", "remount,bind,ro", root)

    os.chroot(root)
    os.chdir(container["WorkingDir"])
    uid, _, gid = (user or container["User"]).partition(":")
    os.setgroups([])
    os.setgid(int(gid or 0))
    os.setuid(int(uid))
    command = container["Entrypoint"] + (arguments or container["Cmd"])
    environment = dict(variable.split("=", 1) for variable in container["Env"])
    environment.update((name, value) for name, value in os.environ.items() if name.startswith(("LATCHKEY_", "JAVA_")))
    os.execve(command[0], command, environment)


if sys.argv[1] == "unpack":
    unpack(sys.argv[2], sys.argv[3])
else:
    run(sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5:])
