# Makes the Markdown table from lines
#   round name user-before system-before user-after system-after requests seconds p50 p99 errors resident-KB

function median(list, count,   i, j, t) {
  for (i = 2; i <= count; i++) {
    t = list[i]
    for (j = i - 1; j >= 1 && list[j] > t; j--) list[j + 1] = list[j]
    list[j + 1] = t
  }
  return count % 2 ? list[(count + 1) / 2] : (list[count / 2] + list[count / 2 + 1]) / 2
}

function middle(field, name,   i, list) {
  for (i = 1; i <= rounds; i++) list[i] = value[field, name, i]
  return median(list, rounds)
}

function ratio(field, name,   i, list, base, m) {
  if (!(("cpu", "nginx", 1) in value)) return "-"
  for (i = 1; i <= rounds; i++) {
    base = value[field, "nginx", i]
    list[i] = base > 0 ? value[field, name, i] / base : 0
  }
  m = median(list, rounds)
  return sprintf("%.2f (%.2f–%.2f)", m, list[1], list[rounds])
}

{
  round = $1; name = $2
  if (round > rounds) rounds = round
  value["rate", name, round] = $7 / $8
  value["user", name, round] = ($5 - $3) / hertz * 1e6 / $7
  value["system", name, round] = ($6 - $4) / hertz * 1e6 / $7
  value["cpu", name, round] = value["user", name, round] + value["system", name, round]
  value["p50", name, round] = $9 / 1000
  value["p99", name, round] = $10 / 1000
  value["memory", name, round] = $12 / 1024
  errors[name] += $11
}

END {
  print "| proxy | requests/s | CPU µs/request (user + system) | ÷ nginx | p50 ms | p99 ms | p99 ÷ nginx | resident MB | errors |"
  print "|---|---|---|---|---|---|---|---|---|"
  count = split(names, order, " ")
  for (i = 1; i <= count; i++) {
    name = order[i]
    printf "| %s | %d | %.1f (%.1f + %.1f) | %s | %.2f | %.2f | %s | %d | %d |\n", name, middle("rate", name), middle("cpu", name),
      middle("user", name), middle("system", name), ratio("cpu", name), middle("p50", name), middle("p99", name), ratio("p99", name),
      middle("memory", name), errors[name]
  }
}
