package signing

import "context"

// Provider names a kind of signer.
type Provider string

// The providers. Software is the trial key store of this program; an agent's
// token never meets the server: the page in its holder's browser asks it.
const (
	Software Provider = "software"
	PKCS11   Provider = "pkcs11"
	Remote   Provider = "remote"
	Agent    Provider = "agent"
)

// Access is how a provider is reached, and who wants to sign.
type Access struct {
	WayID   int64             // of the way the unit set up: its logins are told apart by it
	Params  map[string]string // of that way
	Account int64             // of the person
	PIN     string            // as typed for this batch; kept nowhere
}

// Credential is a key that a provider holds, with its certificate.
type Credential struct {
	Ref         string // the provider's name for the key
	Certificate *Certificate
}

// Opener opens signers of one kind.
type Opener interface {
	// Credentials lists the keys that the person may sign with. It fails with
	// Unavailable signer.unavailable, Locked signer.login (the person must sign in
	// at the service first), Invalid signer.config, and the codes of a PIN.
	Credentials(ctx context.Context, a Access) ([]Credential, error)
	// Open begins a batch of some total of signatures with one key. It fails as
	// Credentials does.
	Open(ctx context.Context, a Access, c Credential, total int) (Session, error)
}
