package db

import "time"

// SetWallBack has the machine's clock look as if somebody had set it back since
// the program began.
func SetWallBack(d *DB, by time.Duration) { d.wall = d.wall.Add(by) }
