// Package software keeps private keys in the program's own database, each
// under the PIN of its holder and a secret of the server: who steals the
// database cannot try PINs, who steals the server's secret has no keys.
//
// It is the provider for demonstrations and for schools whose authority allows
// it. It knows no accounts and no pupils, and it does not count wrong PINs:
// limiting attempts is the caller's part.
//
// A key is stored as a blob of version 1, big-endian:
//
//	"HBK" 1            magic and version
//	kind               1 person, 2 seal
//	time, memory, threads   argon2id: passes (4 bytes), KiB (4), lanes (1)
//	salt               16 bytes
//	secret id          8 bytes, names the server secret
//	public key         SHA-256 of the SubjectPublicKeyInfo
//	nonce              12 bytes
//	ciphertext         AES-256-GCM of the PKCS #8 key, all before it as
//	                   additional data
//	seal               16 bytes, HMAC of all before it under the server secret
//
// The encryption key is HKDF-SHA256(argon2id(PIN, salt) ‖ server secret).
package software

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"hocba/internal/fault"
	"hocba/internal/signing"
)

// Kind says what a key signs as; it decides how long its PIN must be.
type Kind byte

// The kinds of key.
const (
	KindPerson Kind = 1 // a teacher's or a principal's own signature
	KindSeal   Kind = 2 // the seal of a school or an authority
)

// MinPIN returns the least number of characters of a PIN for a key of kind k.
func (k Kind) MinPIN() int {
	if k == KindSeal {
		return 8
	}
	return 6
}

const (
	magic      = "HBK\x01"
	saltSize   = 16
	nonceSize  = 12
	gcmTag     = 16
	sealSize   = 16
	headerSize = len(magic) + 1 + 4 + 4 + 1 + saltSize + secretIDSize + sha256.Size
	maxPIN     = 256
	maxBlob    = 8192
)

// cost is the work one guess of a PIN takes.
type cost struct {
	passes, memory uint32 // memory in KiB
	lanes          uint8
}

// currentCost takes some 35 ms and 46 MiB on one core (OWASP's first choice
// for argon2id). Blobs carry their own, so it may be raised any day.
var currentCost = cost{passes: 1, memory: 46 << 10, lanes: 1}

// sound bounds what a blob may ask for.
func (c cost) sound() bool {
	return c.passes >= 1 && c.passes <= 16 && c.memory >= 8<<10 && c.memory <= 256<<10 && c.lanes >= 1 && c.lanes <= 4
}

// derivations bounds how many PINs are worked on at once, and so the memory.
var derivations = make(chan struct{}, 2)

// checkPIN brings a PIN into NFC, so that two keyboards write the same, and
// checks its length in characters.
func checkPIN(kind Kind, pin []byte) ([]byte, error) {
	if kind != KindPerson && kind != KindSeal {
		return nil, fault.New(fault.Invalid, "key.kind")
	}
	if !utf8.Valid(pin) || len(pin) > maxPIN {
		return nil, fault.New(fault.Invalid, "key.pin_malformed")
	}
	clean := norm.NFC.Append(make([]byte, 0, maxPIN+64), pin...)
	if n := utf8.RuneCount(clean); n < kind.MinPIN() {
		clear(clean)
		return nil, fault.New(fault.Invalid, "key.pin_short", "min", string('0'+rune(kind.MinPIN())))
	}
	return clean, nil
}

// Seal encrypts key under pin and secret and returns the blob to store. It
// fails with Invalid key.pin_short (argument min), key.pin_malformed, key.kind,
// key.weak or key.algorithm. pin is not altered.
func Seal(kind Kind, pin []byte, secret *Secret, key crypto.Signer) ([]byte, error) {
	if _, err := signing.KeyAlgorithm(key.Public()); err != nil {
		return nil, err
	}
	clean, err := checkPIN(kind, pin)
	if err != nil {
		return nil, err
	}
	defer clear(clean)
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "key.algorithm")
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "key.algorithm")
	}
	defer clear(private)

	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails, see its documentation
	sum := sha256.Sum256(public)
	blob := make([]byte, 0, headerSize+nonceSize+len(private)+gcmTag+sealSize)
	blob = append(blob, magic...)
	blob = append(blob, byte(kind))
	blob = binary.BigEndian.AppendUint32(blob, currentCost.passes)
	blob = binary.BigEndian.AppendUint32(blob, currentCost.memory)
	blob = append(blob, currentCost.lanes)
	blob = append(blob, salt...)
	blob = append(blob, secret.id()...)
	blob = append(blob, sum[:]...)
	header := blob[:headerSize:headerSize]

	box, err := cipherFor(clean, salt, currentCost, secret)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, nonceSize)
	rand.Read(nonce)
	blob = append(blob, nonce...)
	blob = box.Seal(blob, nonce, private, header)
	return append(blob, secret.seal(blob)...), nil
}

// Open decrypts a blob. It fails with Forbidden key.pin when the PIN is wrong,
// Unavailable key.secret when the blob was made under another server secret,
// and Internal key.damaged when it is not what Seal returned.
func Open(pin []byte, secret *Secret, blob []byte) (*Key, error) {
	h, err := readHeader(secret, blob)
	if err != nil {
		return nil, err
	}
	clean, err := checkPIN(h.kind, pin)
	if err != nil {
		return nil, fault.Wrap(err, fault.Forbidden, "key.pin")
	}
	defer clear(clean)
	box, err := cipherFor(clean, h.salt, h.cost, secret)
	if err != nil {
		return nil, err
	}
	private, err := box.Open(nil, h.nonce, h.ciphertext, blob[:headerSize])
	if err != nil {
		return nil, fault.New(fault.Forbidden, "key.pin")
	}
	defer clear(private)
	return newKey(h.kind, private, h.public)
}

// header is what a blob says before it is opened.
type header struct {
	kind              Kind
	cost              cost
	salt              []byte
	public            [sha256.Size]byte
	nonce, ciphertext []byte
}

func readHeader(secret *Secret, blob []byte) (*header, error) {
	if len(blob) < headerSize+nonceSize+gcmTag+sealSize || len(blob) > maxBlob || string(blob[:len(magic)]) != magic {
		return nil, fault.New(fault.Internal, "key.damaged")
	}
	take := func(n int) []byte {
		part := blob[:n]
		blob = blob[n:]
		return part
	}
	body, seal := blob[:len(blob)-sealSize], blob[len(blob)-sealSize:]
	blob = body[len(magic):]
	h := &header{kind: Kind(take(1)[0])}
	h.cost.passes = binary.BigEndian.Uint32(take(4))
	h.cost.memory = binary.BigEndian.Uint32(take(4))
	h.cost.lanes = take(1)[0]
	h.salt = take(saltSize)
	if string(take(secretIDSize)) != string(secret.id()) {
		return nil, fault.New(fault.Unavailable, "key.secret")
	}
	h.public = [sha256.Size]byte(take(sha256.Size))
	h.nonce = take(nonceSize)
	h.ciphertext = blob
	if !hmac.Equal(seal, secret.seal(body)) || !h.cost.sound() {
		return nil, fault.New(fault.Internal, "key.damaged")
	}
	return h, nil
}

// cipherFor derives the encryption key and returns its cipher.
func cipherFor(pin, salt []byte, c cost, secret *Secret) (cipher.AEAD, error) {
	derivations <- struct{}{}
	stretched := argon2.IDKey(pin, salt, c.passes, c.memory, c.lanes, sha256.Size)
	<-derivations
	material := append(make([]byte, 0, sha256.Size+secretSize), stretched...)
	material = append(material, secret.bytes[:]...)
	defer clear(material)
	defer clear(stretched)
	key, err := hkdf.Key(sha256.New, material, salt, "hocba software key 1", 32)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "key.derivation")
	}
	defer clear(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "key.derivation")
	}
	return cipher.NewGCM(block)
}
