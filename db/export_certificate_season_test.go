package db

import (
	"time"

	"github.com/lib/pq"

	"hocba/internal/school"
)

// SealQueries are the questions about the seals below a unit with arguments as
// their methods give them.
func SealQueries(unitID int64, now time.Time) map[string][]any {
	return map[string][]any{
		sealsSQL:        {now, unitID, "registered", "", SealsPage + 1, 0},
		countSealsSQL:   {now, unitID},
		waitingSealsSQL: {now, unitID},
	}
}

// SeasonQueries are the program's own questions about what ends in a season.
func SeasonQueries(unitID int64, now, before time.Time) map[string][]any {
	return map[string][]any{
		stampStateSQL: {MostStampsCounted},
		soonestSQL:    {now, unitID, before, school.DateOf(now), time.Time{}, 0},
		expiringSQL:   {now, pq.Array([]int64{unitID}), before, school.DateOf(now)},
	}
}
