package cluster

import (
	"context"
	"time"
)

// keepUp starts the server again when it dies: killed for want of memory, by
// an operator's slip, or by the end of the program that had started it. Until
// ctx ends.
func (c *Cluster) keepUp(ctx context.Context) {
	defer close(c.keeper)
	delay := pause
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.died(ctx):
		}
		if ctx.Err() != nil {
			return
		}
		c.log.Error("PostgreSQL has died and is started again", "pid", c.PID())
		if err := c.revive(ctx); err != nil && ctx.Err() == nil {
			c.log.Error("PostgreSQL could not be started again", "error", err, "next", delay)
			select {
			case <-ctx.Done():
			case <-time.After(delay):
			}
			delay = min(2*delay, 10*time.Second)
			continue
		}
		delay = pause
	}
}

// died is closed when the server is gone or ctx ends.
func (c *Cluster) died(ctx context.Context) <-chan struct{} {
	c.mu.Lock()
	s := c.server
	c.mu.Unlock()
	if s.gone != nil {
		return s.gone
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for s.alive() {
			select {
			case <-ctx.Done():
				return
			case <-time.After(4 * pause):
			}
		}
	}()
	return gone
}

func (c *Cluster) revive(ctx context.Context) error {
	turn, err := waitForTurn(ctx, c.home.path("turn.lock"))
	if err != nil {
		return err
	}
	defer turn.release()
	s, err := c.bringUp(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.server = s
	c.mu.Unlock()
	return nil
}
