// Package password hashes and checks passwords with argon2id (RFC 9106). A
// semaphore bounds how many hashes run at once, so that a rush of sign-ins
// cannot take all memory or all cores.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"hocba/internal/fault"
)

// Cost of one hash: 19 MiB, two passes, one lane; about 25 ms of one core.
const (
	memoryKiB = 19 * 1024
	passes    = 2
	lanes     = 1
	keyBytes  = 32
	saltBytes = 16
)

// The shortest and the longest password accepted, in characters.
const (
	MinLength = 10
	MaxLength = 200
)

// Check refuses a new password that is easy to guess or no change. Length does
// more than rules about signs (NIST SP 800-63B 5.1.1.2), so only what everybody
// would try first is refused besides. Faults, all Invalid: password.short,
// password.long, password.name (it is the username and little else),
// password.common (one sign, or a run of them), password.same.
func Check(fresh, old, username string) error {
	n := utf8.RuneCountInString(fresh)
	folded := strings.ToLower(fresh)
	switch {
	case n < MinLength:
		return fault.New(fault.Invalid, "password.short", "min", strconv.Itoa(MinLength))
	case n > MaxLength:
		return fault.New(fault.Invalid, "password.long", "max", strconv.Itoa(MaxLength))
	case username != "" && strings.Contains(folded, username) && n < len(username)+MinLength/2:
		return fault.New(fault.Invalid, "password.name")
	case monotonous(folded):
		return fault.New(fault.Invalid, "password.common")
	case fresh == old:
		return fault.New(fault.Invalid, "password.same")
	}
	return nil
}

// monotonous reports whether a password holds less than four different signs or
// only counts up or down: "aaaaaaaaaa", "1212121212", "1234567890".
func monotonous(s string) bool {
	signs, steps := map[rune]bool{}, map[rune]bool{}
	var last rune
	for _, r := range s {
		if last != 0 {
			steps[(r-last+10)%10] = true // 9 goes on with 0
		}
		signs[r], last = true, r
	}
	return len(signs) < 4 || len(steps) == 1
}

var slots = make(chan struct{}, max(1, runtime.NumCPU()))

func acquire(ctx context.Context) error {
	select {
	case slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fault.Wrap(ctx.Err(), fault.Unavailable, "password.busy")
	}
}

func release() { <-slots }

// Hash returns the encoded hash of password under a fresh salt. It waits for a
// free slot; a context that ends first gives Unavailable, password.busy.
func Hash(ctx context.Context, password string) (string, error) {
	if err := acquire(ctx); err != nil {
		return "", err
	}
	defer release()
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("make a salt: %w", err)
	}
	key := argon2.IDKey([]byte(password), salt, passes, memoryKiB, lanes, keyBytes)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memoryKiB, passes, lanes,
		enc.EncodeToString(salt), enc.EncodeToString(key)), nil
}

// nobody is compared against when there is no account, so that an unknown name
// costs as much time as a wrong password.
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// Matches reports whether password belongs to the encoded hash; an empty hash
// never matches, but takes as long.
func Matches(ctx context.Context, encoded, password string) (bool, error) {
	if err := acquire(ctx); err != nil {
		return false, err
	}
	defer release()
	known := encoded != ""
	if !known {
		encoded = nobody
	}
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, fmt.Errorf("read a password hash: not argon2id")
	}
	var m, t uint32
	var p uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &m, &t, &p); err != nil {
		return false, fmt.Errorf("read a password hash: %w", err)
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, fmt.Errorf("read a password hash: %w", err)
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return false, fmt.Errorf("read a password hash: %w", err)
	}
	got := argon2.IDKey([]byte(password), salt, t, m, p, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1 && known, nil
}

// alphabet has no characters that people mix up when they copy by hand.
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789"

// Random returns a password of four groups of four, about 79 bits.
func Random() (string, error) {
	raw := make([]byte, 16)
	if _, err := rand.Read(raw); err != nil {
		return "", fmt.Errorf("make a password: %w", err)
	}
	var b strings.Builder
	for i, c := range raw {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(alphabet[int(c)%len(alphabet)])
	}
	return b.String(), nil
}
