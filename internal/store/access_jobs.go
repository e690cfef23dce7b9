package store

import (
	"time"

	"github.com/regent-iam/regent/internal/identity"
)

// Bounds of what is kept of access reports. A report is 40 KiB at most.
const (
	// AccessJobLife is how long a report may be read.
	AccessJobLife = 7 * 24 * time.Hour
	// maxAccessJobs are how many an account has, maxAccessJobsOf how many one
	// principal has of them. The oldest go.
	maxAccessJobs   = 200
	maxAccessJobsOf = 20
	// droppedJobs is how many one transaction removes.
	droppedJobs = 50
)

func accessJobKey(a identity.AccountID, id string) key { return join("access-job", string(a), id) }
func accessJobsKey(a identity.AccountID) key           { return join("access-jobs", string(a)) }

// accessJobs are the reports of an account, the oldest first.
type accessJobs struct {
	Jobs []accessJobRef `json:"jobs"`
}

type accessJobRef struct {
	ID string    `json:"id"`
	By string    `json:"by"`
	At time.Time `json:"at"`
}

// AccessJob returns a report of the account that is not too old to be read.
func (tx *Tx) AccessJob(a identity.AccountID, id string, now time.Time) (*identity.AccessJob, error) {
	j, err := get[identity.AccessJob](tx, accessJobKey(a, id))
	if err == nil && now.Sub(j.Created) > AccessJobLife {
		return nil, ErrNotFound
	}
	return j, err
}

// AccessJobsSince returns how many reports somebody has that are not older than
// a time.
func (tx *Tx) AccessJobsSince(a identity.AccountID, by string, since time.Time) (int, error) {
	jobs, err := get[accessJobs](tx, accessJobsKey(a))
	if missing(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	n := 0
	for _, j := range jobs.Jobs {
		if j.By == by && !j.At.Before(since) {
			n++
		}
	}
	return n, nil
}

// AddAccessJob enters a report, and removes those that are too old and the
// oldest of those that are too many.
func (tx *Tx) AddAccessJob(a identity.AccountID, j *identity.AccessJob) error {
	jobs, err := get[accessJobs](tx, accessJobsKey(a))
	if missing(err) {
		jobs, err = new(accessJobs), nil
	}
	if err != nil {
		return err
	}
	all, own := len(jobs.Jobs)+1, 1
	for _, ref := range jobs.Jobs {
		if ref.By == j.By {
			own++
		}
	}
	kept, dropped := make([]accessJobRef, 0, all), 0
	for _, ref := range jobs.Jobs {
		surplus := all > maxAccessJobs || ref.By == j.By && own > maxAccessJobsOf
		if dropped == droppedJobs || !surplus && j.Created.Sub(ref.At) <= AccessJobLife {
			kept = append(kept, ref)
			continue
		}
		if err := tx.remove(accessJobKey(a, ref.ID)); err != nil {
			return err
		}
		dropped++
		all--
		if ref.By == j.By {
			own--
		}
	}
	jobs.Jobs = append(kept, accessJobRef{j.ID, j.By, j.Created})
	if err := put(tx, accessJobsKey(a), jobs); err != nil {
		return err
	}
	return put(tx, accessJobKey(a, j.ID), j)
}
