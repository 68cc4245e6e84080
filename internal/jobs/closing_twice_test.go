package jobs_test

import (
	"sync"
	"testing"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/workflow"
)

// atOnce runs act eight times at the same moment, as eight clicks do, and
// returns the statements that came of it; a click that comes too late may be
// refused with one of the codes.
func atOnce(t *testing.T, act func() (int64, error), late ...string) map[int64]bool {
	t.Helper()
	ids := map[int64]bool{}
	var mu sync.Mutex
	var clicks sync.WaitGroup
	for range 8 {
		clicks.Go(func() {
			id, err := act()
			mu.Lock()
			defer mu.Unlock()
			if id != 0 {
				ids[id] = true
			}
			for _, code := range late {
				if fault.Is(err, code) {
					return
				}
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	clicks.Wait()
	return ids
}

// Of a double click one CHOT is sealed into the books: a second one would be
// refused by the registry, and the principal would read that instead of the
// success of the first.
func TestClose_EightTimesAtOnceIsOneStatement(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Submit(t)
	c.OpenClosing(t)
	s, seal := c.Submission(), c.Seal()
	ids := atOnce(t, func() (int64, error) {
		return s.Close(t.Context(), c.Cast.Principal, c.June(), nil, seal)
	}, "closing.already")
	if len(ids) != 1 {
		t.Fatalf("%d statements: %v", len(ids), ids)
	}
	as(t, c, c.Cast.Principal, func(tx *db.Tx) error {
		list, err := tx.Statements(t.Context(), c.June().Year, c.Cast.Class.ID, bundle.Closing)
		if len(list) != 1 || list[0].Result != bundle.Accepted {
			t.Errorf("stored %+v", list)
		}
		return err
	})
}

func TestRecall_EightTimesAtOnceIsOneStatement(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Submit(t)
	c.OpenClosing(t)
	s, seal := c.Submission(), c.Seal()
	ids := atOnce(t, func() (int64, error) {
		return s.Recall(t.Context(), c.Cast.Principal, c.Records[2], "Nhập nhầm môn Toán.", seal)
	}, "record.stage", "record.not_accepted")
	if len(ids) != 1 {
		t.Fatalf("%d statements: %v", len(ids), ids)
	}
	if got := stages(t, c); got[workflow.HomeroomSigned] != 1 || got[workflow.Accepted] != 7 {
		t.Errorf("stages %v", got)
	}
}
