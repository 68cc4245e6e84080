package main

import (
	"os"
	"path/filepath"

	"hocba/internal/fault"
	"hocba/internal/signing/software"
)

// secretFile is the server's half of every wrapped key, in the data folder and
// not in the database: a copied database alone opens no key.
const secretFile = "server-secret"

// serverSecret reads the secret of the data folder, and makes it the first time.
func serverSecret(folder string) (*software.Secret, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "command.file", "name", folder)
	}
	return software.LoadOrCreateSecret(filepath.Join(folder, secretFile))
}
