package paper

import (
	"context"
	"sync/atomic"

	"hocba/internal/fault"
)

// gate lets a few in, makes some wait, and sends the rest away at once.
type gate struct {
	inside  chan struct{}
	present atomic.Int32 // inside or waiting
	limit   int32
}

func newGate(running, waiting int) *gate {
	return &gate{inside: make(chan struct{}, running), limit: int32(running + waiting)}
}

// enter waits for a place; leave must be called once. Fails with Unavailable
// `paper.busy` when too many wait already, `paper.timeout` when ctx ends.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	if g.present.Add(1) > g.limit {
		g.present.Add(-1)
		return nil, fault.New(fault.Unavailable, "paper.busy")
	}
	select {
	case g.inside <- struct{}{}:
		return func() { <-g.inside; g.present.Add(-1) }, nil
	case <-ctx.Done():
		g.present.Add(-1)
		return nil, fault.Wrap(ctx.Err(), fault.Unavailable, "paper.timeout")
	}
}
