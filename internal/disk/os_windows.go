package disk

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

func syncAndClose(folder *os.File) error { return folder.Close() }

func isSystemFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}
