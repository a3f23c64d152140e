"""What runs inside Redis, one at a time: a reservation, and a batch of news that counts once however often it is sent.

The keys of a batch are not declared, so this is for one server (and its replicas), not for a cluster.
"""

from functools import cache
from hashlib import sha1

# Room in every bucket, or nothing. Gives {0, 0}; or the number of the claim that has none and of its measure; or
# {-1, 0, seconds, microseconds} (Redis's time) when it comes so late that nobody waits for it any more.
# KEYS: for each claim, the hash of its counts and the set of its leases.
# ARGV: the deadline by Redis's own clock, the lease and its length in seconds; for each claim: whether it has a window,
# the caps of requests, tokens, input_tokens, output_tokens and concurrent (-1: none), how many seconds its counts are
# kept, and the tokens wanted (in, out).
RESERVE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
if now > tonumber(ARGV[1]) then return {-1, 0, time[1], time[2]} end
for i = 0, #KEYS / 2 - 1 do
  local counts, leases, at = KEYS[2 * i + 1], KEYS[2 * i + 2], 4 + i * 9
  if ARGV[at] == '1' then
    local used = redis.call('HMGET', counts, 'requests', 'input_tokens', 'output_tokens')
    local gone_in, gone_out = tonumber(used[2]) or 0, tonumber(used[3]) or 0
    local input, output = tonumber(ARGV[at + 7]), tonumber(ARGV[at + 8])
    local requests, all = (tonumber(used[1]) or 0) + 1, gone_in + gone_out + input + output
    local wanted = {requests, all, gone_in + input, gone_out + output}
    for n = 1, 4 do
      local cap = ARGV[at + n]
      if cap ~= '-1' and wanted[n] > tonumber(cap) then return {i + 1, n - 1} end
    end
  end
  local cap = ARGV[at + 5]
  if cap ~= '-1' and redis.call('ZCARD', leases) + 1 > tonumber(cap) then
    redis.call('ZREMRANGEBYSCORE', leases, '-inf', now)
    if redis.call('ZCARD', leases) + 1 > tonumber(cap) then return {i + 1, 4} end
  end
end
for i = 0, #KEYS / 2 - 1 do
  local counts, leases, at = KEYS[2 * i + 1], KEYS[2 * i + 2], 4 + i * 9
  if ARGV[at] == '1' then
    local first = redis.call('HINCRBY', counts, 'requests', 1) == 1
    if ARGV[at + 7] ~= '0' then redis.call('HINCRBY', counts, 'input_tokens', ARGV[at + 7]) end
    if ARGV[at + 8] ~= '0' then redis.call('HINCRBY', counts, 'output_tokens', ARGV[at + 8]) end
    if first then redis.call('EXPIRE', counts, ARGV[at + 6]) end
  end
  if ARGV[at + 5] ~= '-1' then
    redis.call('ZADD', leases, now + tonumber(ARGV[3]), ARGV[2])
    redis.call('EXPIRE', leases, ARGV[at + 6])
  end
end
return {0, 0}
"""

# Lets counts be at least so high. ARGV: as JSON, of each the key, the field, the value, and the seconds to keep it.
RAISE = """
for _, each in ipairs(cjson.decode(ARGV[1])) do
  local known = redis.pcall('HGET', each[1], each[2])
  if type(known) ~= 'table' and (tonumber(known) or 0) < tonumber(each[3]) then
    redis.pcall('HSET', each[1], each[2], each[3])
    redis.pcall('EXPIRE', each[1], each[4])
  end
end
return 1
"""

# KEYS: where a router's last batch is noted. ARGV: the number of this one, and its commands as JSON. One of them is our
# own: LEASE (key, lease, seconds) prolongs a lease. A command that fails stops none of the others.
TELL = """
if (tonumber(redis.call('GET', KEYS[1])) or 0) >= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', 86400)
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
for _, command in ipairs(cjson.decode(ARGV[2])) do
  if command[1] == 'LEASE' then
    redis.pcall('ZADD', command[2], now + tonumber(command[4]), command[3])
  else
    redis.pcall(unpack(command))
  end
end
return 1
"""

# Reads, and the time of Redis (seconds, microseconds), in one answer: JSON is read faster than Redis's own protocol.
# ARGV: the commands as JSON. Gives a list of the time and the answers; a hash is a list of names and values in turn.
LOOK = """
local found = {redis.call('TIME')}
for _, command in ipairs(cjson.decode(ARGV[1])) do
  local answer = redis.pcall(unpack(command))
  if type(answer) == 'table' and answer.err then return redis.error_reply(answer.err) end
  found[#found + 1] = answer
end
return cjson.encode(found)
"""

SCRIPTS = (RESERVE, TELL, RAISE, LOOK)


@cache
def digest(script: str) -> str:
    """What Redis calls a script that it has loaded."""
    return sha1(script.encode(), usedforsecurity=False).hexdigest()
