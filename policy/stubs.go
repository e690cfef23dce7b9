package policy

// Explain …
func (l *Layers) Explain(r *Request) Explanation { panic("policy: …") }
