package server

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/regent-iam/regent/internal/dispatch"
)

// metrics are what operators watch. No label tells of accounts, names or keys
// (TH-110).
type metrics struct {
	handler  http.Handler
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec

	mu     sync.RWMutex
	series map[outcome]series
}

func newMetrics(s *Server) (*metrics, error) {
	registry := prometheus.NewRegistry()
	m := &metrics{
		series:  map[outcome]series{},
		handler: promhttp.HandlerFor(registry, promhttp.HandlerOpts{}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "regent_requests_total", Help: "Requests answered, by service, operation and status.",
		}, []string{"service", "operation", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "regent_request_seconds", Help: "Time from the request's header to the end of its answer.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 4, 10),
		}, []string{"service"}),
	}
	collectors := []prometheus.Collector{
		m.requests, m.seconds,
		counter("regent_record_written_total", "Audit records written.", func() uint64 { return s.recorder.Counters().Written }),
		counter("regent_record_dropped_total", "Audit records lost because writing failed for too long.", func() uint64 { return s.recorder.Counters().Dropped }),
		counter("regent_record_sampled_total", "Unsigned calls beyond the cap, not recorded.", func() uint64 { return s.recorder.Counters().Sampled }),
		counter("regent_sessions_unlisted_total", "Sessions that were minted and not noted for listing.", func() uint64 { return s.holders.Dropped() }),
		counter("regent_record_errors_total", "Failed writes of audit records.", func() uint64 {
			c := s.recorder.Counters()
			return c.WriteErrors + c.OutboxErrors
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "regent_sealing_key_seals", Help: "Times that the sealing key in use has sealed since the server has it.",
		}, func() float64 { ring := s.authn.Ring(); return float64(ring.Seals(ring.Current())) }),
	}
	for _, c := range collectors {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("metrics: %w", err)
		}
	}
	return m, nil
}

func counter(name, help string, read func() uint64) prometheus.Collector {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(read()) })
}

// observe counts a request. The operation is one of the models' or empty, so
// no client can make up labels.
func (m *metrics) observe(o *dispatch.Outcome, took time.Duration) {
	s := m.of(outcome{o.Service, o.Operation, o.Status})
	s.requests.Inc()
	s.seconds.Observe(took.Seconds())
}

// An outcome is what tells requests apart in the metrics.
type outcome struct {
	service, operation string
	status             int
}

// series are the metrics of requests with one outcome.
type series struct {
	requests prometheus.Counter
	seconds  prometheus.Observer
}

// of returns the metrics of an outcome. To find them by their labels costs more
// than to count.
func (m *metrics) of(o outcome) series {
	m.mu.RLock()
	s, ok := m.series[o]
	m.mu.RUnlock()
	if ok {
		return s
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s = series{m.requests.WithLabelValues(o.service, o.operation, strconv.Itoa(o.status)), m.seconds.WithLabelValues(o.service)}
	m.series[o] = s
	return s
}
