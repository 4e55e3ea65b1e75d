package velociraptor

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"unicode/utf8"

	"goshawk"
)

// Names hides and reveals the names of queries as stock servers do: "$" and the
// hex of AES-256-CBC. Goshawk leaves names plain; it reveals those of results
// that were asked for by a stock server.
type Names struct {
	block cipher.Block
	iv    []byte
}

// hidden matches hidden names in text.
var hidden = regexp.MustCompile(`\$[a-fA-F0-9]+`)

// NewNames takes the text of obfuscation_nonce in a server's configuration.
func NewNames(nonce string) *Names {
	key := sha256.Sum256([]byte(nonce))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic("bug: " + err.Error()) // for lengths of keys only
	}
	return &Names{block: block, iv: key[:aes.BlockSize]}
}

// Obfuscate hides a name. Equal names give equal results.
func (n *Names) Obfuscate(name string) string {
	b := pad([]byte(name), padding(len(name)))
	cipher.NewCBCEncrypter(n.block, n.iv).CryptBlocks(b, b)
	return "$" + hex.EncodeToString(b)
}

// Reveal returns the name that was hidden. A name that was not is returned as
// it is; one that was hidden by another key is goshawk.ErrInvalid.
func (n *Names) Reveal(name string) (string, error) {
	if name == "" || name[0] != '$' {
		return name, nil
	}
	b, err := hex.DecodeString(name[1:])
	if err != nil || len(b) == 0 || len(b)%aes.BlockSize != 0 {
		return "", fmt.Errorf("%w: %.80q is no obfuscated name", goshawk.ErrInvalid, name)
	}
	cipher.NewCBCDecrypter(n.block, n.iv).CryptBlocks(b, b)
	if b, err = unpad(b); err != nil || !utf8.Valid(b) {
		return "", fmt.Errorf("%w: %.80q was obfuscated by another key", goshawk.ErrInvalid, name)
	}
	return string(b), nil
}

// RevealText reveals the names within a text, such as log lines. What does not
// decrypt stays.
func (n *Names) RevealText(text []byte) []byte {
	return hidden.ReplaceAllFunc(text, func(name []byte) []byte {
		if plain, err := n.Reveal(string(name)); err == nil {
			return []byte(plain)
		}
		return name
	})
}
