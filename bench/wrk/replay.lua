-- Sends the requests of a file in turn, one a line: method, path, body, separated by tabs. They are formatted once,
-- because the generator shares the machine with what it measures. Prints one line of results for the runner.

local requests, position = {}, 0

function init(args)
  local kind = os.getenv("BENCH_BODY_TYPE")
  if kind then -- the file is the body of every request, to the path of the URL
    local file = io.open(args[1], "rb")
    requests, position = {wrk.format("POST", nil, {["Content-Type"] = kind}, file:read("*a"))}, 1
    return
  end
  local headers = {["Content-Type"] = "application/json"}
  local key = os.getenv("BENCH_API_KEY")
  if key then
    headers["Authorization"] = "Bearer " .. key
  end
  for line in io.lines(args[1]) do
    local method, path, body = line:match("^(%S+)\t(%S+)\t(.*)$")
    requests[#requests + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
  end
  math.randomseed(tonumber(tostring({}):match("0x(%x+)"), 16))
  position = math.random(#requests)
end

function request()
  position = position % #requests + 1
  return requests[position]
end

function done(summary, latency)
  local failed = summary.errors
  io.write(string.format(
    'BENCH {"requests": %d, "duration_us": %d, "p50_us": %d, "p99_us": %d, "max_us": %d, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max,
    failed.status, failed.connect + failed.read + failed.write + failed.timeout))
end
