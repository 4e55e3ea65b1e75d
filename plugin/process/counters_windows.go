package process

import (
	"unsafe"

	"golang.org/x/sys/windows"

	"goshawk/row"
)

var (
	kernel32             = windows.NewLazySystemDLL("kernel32.dll")
	getProcessIoCounters = kernel32.NewProc("GetProcessIoCounters")
	getProcessMemoryInfo = kernel32.NewProc("K32GetProcessMemoryInfo")

	ioColumns = row.NewColumns("ReadOperationCount", "WriteOperationCount", "OtherOperationCount",
		"ReadTransferCount", "WriteTransferCount", "OtherTransferCount")
	memoryColumns = row.NewColumns("PageFaultCount", "PeakWorkingSetSize", "WorkingSetSize", "QuotaPeakPagedPoolUsage",
		"QuotaPagedPoolUsage", "QuotaPeakNonPagedPoolUsage", "QuotaNonPagedPoolUsage", "PagefileUsage", "PeakPagefileUsage")
)

// ioCounters is a dict of a process's reads and writes, NULL if unknown.
func ioCounters(h windows.Handle) row.Value {
	var c windows.IO_COUNTERS
	if ok, _, _ := getProcessIoCounters.Call(uintptr(h), uintptr(unsafe.Pointer(&c))); ok == 0 {
		return row.Null
	}
	return counters(ioColumns, c.ReadOperationCount, c.WriteOperationCount, c.OtherOperationCount,
		c.ReadTransferCount, c.WriteTransferCount, c.OtherTransferCount)
}

// memoryInfo is the system's PROCESS_MEMORY_COUNTERS.
type memoryInfo struct {
	size           uint32
	pageFaultCount uint32
	sizes          [8]uintptr // as memoryColumns goes on
}

// memoryCounters is a dict of a process's memory, NULL if unknown.
func memoryCounters(h windows.Handle) row.Value {
	m := memoryInfo{}
	m.size = uint32(unsafe.Sizeof(m))
	if ok, _, _ := getProcessMemoryInfo.Call(uintptr(h), uintptr(unsafe.Pointer(&m)), uintptr(m.size)); ok == 0 {
		return row.Null
	}
	ns := []uint64{uint64(m.pageFaultCount)}
	for _, n := range m.sizes {
		ns = append(ns, uint64(n))
	}
	return counters(memoryColumns, ns...)
}

func counters(cols *row.Columns, ns ...uint64) row.Value {
	vals := make([]row.Value, len(ns))
	for i, n := range ns {
		vals[i] = row.Uint(n)
	}
	return row.FromDict(row.NewDict(cols, vals))
}
