package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"hocba/db"
	"hocba/internal/workflow"
)

const (
	// streamBeat is how often a quiet stream says that it lives and asks whether
	// its person still may listen.
	streamBeat = 15 * time.Second
	// streamPause is the least time between two readings of one stream: an open
	// grid sees what others write within five seconds.
	streamPause = time.Second
	// streamWrite is how long a browser may take to accept an event.
	streamWrite = 10 * time.Second
	// streamOverlap is read again at the beginning: a transaction may end some
	// time after the instant it wrote.
	streamOverlap = time.Minute
)

// streamCells tells an open grid what is written in its class and period by
// others, as server-sent events: event cells, data [[cell, value], …], id the
// instant up to which it was read. It begins with what was written since the
// page was made (since, microseconds) or since the last event that arrived.
// The stream ends with the session, the duty, the program, or the browser.
func (p *Portal) streamCells(r *request) error {
	at, err := r.classPeriod()
	if err != nil {
		return err
	}
	follower, err := p.feed.Follow(at, r.account.ID, r.gridTab())
	if err != nil {
		return err
	}
	defer follower.Close()
	since := r.lastHeard().Add(-streamOverlap)
	cells, upTo, err := p.changedCells(r.ctx(), r, at, since)
	if err != nil {
		return err
	}
	r.viewed("gradebook", at.ClassID)
	s, err := beginStream(r)
	if err != nil {
		return err
	}
	if err := s.tell(cells, upTo); err != nil {
		return nil // the browser has gone
	}
	p.keepTelling(r, at, follower, s)
	return nil
}

// keepTelling waits for notices and hands on what they are about, until the
// stream has to end.
func (p *Portal) keepTelling(r *request, at db.ClassPeriod, follower *db.Follower, s stream) {
	beat := time.NewTicker(streamBeat)
	defer beat.Stop()
	for {
		var cells []db.CellValue
		upTo := time.Time{}
		select {
		case <-r.ctx().Done():
			return
		case <-p.stopping:
			return
		case <-beat.C:
			if _, err := p.listener(r); err != nil {
				return
			}
		case <-follower.Wake():
			fresh, err := p.listener(r)
			if err != nil {
				return
			}
			if cells, upTo, err = p.changedCells(r.ctx(), fresh, at, follower.Since()); err != nil {
				return
			}
		}
		if s.tell(cells, upTo) != nil {
			return
		}
		if upTo.IsZero() {
			continue
		}
		select { // many saves in a row are one reading
		case <-time.After(streamPause):
		case <-r.ctx().Done():
			return
		case <-p.stopping:
			return
		}
	}
}

// listener is who listens, as of now.
func (p *Portal) listener(r *request) (*request, error) {
	ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), requestIDKey, requestID(r.ctx())), streamWrite)
	defer cancel()
	fresh, err := r.again(ctx)
	if err == nil && !workflow.Can(fresh.actor.Role, workflow.PermReadRecord) {
		err = errSignIn
	}
	return fresh, err
}

// changedCells reads what the person may see of what was written since.
func (p *Portal) changedCells(ctx context.Context, who *request, at db.ClassPeriod, since time.Time) (cells []db.CellValue, upTo time.Time, err error) {
	err = p.db.As(ctx, who.actor, func(tx *db.Tx) error {
		upTo = tx.Now
		cells, err = tx.CellsSince(ctx, at, since)
		return err
	})
	return cells, upTo, err
}

// lastHeard is up to when the browser knows the cells: the last event it got,
// or the making of its page.
func (r *request) lastHeard() time.Time {
	text := r.Request().Header.Get("Last-Event-ID")
	if text == "" {
		text = r.QueryParam("since")
	}
	micros, err := strconv.ParseInt(text, 10, 64)
	if err != nil || micros <= 0 {
		return r.now
	}
	return time.UnixMicro(micros)
}

// gridTab is the name an open grid gives itself, so that it is not told of its
// own saves; anything but a short run of letters and digits is no name.
func (r *request) gridTab() string {
	tab := r.FormValue("tab")
	if len(tab) > 16 {
		return ""
	}
	for _, c := range tab {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return ""
		}
	}
	return tab
}

// stream is an answer that goes on.
type stream struct {
	http.ResponseWriter
	control *http.ResponseController
}

// beginStream sends the head of the answer. The server's limits on reading and
// writing are for answers with an end; here each event has its own.
func beginStream(r *request) (stream, error) {
	s := stream{r.Response(), http.NewResponseController(r.Response())}
	if err := s.control.SetReadDeadline(time.Time{}); err != nil {
		return s, fmt.Errorf("open a stream: %w", err)
	}
	s.Header().Set("Content-Type", "text/event-stream")
	s.Header().Set("Connection", "close")     // its deadlines must not outlive it
	s.Header().Set("X-Accel-Buffering", "no") // a proxy before us must not collect events
	s.WriteHeader(http.StatusOK)
	return s, nil
}

// tell sends cells as one event, or a sign of life when there are none.
func (s stream) tell(cells []db.CellValue, upTo time.Time) error {
	text := []byte(":\n\n")
	if len(cells) > 0 {
		pairs := make([][2]string, len(cells))
		for i, c := range cells {
			pairs[i] = [2]string{cellName(c.CellRef), c.Value}
		}
		data, err := json.Marshal(pairs)
		if err != nil {
			return err
		}
		text = fmt.Appendf(nil, "id: %d\nevent: cells\ndata: %s\n\n", upTo.UnixMicro(), data)
	}
	if err := s.control.SetWriteDeadline(time.Now().Add(streamWrite)); err != nil {
		return err
	}
	if _, err := s.Write(text); err != nil {
		return err
	}
	return s.control.Flush()
}
