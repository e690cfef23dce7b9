package record

// BreakFile makes the next write to r's file fail.
func BreakFile(r *Recorder) error {
	r.fileMu.Lock()
	defer r.fileMu.Unlock()
	return r.trail.file.Close()
}
