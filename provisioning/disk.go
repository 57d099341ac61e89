package provisioning

import (
	"errors"
	"syscall"
)

// isDiskFull knows the system's words for it.
func isDiskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
