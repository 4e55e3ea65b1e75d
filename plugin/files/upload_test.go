package files_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"

	"goshawk/plugin/files"
)

// memory is an Uploader that keeps what it is given, by accessor and stored name.
type memory struct {
	content map[string]string
	results map[string]files.UploadResult
	sent    int
}

// Upload keeps a file.
func (m *memory) Upload(_ context.Context, r files.UploadRequest) (files.UploadResult, error) {
	key := r.Accessor + " " + r.StoreAs.String()
	if have, ok := m.results[key]; ok {
		return have, nil
	}
	b, err := io.ReadAll(r.Reader)
	if err != nil {
		return files.UploadResult{}, err
	}
	if m.results == nil {
		m.content, m.results = map[string]string{}, map[string]files.UploadResult{}
	}
	sum := sha256.Sum256(b)
	m.sent++
	m.content[key] = string(b)
	m.results[key] = files.UploadResult{
		Path: r.Path.String(), Size: uint64(len(b)), UploadID: int64(len(m.results)), StoredSize: uint64(len(b)),
		SHA256: hex.EncodeToString(sum[:]), StoredName: r.StoreAs.String(), Components: r.StoreAs.Components(),
		Accessor: r.Accessor,
	}
	return m.results[key], nil
}
