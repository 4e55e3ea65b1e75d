package file

import (
	"fmt"
	"io/fs"
	"strconv"

	"golang.org/x/sys/unix"

	"goshawk/row"
)

// details is a stat in its role of accessor.Details.
type details stat

var (
	dataColumns = row.NewColumns("DevMajor", "DevMinor")
	linkColumns = row.NewColumns("Link", "DevMajor", "DevMinor")
	timeColumns = row.NewColumns("Sec", "Nsec")
	sysColumns  = row.NewColumns("Dev", "Ino", "Nlink", "Mode", "Uid", "Gid", "Rdev", "Size", "Blksize", "Blocks", "Atim", "Mtim", "Ctim")
)

// Data is the device's numbers, and where a link leads.
func (d *details) Data() row.Value {
	major, minor := row.Int(int64(d.devMajor)), row.Int(int64(d.devMinor))
	if !d.IsLink() {
		return row.FromDict(row.NewDict(dataColumns, []row.Value{major, minor}))
	}
	link := row.Null
	if text, err := d.Link(); err == nil {
		link = row.String(text)
	}
	return row.FromDict(row.NewDict(linkColumns, []row.Value{link, major, minor}))
}

// Sys is the fields of struct stat.
func (d *details) Sys() row.Value {
	spec := func(sec int64, nsec int) row.Value {
		return row.FromDict(row.NewDict(timeColumns, []row.Value{row.Int(sec), row.Int(int64(nsec))}))
	}
	return row.FromDict(row.NewDict(sysColumns, []row.Value{
		row.Uint(d.Dev), row.Uint(d.Inode), row.Int(int64(d.nlink)), row.Int(int64(d.mode)),
		row.Int(int64(d.uid)), row.Int(int64(d.gid)), row.Uint(d.rdev), row.Int(d.Size),
		row.Int(int64(d.blksize)), row.Uint(d.blocks),
		spec(d.Atime.Unix(), d.Atime.Nanosecond()), spec(d.Mtime.Unix(), d.Mtime.Nanosecond()),
		spec(d.Ctime.Unix(), d.Ctime.Nanosecond()),
	}))
}

// Link reads where the link leads.
func (d *details) Link() (string, error) {
	name, err := osPath(d.Path)
	if err != nil {
		return "", err
	}
	short, done, err := shorten(name)
	if err != nil {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: err}
	}
	defer done()
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlink(short, buf)
	if err != nil {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: err}
	}
	return string(buf[:n]), nil
}

// FSType names the type of the file system: that of its folder for a link,
// which would be followed otherwise.
func (d *details) FSType() string {
	p := d.Path
	if d.IsLink() {
		p = p.Dir()
	}
	name, err := osPath(p)
	if err != nil {
		return ""
	}
	short, done, err := shorten(name)
	if err != nil {
		return ""
	}
	defer done()
	var st unix.Statfs_t
	if err := retry(func() error { return unix.Statfs(short, &st) }); err != nil {
		return ""
	}
	return fsName(int64(st.Type))
}

// fsNames are the names of file systems by their magic numbers, as in statfs(2).
var fsNames = map[uint32]string{
	unix.EXT4_SUPER_MAGIC:      "ext2", // ext2, ext3 and ext4 have one number
	unix.XFS_SUPER_MAGIC:       "xfs",
	unix.BTRFS_SUPER_MAGIC:     "btrfs",
	unix.F2FS_SUPER_MAGIC:      "f2fs",
	unix.OVERLAYFS_SUPER_MAGIC: "overlay",
	unix.TMPFS_MAGIC:           "tmpfs",
	unix.RAMFS_MAGIC:           "ramfs",
	unix.SQUASHFS_MAGIC:        "squashfs",
	unix.EROFS_SUPER_MAGIC_V1:  "erofs",
	unix.ISOFS_SUPER_MAGIC:     "iso9660",
	unix.UDF_SUPER_MAGIC:       "udf",
	unix.MSDOS_SUPER_MAGIC:     "msdos",
	unix.EXFAT_SUPER_MAGIC:     "exfat",
	unix.NFS_SUPER_MAGIC:       "nfs",
	unix.SMB_SUPER_MAGIC:       "smb",
	unix.CIFS_SUPER_MAGIC:      "cifs",
	unix.SMB2_SUPER_MAGIC:      "smb2",
	unix.CEPH_SUPER_MAGIC:      "ceph",
	unix.AFS_SUPER_MAGIC:       "afs",
	unix.V9FS_MAGIC:            "9p",
	unix.FUSE_SUPER_MAGIC:      "fuse",
	unix.ECRYPTFS_SUPER_MAGIC:  "ecryptfs",
	unix.PROC_SUPER_MAGIC:      "proc",
	unix.SYSFS_MAGIC:           "sysfs",
	unix.DEVPTS_SUPER_MAGIC:    "devpts",
	unix.CGROUP_SUPER_MAGIC:    "cgroup",
	unix.CGROUP2_SUPER_MAGIC:   "cgroup2",
	unix.DEBUGFS_MAGIC:         "debugfs",
	unix.TRACEFS_MAGIC:         "tracefs",
	unix.SECURITYFS_MAGIC:      "securityfs",
	unix.SELINUX_MAGIC:         "selinuxfs",
	unix.BPF_FS_MAGIC:          "bpf",
	unix.PSTOREFS_MAGIC:        "pstore",
	unix.EFIVARFS_MAGIC:        "efivarfs",
	unix.HUGETLBFS_MAGIC:       "hugetlbfs",
	unix.AUTOFS_SUPER_MAGIC:    "autofs",
	unix.BINFMTFS_MAGIC:        "binfmt_misc",
	unix.NSFS_MAGIC:            "nsfs",
	0x19800202:                 "mqueue",
	0x65735543:                 "fusectl",
	0x62656570:                 "configfs",
	0x2fc12fc1:                 "zfs",
}

// fsName names a file system. One that is not listed is its number.
func fsName(magic int64) string {
	if name, ok := fsNames[uint32(magic)]; ok {
		return name
	}
	return fmt.Sprintf("0x%x", uint32(magic))
}

// procName is a name for what an open descriptor stands for.
func procName(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }
