package db

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lib/pq"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// cellsChannel carries notices of changed cells between processes: numbers of
// the class, the period and the instant, never a value or a name. Whoever may
// see the values reads them.
const cellsChannel = "gradebook_cells"

// tellEvery is how long notices are gathered before other processes hear of
// them. NOTIFY inside the saving transaction would tell nobody sooner, and holds
// a lock of the whole database until the commit: measured, eight writers save
// 575 cells a second instead of 1,000.
const tellEvery = 250 * time.Millisecond

// Bounds of one process. An account's browsers keep one stream for each grid
// that is looked at.
const (
	maxFollowers        = 2000
	maxAccountFollowers = 8
)

// topic is what a follower listens to.
type topic struct {
	class  int64
	period school.Period
}

// cellsNotice tells that a committed transaction wrote cells: which, the
// instant it wrote to the entries, and the grid it came from.
type cellsNotice struct {
	topic
	at     time.Time
	origin string
}

// tellCells tells the open grids of this process at once and those of others
// soon after. It has no error: the values are committed, and a grid that missed
// a notice reads them when it next connects.
func (d *DB) tellCells(ctx context.Context, notices []cellsNotice) {
	if len(notices) == 0 {
		return
	}
	if f := d.feed.Load(); f != nil {
		f.tell(notices)
		return
	}
	for _, n := range notices { // a command of the program, beside the server
		_, _ = d.portal.ExecContext(ctx, `SELECT pg_notify($1, $2)`, cellsChannel, n.text("-"))
	}
}

// text is the notice as it goes from process to process.
func (n cellsNotice) text(process string) string {
	return fmt.Sprintf("%s %d %s %d %s", process, n.class, n.period, n.at.UnixMicro(), n.origin)
}

func parseNotice(text string) (process string, n cellsNotice, ok bool) {
	part := strings.SplitN(text, " ", 5)
	if len(part) != 5 {
		return "", n, false
	}
	class, err := strconv.ParseInt(part[1], 10, 64)
	micros, err2 := strconv.ParseInt(part[3], 10, 64)
	return part[0], cellsNotice{topic{class, school.Period(part[2])}, time.UnixMicro(micros), part[4]}, err == nil && err2 == nil
}

// Feed tells the open grids of this process that cells were changed, by
// whatever process. It holds one listening connection, opened for the first
// follower; while that connection is down followers hear nothing of other
// processes, and are woken when it is back.
type Feed struct {
	db      *DB
	log     *slog.Logger
	process string // by which it knows its own notices
	done    chan struct{}
	work    chan struct{} // there are notices to pass on
	wait    sync.WaitGroup

	mu        sync.Mutex
	listener  *pq.Listener
	followers map[topic]map[*Follower]bool
	accounts  map[int64]int
	count     int
	closed    bool
	untold    map[topic]cellsNotice // of this process, for the others
}

// NewFeed makes the feed of the process. Close must be called when nobody
// follows or saves any more.
func (d *DB) NewFeed(log *slog.Logger) *Feed {
	f := &Feed{db: d, log: log, process: rand.Text(), done: make(chan struct{}), work: make(chan struct{}, 1),
		followers: map[topic]map[*Follower]bool{}, accounts: map[int64]int{}, untold: map[topic]cellsNotice{}}
	f.wait.Add(1)
	go f.passOn()
	d.feed.Store(f)
	return f
}

// Follower is one open grid. Its buffer is one instant: however slow its
// reader, it holds nothing but the time from which to read.
type Follower struct {
	feed    *Feed
	topic   topic
	account int64
	origin  string
	wake    chan struct{}

	mu    sync.Mutex
	since time.Time // earliest instant not yet read; zero: none
}

// Follow begins to follow the cells of a class and period. What the grid named
// origin saves itself does not wake it. More streams than the process or the
// account may have are refused: Unavailable, throttle.streams.
func (f *Feed) Follow(at ClassPeriod, account int64, origin string) (*Follower, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || f.count >= maxFollowers || f.accounts[account] >= maxAccountFollowers {
		return nil, fault.New(fault.Unavailable, "throttle.streams")
	}
	if f.listener == nil {
		f.listener = pq.NewListener(f.db.dsn, time.Second, 30*time.Second, f.report)
		f.wait.Add(1)
		go f.run(f.listener)
	}
	w := &Follower{feed: f, topic: topic{at.ClassID, at.Period}, account: account, origin: origin, wake: make(chan struct{}, 1)}
	if f.followers[w.topic] == nil {
		f.followers[w.topic] = map[*Follower]bool{}
	}
	f.followers[w.topic][w] = true
	f.accounts[account]++
	f.count++
	return w, nil
}

// Close ends the listening; what was not yet told to other processes is told.
func (f *Feed) Close() {
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return
	}
	f.closed = true
	listener := f.listener
	f.mu.Unlock()
	f.db.feed.CompareAndSwap(f, nil)
	close(f.done)
	if listener != nil {
		_ = listener.Close() // ended already: nothing is lost
	}
	f.wait.Wait()
}

// tell wakes the followers of this process and notes the rest down.
func (f *Feed) tell(notices []cellsNotice) {
	for _, n := range notices {
		f.hear(n)
		f.mu.Lock()
		if old, ok := f.untold[n.topic]; ok {
			if old.origin != n.origin {
				n.origin = ""
			}
			if old.at.Before(n.at) {
				n.at = old.at
			}
		}
		f.untold[n.topic] = n
		f.mu.Unlock()
	}
	select {
	case f.work <- struct{}{}:
	default: // somebody is on it
	}
}

// passOn tells other processes what was gathered, one statement at a time.
func (f *Feed) passOn() {
	defer f.wait.Done()
	for open := true; open; {
		select {
		case <-f.work:
			select {
			case <-time.After(tellEvery):
			case <-f.done:
				open = false
			}
		case <-f.done:
			open = false
		}
		f.mu.Lock()
		var texts []string
		for _, n := range f.untold {
			texts = append(texts, n.text(f.process))
		}
		clear(f.untold)
		f.mu.Unlock()
		if len(texts) == 0 {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		_, err := f.db.portal.ExecContext(ctx, `SELECT pg_notify($1, x) FROM unnest($2::text[]) AS x`, cellsChannel, pq.Array(texts))
		cancel()
		if err != nil {
			f.log.Error("tell other processes of changed cells", "error", err)
		}
	}
}

func (f *Feed) report(event pq.ListenerEventType, err error) {
	if event == pq.ListenerEventConnectionAttemptFailed || event == pq.ListenerEventDisconnected {
		f.log.Warn("listen for changed cells", "error", err) // the listener connects again by itself
	}
}

// run hands notices to followers. A connection that is silently gone is found
// by a ping a minute; whatever may have been missed is read again.
func (f *Feed) run(listener *pq.Listener) {
	defer f.wait.Done()
	if err := listener.Listen(cellsChannel); err != nil {
		f.log.Error("listen for changed cells", "error", err)
	}
	f.wakeAll(f.db.Now().Add(-time.Minute)) // saved before the listening began
	ping := time.NewTicker(time.Minute)
	defer ping.Stop()
	for {
		select {
		case <-f.done:
			return
		case n := <-listener.Notify:
			if n == nil {
				f.wakeAll(f.db.Now().Add(-5 * time.Minute)) // connected again
				continue
			}
			process, notice, ok := parseNotice(n.Extra)
			if !ok {
				f.log.Error("notice of changed cells", "notice", n.Extra)
			} else if process != f.process {
				f.hear(notice)
			}
		case <-ping.C:
			_ = listener.Ping() // a dead connection is opened again, and reported
		}
	}
}

// hear wakes the followers of one notice, all but the one it came from.
func (f *Feed) hear(n cellsNotice) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for w := range f.followers[n.topic] {
		if n.origin == "" || n.origin != w.origin {
			w.rouse(n.at)
		}
	}
}

func (f *Feed) wakeAll(since time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, group := range f.followers {
		for w := range group {
			w.rouse(since)
		}
	}
}

func (w *Follower) rouse(since time.Time) {
	w.mu.Lock()
	if w.since.IsZero() || since.Before(w.since) {
		w.since = since
	}
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default: // it is awake already
	}
}

// Wake receives when there is something to read.
func (w *Follower) Wake() <-chan struct{} { return w.wake }

// Since returns from which instant on values are to be read, and forgets it.
func (w *Follower) Since() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	since := w.since
	w.since = time.Time{}
	return since
}

// Close ends the following.
func (w *Follower) Close() {
	f := w.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.followers[w.topic][w] {
		return
	}
	delete(f.followers[w.topic], w)
	if len(f.followers[w.topic]) == 0 {
		delete(f.followers, w.topic)
	}
	if f.accounts[w.account]--; f.accounts[w.account] == 0 {
		delete(f.accounts, w.account)
	}
	f.count--
}

// CellValue is a value that stands in a cell.
type CellValue struct {
	CellRef
	Value string
}

// CellsSince returns the cells of every entry that was written at or after an
// instant, of the items the actor may see: leaders and the homeroom teacher
// all, a subject teacher the own subjects. A class in which a teacher has no
// duty today, or of another school, is NotFound, class.unknown.
func (t *Tx) CellsSince(ctx context.Context, at ClassPeriod, since time.Time) ([]CellValue, error) {
	own, all, err := t.readable(ctx, at)
	if err != nil {
		return nil, err
	}
	year, ok := school.ParseYear(string(at.Year))
	if !ok {
		return nil, fault.New(fault.NotFound, "page.unknown")
	}
	var list []struct {
		EnrolmentID int64            `db:"enrolment_id"`
		Item        evaluation.Item  `db:"item"`
		Level       evaluation.Level `db:"level"`
		Mark        *int             `db:"mark"`
		Remark      string           `db:"remark"`
		Exempt      bool             `db:"exempt"`
	}
	// The year stands in the text for the plan's sake, as in entries.
	err = t.list(ctx, "read changed cells", &list, fmt.Sprintf(`SELECT x.enrolment_id, x.item, x.level, x.mark, x.remark, x.exempt
		FROM school.entry x
		WHERE x.school_year = '%s' AND x.enrolment_id = ANY(ARRAY(SELECT e.id FROM school.enrolment e
		    WHERE e.class_id = $1 AND e.from_date <= $2 AND (e.to_date IS NULL OR e.to_date >= $2)))
		  AND x.period = $3 AND x.updated_at >= $4 AND ($5 OR x.item = ANY($6))
		ORDER BY x.updated_at`, year), at.ClassID, school.DateOf(t.Now), at.Period, since, all, pq.Array(codes(own)))
	if err != nil {
		return nil, err
	}
	var out []CellValue
	for _, e := range list {
		entry := evaluation.Entry{Level: e.Level, Mark: e.Mark, Remark: e.Remark, Exempt: e.Exempt}
		for _, f := range e.Item.Fields() {
			out = append(out, CellValue{CellRef{e.EnrolmentID, e.Item, f}, entry.Value(f)})
		}
	}
	return out, nil
}

// readable tells which subjects of a class the actor may read, or that it is
// everything.
func (t *Tx) readable(ctx context.Context, at ClassPeriod) (own []school.Subject, all bool, err error) {
	if _, err := t.Class(ctx, at.Year, at.ClassID); err != nil {
		return nil, false, err
	}
	if t.Actor.Role != workflow.Teacher {
		return nil, true, nil
	}
	own, homeroom, err := t.ownDuties(ctx, at.ClassID)
	if err == nil && !homeroom && len(own) == 0 {
		err = fault.New(fault.NotFound, "class.unknown")
	}
	return own, homeroom, err
}
