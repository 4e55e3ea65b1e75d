//go:build !windows

package disk

import (
	"errors"
	"os"
)

func syncAndClose(folder *os.File) error {
	return errors.Join(folder.Sync(), folder.Close())
}

func isSystemFull(error) bool { return false }
