"""Where a ledger must not lie: shares of a network, where SQLite's write-ahead log is unsafe."""

from __future__ import annotations

import os
from pathlib import Path

MOUNTS = Path("/proc/mounts")

# File systems that other computers may write at the same time. WAL needs memory that all writers
# share (sqlite.org/wal.html), so two computers would damage the file. 9p is not among them: it is
# the root of some containers, where one kernel serves every writer.
_NETWORK = frozenset(
    {
        *("afs", "beegfs", "ceph", "cifs", "davfs", "davfs2", "glusterfs", "gpfs", "lustre"),
        *("ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "smb3", "smbfs"),
        *("fuse.davfs2", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs"),
    }
)


def network_share(path: Path, mounts: Path = MOUNTS) -> str | None:
    """The kind of network share that a path lies on; None where it lies on none.

    Args:
        path: need not be there yet.
        mounts: the system's list of mounted file systems (proc(5)); without one the answer is
            None, as on Windows and macOS.
    """
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return None
    place = os.path.realpath(path)
    deepest, kind = "", None
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 3:  # noqa: PLR2004
            continue
        # The kernel writes spaces, tabs, newlines and backslashes of a path as octal.
        point = fields[1]
        for octal, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
            point = point.replace(octal, character)
        inside = place == point or place.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(deepest):
            deepest, kind = point, fields[2]
    return kind if kind in _NETWORK else None
