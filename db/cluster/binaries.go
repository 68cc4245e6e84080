package cluster

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// minMajor is the first PostgreSQL whose databases sort by ICU by default.
const minMajor = 15

// installation is one PostgreSQL on this machine.
type installation struct {
	bin   string
	major int
}

// findBinaries returns the directory of initdb and postgres: of the version
// that made the data, or the newest if there is none yet.
func findBinaries(h home) (string, error) {
	return choose(h, installations("/usr/lib/postgresql/*/bin"))
}

func choose(h home, found []installation) (string, error) {
	if len(found) == 0 {
		return "", ErrNoPostgres
	}
	made, err := os.ReadFile(filepath.Join(h.data, "PG_VERSION"))
	if err != nil {
		return found[0].bin, nil
	}
	major := strings.TrimSpace(string(made))
	for _, inst := range found {
		if strconv.Itoa(inst.major) == major {
			return inst.bin, nil
		}
	}
	return "", &VersionError{Dir: h.root, Made: major}
}

// installations lists what pattern and the PATH hold, newest first.
func installations(pattern string) []installation {
	bins, err := filepath.Glob(pattern)
	if err != nil {
		bins = nil
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			bins = append(bins, filepath.Dir(real))
		}
	}
	var found []installation
	for _, bin := range bins {
		if major := majorOf(bin); major >= minMajor {
			found = append(found, installation{bin, major})
		}
	}
	slices.SortStableFunc(found, func(a, b installation) int { return b.major - a.major })
	return found
}

// majorOf asks the server's binary for its version; 0 if there is no complete
// server in bin.
func majorOf(bin string) int {
	if _, err := exec.LookPath(filepath.Join(bin, "initdb")); err != nil {
		return 0
	}
	said, err := exec.Command(filepath.Join(bin, "postgres"), "--version").Output()
	if err != nil {
		return 0
	}
	// "postgres (PostgreSQL) 15.20 (Debian …)", "… 18beta1"
	fields := strings.Fields(string(said))
	if len(fields) < 3 {
		return 0
	}
	digits := strings.IndexFunc(fields[2], func(r rune) bool { return r < '0' || r > '9' })
	if digits < 0 {
		digits = len(fields[2])
	}
	major, err := strconv.Atoi(fields[2][:digits])
	if err != nil {
		return 0
	}
	return major
}
