-- wrk: one line for the harness instead of text for people.
-- requests, seconds, p50 and p99 in microseconds, errors
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("RESULT %d %.6f %d %d %d\n",
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
