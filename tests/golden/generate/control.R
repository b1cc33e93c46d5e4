# Writes ../control.json: reference values for lienthong.metrology.control and capability.
# Rscript control.R, in this folder.
library(jsonlite)

grubbs <- function(n, alpha, sides) {
  t <- qt(alpha / (sides * n), n - 2, lower.tail = FALSE)
  (n - 1) / sqrt(n) * sqrt(t^2 / (n - 2 + t^2))
}

# Share covered by mean + z/sqrt(n) +- k*s solved for r by root finding, then integrated over the mean's error.
tolerance <- function(n, coverage, confidence) {
  half <- function(z) uniroot(function(r) pnorm(z + r) - pnorm(z - r) - coverage, c(0, abs(z) + 10), tol = 1e-13)$root
  held <- function(k) {
    f <- function(zs) sapply(zs, function(z) {
      dnorm(z) * pchisq((n - 1) * half(z / sqrt(n))^2 / k^2, n - 1, lower.tail = FALSE)
    })
    2 * integrate(f, 0, 9, rel.tol = 1e-11, subdivisions = 500)$value
  }
  uniroot(function(k) held(k) - confidence, c(1, 60), tol = 1e-11)$root
}

error_limit <- function(bias, sd, coverage) {
  f <- function(e) pnorm((e - bias) / sd) - pnorm((-e - bias) / sd) - coverage
  uniroot(f, c(0, abs(bias) + 12 * sd), tol = 1e-13)$root
}

set.seed(20261126)
values <- round(rnorm(240, rep(c(5, 120), each = 120), rep(c(0.15, 3), each = 120)), 3)
series <- rep(c("S1", "S2"), each = 120)
month <- rep(rep(c("2026-01", "2026-02", "2026-03", "2026-04"), each = 30), 2)
monthly <- aggregate(values, list(series = series, month = month), function(x) c(length(x), mean(x), sd(x)))
monthly <- monthly[order(monthly$series, monthly$month), ]
until <- do.call(rbind, lapply(seq_len(nrow(monthly)), function(i) {
  x <- values[series == monthly$series[i] & month <= monthly$month[i]]
  c(length(x), mean(x), sd(x))
}))

old <- round(exp(rnorm(12, 2, 0.6)), 2)
new <- round(old * (1.01 + rnorm(12, 0, 0.02)), 2)
paired <- t.test(new, old, paired = TRUE, conf.level = 0.95)

n <- c(3:20, 30, 50, 100)
sizes <- c(3, 5, 10, 20, 50, 100)
out <- list(
  made_with = paste(R.version.string, "jsonlite", packageVersion("jsonlite")),
  grubbs = list(
    n = n,
    two_sided_5 = grubbs(n, 0.05, 2), two_sided_1 = grubbs(n, 0.01, 2),
    one_sided_5 = grubbs(n, 0.05, 1), one_sided_1 = grubbs(n, 0.01, 1)
  ),
  tolerance = list(
    n = sizes,
    c95_95 = sapply(sizes, tolerance, 0.95, 0.95), c99_95 = sapply(sizes, tolerance, 0.99, 0.95),
    c95_90 = sapply(sizes, tolerance, 0.95, 0.90)
  ),
  prediction = list(
    n = sizes,
    k2 = qt(pnorm(-2), sizes - 1, lower.tail = FALSE) * sqrt(1 + 1 / sizes),
    k3 = qt(pnorm(-3), sizes - 1, lower.tail = FALSE) * sqrt(1 + 1 / sizes)
  ),
  c4 = list(n = sizes, c4 = sqrt(2 / (sizes - 1)) * gamma(sizes / 2) / gamma((sizes - 1) / 2)),
  error_limit = list(
    bias = c(0, 0.5, 1, -2, 6, 20), cv = c(2, 2, 3, 1, 2.5, 4),
    limit = mapply(error_limit, c(0, 0.5, 1, -2, 6, 20), c(2, 2, 3, 1, 2.5, 4), 0.95)
  ),
  months = list(
    values = values, series = series, month = month,
    monthly = unname(monthly$x), cumulative = unname(until)
  ),
  paired = list(
    old = old, new = new, mean = unname(paired$estimate),
    lower = paired$conf.int[1], upper = paired$conf.int[2]
  )
)
write(toJSON(out, digits = I(17), auto_unbox = TRUE, pretty = FALSE), "../control.json")
