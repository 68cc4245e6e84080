package jobstest

import (
	"fmt"
	"sync"
	"time"

	"hocba/db"
	"hocba/internal/jobs"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/software"
	"hocba/internal/workflow"
)

// PINs of everybody's keys, so that pages can unlock them.
const (
	PersonPIN = "246810"
	SealPIN   = "13572468"
)

// key is a private key with its certificate and the blob of the key store.
type key struct {
	pen  jobs.Pen
	blob []byte
}

// keys are made once a test program: sealing one costs 35 ms. They are found
// by the holder's name.
type keys struct {
	ca     *demo.CA
	secret *software.Secret

	mu   sync.Mutex
	made map[string]key
}

var shared = sync.OnceValues(func() (*keys, error) {
	ca, err := demo.New(nil, begin)
	if err != nil {
		return nil, err
	}
	k := &keys{ca: ca, made: map[string]key{}}
	k.secret, err = software.NewSecret(zeros{})
	return k, err
})

// begin is the first day of every certificate.
var begin = time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)

// zeros is a source without randomness: the server secret of tests.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// of returns the key of a holder, made at first need.
func (k *keys) of(kind demo.Kind, name, organization string) (key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if made, ok := k.made[name]; ok {
		return made, nil
	}
	private, err := software.Generate(signing.ECDSASHA256)
	if err != nil {
		return key{}, err
	}
	n := len(k.made) + 1
	request := demo.Request{Kind: kind, Name: name, Organization: organization, NotBefore: begin, NotAfter: begin.AddDate(5, 0, 0),
		PublicKey: private.Public()}
	pin, store := PersonPIN, software.KindPerson
	if kind == demo.Person {
		request.PersonalNumber = fmt.Sprintf("0480900%05d", n)
	} else {
		request.TaxCode, pin, store = fmt.Sprintf("40000%05d", n), SealPIN, software.KindSeal
	}
	made := key{pen: jobs.Pen{Key: private}}
	if made.pen.Certificate, err = k.ca.Issue(request); err != nil {
		return key{}, err
	}
	if made.blob, err = software.Seal(store, []byte(pin), k.secret, private); err != nil {
		return key{}, err
	}
	k.made[name] = made
	return made, nil
}

// Secret is the server secret of every chain, for a portal that is wired before
// there is one.
func Secret() *software.Secret {
	k, err := shared()
	if err != nil {
		return nil
	}
	return k.secret
}

// Secret is the server secret under which every blob of the chain is sealed.
func (c *Chain) Secret() *software.Secret { return c.keys.secret }

// Pen is a person's key.
func (c *Chain) Pen(a workflow.Actor) jobs.Pen { return c.pens[a.Name] }

// Seal is the seal of the school of class 4A, approved by the authority.
func (c *Chain) Seal() jobs.Pen { return c.pens[c.Cast.School.Name] }

// OtherSeal is the approved seal of the second school.
func (c *Chain) OtherSeal() jobs.Pen { return c.pens[c.Cast.OtherSchool.Name] }

// Trust returns the trust list of the test's database.
func (c *Chain) Trust() *signing.TrustList {
	c.t.Helper()
	trust, err := c.D.TrustList(c.t.Context())
	if err != nil {
		c.t.Fatalf("read the trust list: %v", err)
	}
	return trust
}

// certify gives everybody a key and a certificate, the two schools approved
// seals, and lets the database trust the authority.
func (c *Chain) certify() error {
	if err := c.trust(); err != nil {
		return err
	}
	people := []workflow.Actor{c.Cast.Huong, c.Cast.Minh, c.Cast.Principal, c.Cast.Deputy, c.Cast.OtherPrincipal, c.Cast.OtherTeacher}
	system := workflow.Actor{Kind: workflow.System}
	return c.D.As(c.t.Context(), system, func(tx *db.Tx) error {
		for _, p := range people {
			k, err := c.keys.of(demo.Person, p.Name, c.Cast.School.Name)
			if err != nil {
				return err
			}
			if err := c.keep(tx, db.PersonCertificate, p.AccountID, p.Name, k); err != nil {
				return err
			}
		}
		for _, u := range []struct {
			id   int64
			name string
		}{{c.Cast.School.ID, c.Cast.School.Name}, {c.Cast.OtherSchool.ID, c.Cast.OtherSchool.Name}} {
			k, err := c.keys.of(demo.Seal, u.name, u.name)
			if err != nil {
				return err
			}
			if err := c.keep(tx, db.SealCertificate, u.id, u.name, k); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *Chain) keep(tx *db.Tx, purpose db.Purpose, owner int64, name string, k key) error {
	ctx := c.t.Context()
	id, err := tx.KeepCertificate(ctx, purpose, owner, k.pen.Certificate, k.blob)
	if err != nil {
		return err
	}
	kinds := []string{"declared", "registered"}
	if purpose == db.SealCertificate {
		kinds = append(kinds, "approved")
	}
	for _, kind := range kinds {
		if err := tx.CertificateEvent(ctx, id, kind, 0, "", begin); err != nil {
			return err
		}
	}
	c.pens[name] = k.pen
	return nil
}

// trust writes the authority's root as the schema's owner: the program's own
// roles cannot.
func (c *Chain) trust() error {
	root := c.keys.ca.Anchor().Certificate
	certificate, err := signing.NewCertificate(root)
	if err != nil {
		return err
	}
	_, err = c.D.Owner().Exec(`INSERT INTO core.trust_root (fingerprint, pem, trial, valid_from) VALUES ($1, $2, true, $3)
		ON CONFLICT DO NOTHING`, certificate.Fingerprint(), string(c.keys.ca.RootPEM()), begin)
	if err != nil {
		return err
	}
	_, err = c.D.Owner().Exec(`INSERT INTO core.setting (unit_id, name, value, changed_at) VALUES ($1, 'signature_policy', '{"production":false}', $2)
		ON CONFLICT DO NOTHING`, c.Cast.Department.ID, begin)
	return err
}

// CA is the authority of every chain.
func CA() *demo.CA {
	k, err := shared()
	if err != nil {
		return nil
	}
	return k.ca
}

// Hire adds a teacher to the cast's school, with the password and the PIN of
// everybody else and a certificate of the own.
func (c *Chain) Hire(username, name, code string) workflow.Actor {
	c.t.Helper()
	cast := c.Cast
	who := workflow.Actor{Kind: workflow.Person, TeacherCode: code, Name: name, Role: workflow.Teacher,
		UnitID: cast.School.ID, UnitCode: cast.School.Code, SchoolID: cast.School.ID}
	var hash string
	err := c.D.Owner().QueryRow(`SELECT password_hash FROM core.account WHERE id = $1`, cast.Minh.AccountID).Scan(&hash)
	if err != nil {
		c.t.Fatalf("read the cast's password: %v", err)
	}
	err = c.D.As(c.t.Context(), workflow.Actor{Kind: workflow.System}, func(tx *db.Tx) error {
		who.AccountID, err = tx.CreateAccount(c.t.Context(), db.NewAccount{Username: username, FullName: name, TeacherCode: code, PasswordHash: hash})
		if err != nil {
			return err
		}
		if err := tx.GrantRole(c.t.Context(), who.AccountID, cast.School.ID, workflow.Teacher, school.Date{Year: 2025, Month: 7, Day: 1}); err != nil {
			return err
		}
		k, err := c.keys.of(demo.Person, name, cast.School.Name)
		if err != nil {
			return err
		}
		return c.keep(tx, db.PersonCertificate, who.AccountID, name, k)
	})
	if err != nil {
		c.t.Fatalf("hire a teacher: %v", err)
	}
	return who
}
